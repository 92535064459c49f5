"""Labels of judged pairs become grades 0 … G: words, whole numbers from any number on, decimals, several judges."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from core.data.pairs.judged import HIGHEST
from core.data.reading.options import NULL_WORDS
from core.errors import PrecedenceError

GRADES = (
    {"exact": 2, "partial": 1, "irrelevant": 0},  # WANDS
    {"e": 3, "s": 2, "c": 1, "i": 0},  # ESCI
    {"exact": 3, "substitute": 2, "complement": 1, "irrelevant": 0},  # ESCI in full
)
"""Words of published data, each with its grade."""
RANKED = (
    "terrible; very bad; completely irrelevant",
    "bad; poor; irrelevant; not relevant; non-relevant; nonrelevant; unrelated; off topic; off-topic; wrong; mismatch; "
    "no match; no; false; fail",
    "marginal; marginally relevant; slightly relevant; weak; weakly relevant",
    "fair; partial; partially relevant; partly relevant; somewhat relevant; moderate; moderately relevant; medium; "
    "acceptable; average; ok; okay; maybe; borderline; related; partial match",
    "good; relevant; match; yes; true; pass",
    "very good; very relevant; highly relevant; great; strong",
    "excellent; exact; exact match",
    "perfect; perfect match; perfectly relevant; ideal; vital; navigational",
)
"""Words by which people grade, the worst first: those that a file has are its grades, 0 the worst of them."""
_RANK = {word: rank for rank, words in enumerate(RANKED) for word in words.split("; ")}
UNKNOWN = {word.lower() for word in NULL_WORDS} | {"-1", "-1.0"}
"""Labels of pairs that nobody has judged."""
DECIMAL_LEVELS = 3  # the highest grade to which decimals are stretched


def is_unknown(label: str) -> bool:
    """Whether a label says that nobody has judged the pair."""
    return label.strip().lower() in UNKNOWN


def is_known_scale(words: Sequence[str]) -> bool:
    """Whether labels become grades by themselves: known words, or numbers; else somebody has to say their order."""
    distinct = {word.strip().lower() for word in words if not is_unknown(word)}
    return bool(_known_words(distinct)) or all(map(_is_number, distinct))


def grades_of(
    source: str, labels: Sequence[str], rows: Sequence[int], order: Sequence[str] = ()
) -> tuple[NDArray[np.float32], list[str]]:
    """[n] the grade of each label, and sentences of how labels became grades; refuses what is none, naming its row.

    `order`: the labels as words, the worst first, where somebody said so; else they are words of `GRADES` or `RANKED`,
    or numbers.
    """
    plain = [label.strip().lower() for label in labels]
    distinct = set(plain)
    words = _said(source, order, plain, rows) if order else _known_words(distinct)
    if words:
        said = ", ".join(f"{word} {words[word]}" for word in sorted(distinct, key=words.__getitem__, reverse=True))
        named = np.array([words[label] for label in plain], dtype=np.float32)
        return named, [f"Labels are words, as grades: {said}."]
    values = np.array([_number(source, label, row) for label, row in zip(labels, rows, strict=True)], np.float64)
    low, high = float(values.min()), float(values.max())
    if (values == np.floor(values)).all() and high - low <= HIGHEST and (high <= HIGHEST or low > 0):
        if low == 0 or len(distinct) < 2:
            return values.astype(np.float32), []
        pairs = ", ".join(f"{value:g} is {value - low:g}" for value in np.unique(values).tolist())
        return (values - low).astype(np.float32), [
            f"Labels begin at {low:g}, which is taken as not fitting; as grades from 0: {pairs}."
        ]
    found = (values - low) * DECIMAL_LEVELS / (high - low) if high > low else np.full_like(values, DECIMAL_LEVELS)
    lowest = f"{low:g}, the lowest, is 0, taken as not fitting; " if low > 0 else ""
    return found.astype(np.float32), [
        f"Labels are numbers from {low:g} to {high:g}: stretched to grades 0 … {DECIMAL_LEVELS} ({lowest}{high:g} is "
        f"{DECIMAL_LEVELS}), by whose decimals an order is measured; tasks ask for the nearest whole grade."
    ]


def _known_words(distinct: set[str]) -> dict[str, int]:
    """The grade of each word; nothing where any is unknown, or all are of one rank."""
    for words in GRADES:
        if distinct <= set(words):
            return words
    if not distinct <= set(_RANK):
        return {}
    ranks = sorted({_RANK[word] for word in distinct})
    return {word: ranks.index(_RANK[word]) for word in distinct} if len(ranks) > 1 else {}


def _said(source: str, order: Sequence[str], labels: Sequence[str], rows: Sequence[int]) -> dict[str, int]:
    words = {word.strip().lower(): grade for grade, word in enumerate(order)}
    for label, row in zip(labels, rows, strict=True):
        if label not in words:
            raise PrecedenceError(
                f"The label {label[:40]!r} of {source}, in row {row}, is none of those that were said, the worst "
                f"first: {', '.join(order)[:200]}; add it at its place."
            )
    return words


def _is_number(word: str) -> bool:
    try:
        return float(word.replace(",", ".")) >= 0
    except ValueError:
        return False


def _number(source: str, label: str, row: int) -> float:
    try:
        value = float(label.replace(",", ".") if label.count(",") == 1 else label)
    except ValueError:
        value = -1.0
    if not 0 <= value < np.inf:
        raise PrecedenceError(
            f"The label {label[:40]!r} of {source}, in row {row}, is no grade; give numbers from 0 (more is better), "
            "usual words such as bad, fair, good, perfect, those of WANDS or ESCI, or say the order of your own with "
            "column 'NAME=label:worst<better<best'."
        )
    return value
