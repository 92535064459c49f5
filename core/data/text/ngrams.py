"""Phrases worth a number of their own, chosen by how often and how unexpectedly their words stand together."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Sequence

LEAST_PMI = 1.0  # nats: words together at least e times as often as by chance
Phrase = tuple[str, ...]


def choose(texts: Iterable[Sequence[str]], most: int, least_count: int) -> dict[Phrase, int]:
    """Two- and three-word phrases with their counts, best first.

    value = count × PMI, PMI(a b) = ln( c(ab) N / (c(a) c(b)) ), N the number of words; of three words the smaller of
    PMI(a, b c) and PMI(a b, c), so that a phrase is no more than its parts by a word that goes with anything.
    """
    single: Counter[str] = Counter()
    joint: Counter[Phrase] = Counter()
    for words in texts:
        single.update(words)
        for size in (2, 3):
            joint.update(tuple(words[at : at + size]) for at in range(len(words) - size + 1))
    total = single.total()

    def count(phrase: Phrase) -> int:
        return single[phrase[0]] if len(phrase) == 1 else joint[phrase]

    def information(phrase: Phrase) -> float:
        parts = [(phrase[:at], phrase[at:]) for at in range(1, len(phrase))]
        return min(math.log(joint[phrase] * total / (count(left) * count(right))) for left, right in parts)

    frequent = [phrase for phrase, seen in joint.items() if seen >= least_count]
    worth = {phrase: information(phrase) for phrase in frequent}
    kept = [phrase for phrase in frequent if worth[phrase] >= LEAST_PMI]
    kept.sort(key=lambda phrase: (-joint[phrase] * worth[phrase], phrase))
    return {phrase: joint[phrase] for phrase in kept[:most]}
