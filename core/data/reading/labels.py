"""What the cells of a label mean: yes and no, counts, numbers or classes, and the cells that nobody knows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import duckdb

from core.data.parquet import literal
from core.data.reading.options import NULL_WORDS, ColumnChoice

MOST_CLASSES = 100
YES_NO = (("no", "yes"), ("n", "y"), ("false", "true"), ("f", "t"), ("0", "1"), ("off", "on"), ("bad", "good"),
          ("negative", "positive"), ("failure", "success"), ("nein", "ja"), ("falsch", "wahr"), ("non", "oui"),
          ("faux", "vrai"), ("no", "sí"), ("no", "si"), ("no", "sì"), ("não", "sim"), ("nee", "ja"), ("nej", "ja"),
          ("nei", "ja"), ("nie", "tak"), ("ne", "ano"), ("ei", "kyllä"), ("нет", "да"), ("否", "是"), ("没有", "有"),
          ("いいえ", "はい"), ("아니오", "예"), ("hayır", "evet"))  # fmt: skip
"""Words for 0 and 1; capitals do not count."""
UNKNOWN_NUMBER = "-1"
MOSTLY = 0.95  # share of known cells that are numbers where the others count as failed


@dataclass(frozen=True)
class LabelRule:
    """How a column of texts becomes a label, a DOUBLE, NULL where nobody knows."""

    kind: str  # binary, count, number or classes
    value: str  # SQL
    unknown: tuple[str, ...]  # cells that were taken for unknown, beside empty ones
    classes: tuple[str, ...] = ()
    note: str = ""
    may_fail: bool = False


def label_rule(
    database: duckdb.DuckDBPyConnection,
    table: str,
    source: str,
    name: str,
    choice: ColumnChoice,
    number: str,
    nulls: Sequence[str] | None,
) -> LabelRule | None:
    """The rule for a label column of texts; None where its words are too many to be classes."""
    unknown = (*choice.unknown, *(nulls if nulls is not None else NULL_WORDS))
    cell = f"trim({source})"
    known = f"{source} <> '' AND {cell} NOT IN ({', '.join(map(literal, ('', *unknown)))})"
    filled, numbers = database.execute(
        f"SELECT count(*), count(*) FILTER (({number}) IS NOT NULL) FROM {table} WHERE {known}"
    ).fetchall()[0]
    query = f"SELECT DISTINCT {cell} FROM {table} WHERE {known} ORDER BY 1 LIMIT {MOST_CLASSES + 2}"
    held = [str(word) for (word,) in database.execute(query).fetchall()]
    odd, asked = filled - numbers, choice.label
    numbered = asked == "classes" and not odd and 2 * sum(map(_is_class, held)) > len(held)  # the rest is told as wrong
    wanted = asked in ("count", "number", "binary") and numbers > odd
    if not choice.classes and (numbered or wanted or (asked != "classes" and numbers >= MOSTLY * filled)):
        values = _values(database, table, number, known)
        return _of_numbers(name, choice, number, known, values, odd > 0)
    if choice.label in (None, "binary") and not choice.classes:
        lower = {word.lower() for word in held}
        for no, yes in YES_NO:
            if lower <= {no, yes}:
                value = f"CASE WHEN {known} THEN (lower({cell}) = {literal(yes)})::INT::DOUBLE END"
                return LabelRule("binary", value, choice.unknown, note=f"{yes} is 1, {no} is 0")
    classes = choice.classes or _ordered(held)
    if len(classes) > MOST_CLASSES or (not choice.classes and choice.label is None and len(classes) < 2):
        return None
    place = f"list_position([{', '.join(map(literal, classes))}], {cell})"
    value = f"CASE WHEN {known} THEN ({place} - 1)::DOUBLE END"
    shown = ", ".join(f"{word} {at}" for at, word in enumerate(classes[:6])) + (" …" if len(classes) > 6 else "")
    return LabelRule("classes", value, choice.unknown, tuple(classes), f"classes: {shown}", may_fail=True)


def _values(database: duckdb.DuckDBPyConnection, table: str, number: str, known: str) -> list[float]:
    """The different numbers of the known cells, as far as they are few."""
    query = f"SELECT DISTINCT {number} AS v FROM {table} WHERE {known} AND v IS NOT NULL LIMIT {MOST_CLASSES + 2}"
    return [float(value) for (value,) in database.execute(query).fetchall()]


def _of_numbers(name: str, choice: ColumnChoice, number: str, known: str, held: list[float], odd: bool) -> LabelRule:
    values = set(held)
    taken = choice.unknown
    note, few = "", len(held) <= MOST_CLASSES
    value = f"CASE WHEN {known} THEN {number} END"
    for word in choice.unknown:
        value = f"nullif({value}, {_number(word)})" if _number(word) is not None else value
    if few and values == {-1.0, 1.0} and choice.label in (None, "binary") and not choice.unknown:
        return LabelRule("binary", f"(({value}) + 1) / 2", taken, note="−1 is 0, 1 is 1")
    if few and -1.0 in values and values <= {-1.0, 0.0, 1.0} and choice.label is None and not choice.unknown:
        value = f"nullif({value}, -1)"
        values.discard(-1.0)
        taken = (*taken, UNKNOWN_NUMBER)
        note = f"−1 is taken as unknown; as a number with column '{name}=label:number'"
    whole = few and all(one.is_integer() and one >= 0 for one in values)
    guessed = "binary" if values <= {0.0, 1.0} else "count" if whole else "number"
    return LabelRule(choice.label or guessed, value, taken, note=note, may_fail=odd)


def _ordered(words: list[str]) -> list[str]:
    """Classes in the order of their numbers, where they are such."""
    try:
        return sorted(words, key=float)
    except ValueError:
        return words


def _is_class(word: str) -> bool:
    """Whether it is a class number."""
    value = _number(word)
    return value is not None and value.is_integer() and 0 <= value < MOST_CLASSES


def _number(word: str) -> float | None:
    try:
        return float(word)
    except ValueError:
        return None
