"""Overrides that stand in each other's way, in a sentence each."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from core.relevance.index import Index
from core.relevance.overrides.override import Override


def conflicts(overrides: Sequence[Override], index: Index | None = None) -> list[str]:
    """What a person should know of a list of overrides, oldest first.

    Three cases: two rules at one place (the newer stands), a specific rule that suspends a general one, and a rule that
    changes a product's weight of a word which no query may use any more. Without an `index` nothing is known of what
    products two rules share.
    """
    found: list[str] = []
    standing: dict[tuple[str, str, str], Override] = {}
    for override in overrides:
        earlier = standing.pop(override.place, None)
        if earlier is not None and earlier != override:
            found.append(f"Two rules for one place: {override.words()}; the older one, {earlier.words()}, is replaced.")
        standing[override.place] = override
    by_word: dict[str, list[Override]] = {}
    for rule in standing.values():
        by_word.setdefault(rule.word, []).append(rule)
    for rule in standing.values():
        for other in by_word[rule.word]:
            if _suspends(rule, other, index):
                found.append(f"There {rule.words()}, although {other.words()}: the more specific rule holds.")
        if rule.at.side == "product" and rule.action != "forbid":
            found += [
                f"It has no effect that {rule.words()}, because {other.words()}."
                for other in by_word[rule.word]
                if other.at.side == "query" and not other.at.takes_target and _is_nothing(other)
            ]
    return found


def _suspends(rule: Override, other: Override, index: Index | None) -> bool:
    """Whether `rule` holds in a place that the more general `other` speaks of too, and says something else."""
    here, there = rule.at, other.at
    if here.side != there.side or here.specificity <= there.specificity:
        return False
    if (rule.action, rule.value) == (other.action, other.value):
        return False
    if not there.takes_target:
        return True
    if here.side == "query" or index is None:
        return False
    return _share(here.rows(index, rule.target), there.rows(index, other.target))


def _share(some: NDArray[np.int64], others: NDArray[np.int64]) -> bool:
    """Whether two ascending lists of rows have one in common; the shorter is looked up in the longer."""
    few, many = (some, others) if len(some) <= len(others) else (others, some)
    if not len(few):
        return False
    places = np.minimum(np.searchsorted(many, few), len(many) - 1)
    return bool((many[places] == few).any())


def _is_nothing(rule: Override) -> bool:
    return rule.action == "forbid" or rule.value == 0
