"""Overrides that stand in each other's way, in a sentence each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from core.relevance.overrides.override import QUERY_SIDE, Override


def conflicts(overrides: Sequence[Override], categories: Mapping[str, str]) -> list[str]:
    """What a person should know of a list of overrides, oldest first; `categories`: category by product key.

    Three cases: two rules at one place (the newer stands), a specific rule that suspends a general one, and a rule that
    changes a product's weight of a word which no query may use any more.
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
            if _suspends(rule, other, categories):
                found.append(f"There {rule.words()}, although {other.words()}: the more specific rule holds.")
        if rule.scope not in QUERY_SIDE and rule.action != "forbid":
            found += [
                f"It has no effect that {rule.words()}, because {other.words()}."
                for other in by_word[rule.word]
                if other.scope == "term" and _is_nothing(other)
            ]
    return found


def _suspends(rule: Override, other: Override, categories: Mapping[str, str]) -> bool:
    """Whether `rule` holds in a place that the more general `other` speaks of too, and says something else."""
    if (rule.action, rule.value) == (other.action, other.value):
        return False
    if rule.scope == "query":
        return other.scope == "term"
    return rule.scope == "product" and other.scope == "category" and categories.get(rule.target) == other.target


def _is_nothing(rule: Override) -> bool:
    return rule.action == "forbid" or rule.value == 0
