"""Whether words that a title does not say, and is held to mean, are right: told by product type and by grades."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.data.text.vocabulary import Vocabulary
from core.relevance.bags import Bags, Kind

USUAL = 0.005  # share of a type's titles that say a word of their thing, from which the type is one that has the word
SAID = (int(Kind.EXACT), int(Kind.CHARACTER))


@dataclass(frozen=True)
class Used:
    """One expansion as titles use it: a title that says `source` is held to mean `term`. `mass`: Σ of its weights."""

    source: str
    term: str
    mass: float
    right: float  # the part of the mass that lies on products of a type that has the word


def used(vocabulary: Vocabulary, bags: Bags, titles: Sequence[str], types: Sequence[str]) -> list[Used]:
    """Every expansion of N titles, the most used first. `types` [N]: what each product is, as its category.

    An inferred word is right of a product when products of that type say it of themselves: a red backpack that is held
    to be a dress is none, since no backpack is called a dress.
    """
    known = _said_by_type(bags, types)
    mass: dict[tuple[str, str], float] = defaultdict(float)
    right: dict[tuple[str, str], float] = defaultdict(float)
    for row, title in enumerate(titles):
        bag = bags[row]
        expanded = np.flatnonzero(bag.kinds == Kind.EXPANSION)
        units = vocabulary.encode(title).word_ids if len(expanded) else ()
        for at in expanded.tolist():
            term = int(bag.ids[at])
            pair = vocabulary.term(int(units[int(bag.sources[at])])).surface, vocabulary.term(term).surface
            mass[pair] += float(bag.weights[at])
            right[pair] += float(bag.weights[at]) * (term in known[types[row]])
    return [Used(*pair, mass[pair], right[pair]) for pair in sorted(mass, key=lambda pair: (-mass[pair], pair))]


def right_share(found: Sequence[Used]) -> float | None:
    """Share of the used mass that is right; None where nothing is expanded."""
    total = sum(one.mass for one in found)
    return sum(one.right for one in found) / total if total else None


def right_by_grade(query: Bags, product: Bags, pairs: NDArray, grades: NDArray) -> float | None:
    """The same by judgements, of any data: of the score that pairs [n, 2] (query, product) owe to inferred words, the
    share in pairs that fit at all; None where no pair owes anything."""
    owed = np.array([_inferred(query, product, int(q), int(p)) for q, p in pairs])
    total = owed.sum()
    return float(owed[grades > 0].sum() / total) if total else None


def _inferred(query: Bags, product: Bags, asked: int, held: int) -> float:
    one, other = query[asked], product[held]
    expanded = other.kinds == Kind.EXPANSION
    _, at, to = np.intersect1d(one.ids, other.ids[expanded], assume_unique=True, return_indices=True)
    return float(one.weights[at].astype(np.float64) @ other.weights[expanded][to].astype(np.float64))


def _said_by_type(bags: Bags, types: Sequence[str]) -> dict[str, set[int]]:
    """The terms that at least `USUAL` of a type's titles say of their thing."""
    sizes = Counter(types)
    counts: dict[str, Counter[int]] = {name: Counter() for name in sizes}
    for row, name in enumerate(types):
        bag = bags[row]
        counts[name].update(bag.ids[np.isin(bag.kinds, SAID)].tolist())
    return {name: {term for term, count in own.items() if count >= USUAL * sizes[name]} for name, own in counts.items()}
