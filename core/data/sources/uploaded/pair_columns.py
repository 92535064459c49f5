"""Which column of a person's file holds what: recognised by its name, or as the person says."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from core.data.reading import roles
from core.data.reading.options import ROLES
from core.data.reading.reader import Reading
from core.errors import PrecedenceError

ATTRIBUTES = {
    "category": roles.PAIRS["category"],
}
"""What a column may say of a product beside its title and key, where a change by hand can name its values."""
OF_CLICKS = ("click", "position", "shown", "search")
"""What says something where no label does."""
NAMES = {
    **{("key" if role == "id" else role): names for role, names in roles.PAIRS.items() if role != "category"},
    **ATTRIBUTES,
}
"""Names that a column may have, the best first, those of WANDS and ESCI among them; capitals do not count."""


def recognised(columns: Sequence[str]) -> dict[str, str]:
    """What each column is, by its name: a part of NAMES → the file's own spelling; what is not there is left out."""
    return roles.recognised(columns, NAMES)


def columns_of(reading: Reading) -> dict[str, str]:
    """What each column is, as the reader took it or was told."""
    found = {("key" if role == "id" else role): reading.of_role(role) for role in roles.PAIRS}
    return {what: names[0] for what, names in found.items() if names}


def chosen(said: Sequence[str]) -> dict[str, str]:
    """What flags say, each like `title=Product name`."""
    found = {}
    for pair in said:
        what, equals, name = pair.partition("=")
        if not equals or what not in NAMES or not name:
            raise PrecedenceError(f"{pair!r} names no column; write WHAT=COLUMN with {', '.join(NAMES)} for WHAT.")
        found[what] = name
    return found


def told(said: Sequence[str]) -> tuple[dict[str, str] | None, list[str]]:
    """Flags that all say WHAT=COLUMN, as `chosen` reads them, and those that say NAME=ROLE; one of the two is empty,
    but for the order of a label's words, NAME=label:worst<best, which is of the second form beside either."""
    orders = [pair for pair in said if "=label:" in pair and "<" in pair]
    others = [pair for pair in said if pair not in orders]
    if others and all(map(_names_a_part, others)):
        return chosen(others), orders
    return None, list(said)


def _names_a_part(pair: str) -> bool:
    """Whether a flag says WHAT=COLUMN: `query=query` says the same both ways, and key is no role."""
    what, _, name = pair.partition("=")
    return what == "key" or (what in NAMES and (name == what or name not in ROLES))


def needed(source: str, columns: Sequence[str], chosen: Mapping[str, str], what: str) -> str:
    """The column of `what`, or a sentence that says which one is missing."""
    name = chosen.get(what)
    if name is None:
        raise PrecedenceError(
            f"{source} has no column for the {what} (its columns: {', '.join(columns)[:200]}); "
            f"name one {' or '.join(NAMES[what][:6])}, or say which it is, e.g. column "
            f"'{columns[0][:40] if columns else 'name'}={what}'."
        )
    if name not in columns:
        raise PrecedenceError(
            f"{source} has no column {name[:40]!r} (its columns: {', '.join(columns)[:200]}); name one of them for the "
            f"{what}."
        )
    return name
