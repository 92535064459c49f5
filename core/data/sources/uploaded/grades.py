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
    {"good": 1, "bad": 0},
    {"true": 1, "false": 0},
    {"yes": 1, "no": 0},
    {"relevant": 1, "irrelevant": 0},
    {"relevant": 1, "not relevant": 0},
)
"""Words that labels may be, each with its grade; otherwise labels are numbers."""
UNKNOWN = {word.lower() for word in NULL_WORDS} | {"-1", "-1.0"}
"""Labels of pairs that nobody has judged."""
DECIMAL_LEVELS = 3  # the highest grade to which decimals are stretched


def is_unknown(label: str) -> bool:
    """Whether a label says that nobody has judged the pair."""
    return label.strip().lower() in UNKNOWN


def grades_of(source: str, labels: Sequence[str], rows: Sequence[int]) -> tuple[NDArray[np.float32], list[str]]:
    """[n] the grade of each label, and sentences of how labels became grades; refuses what is none, naming its row."""
    distinct = {label.lower() for label in labels}
    for words in GRADES:
        if distinct <= set(words):
            said = ", ".join(f"{word} {words[word]}" for word in sorted(distinct, key=words.__getitem__, reverse=True))
            named = np.array([words[label.lower()] for label in labels], dtype=np.float32)
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
    found = np.maximum(values, 0) * (DECIMAL_LEVELS / high if high > 0 else 1.0)
    return found.astype(np.float32), [
        f"Labels are decimals from {low:g} to {high:g}: stretched to grades 0 … {DECIMAL_LEVELS} ({high:g} is "
        f"{DECIMAL_LEVELS}), by whose decimals an order is measured; tasks ask for the nearest whole grade."
    ]


def _number(source: str, label: str, row: int) -> float:
    try:
        value = float(label.replace(",", ".") if label.count(",") == 1 else label)
    except ValueError:
        value = -1.0
    if not 0 <= value < np.inf:
        raise PrecedenceError(
            f"The label {label[:40]!r} of {source}, in row {row}, is no grade; give numbers from 0 (more is better), "
            "or the words of WANDS (Exact, Partial, Irrelevant) or ESCI (E, S, C, I)."
        )
    return value
