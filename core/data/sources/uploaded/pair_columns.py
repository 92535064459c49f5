"""Which column of a person's file holds what: recognised by its name, or as the person says."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from core.errors import PrecedenceError

ATTRIBUTES = {
    "category": ("category", "product_class", "product_category"),
}
"""What a column may say of a product beside its title and key, where a change by hand can name its values."""
NAMES = {
    "title": ("title", "product_title", "product_name", "name", "document"),
    "query": ("query", "search_query", "search_term", "query_text"),
    "label": ("label", "grade", "relevance", "relevant", "esci_label", "judgement"),
    "key": ("product_id", "key", "id", "asin", "sku"),
    **ATTRIBUTES,
}
"""Names that a column may have, the best first, those of WANDS and ESCI among them; capitals do not count."""


def recognised(columns: Sequence[str]) -> dict[str, str]:
    """What each column is, by its name: a part of NAMES → the file's own spelling; what is not there is left out."""
    by_name = {name.strip().lower(): name for name in columns}
    found = {what: next((by_name[name] for name in names if name in by_name), None) for what, names in NAMES.items()}
    return {what: name for what, name in found.items() if name is not None}


def chosen(said: Sequence[str]) -> dict[str, str]:
    """What flags say, each like `title=Product name`."""
    found = {}
    for pair in said:
        what, equals, name = pair.partition("=")
        if not equals or what not in NAMES or not name:
            raise PrecedenceError(f"{pair!r} names no column; write WHAT=COLUMN with {', '.join(NAMES)} for WHAT.")
        found[what] = name
    return found


def needed(source: str, columns: Sequence[str], chosen: Mapping[str, str], what: str) -> str:
    """The column of `what`, or a sentence that says which one is missing."""
    name = chosen.get(what)
    if name is None:
        raise PrecedenceError(
            f"{source} has no column for the {what} (its columns: {', '.join(columns)[:200]}); "
            f"name one {' or '.join(NAMES[what])}."
        )
    if name not in columns:
        raise PrecedenceError(
            f"{source} has no column {name[:40]!r} (its columns: {', '.join(columns)[:200]}); name one of them for the "
            f"{what}."
        )
    return name
