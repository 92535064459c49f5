"""Overrides as scoring applies them: words looked up in the vocabulary, the more specific rule first.

The index stays as it is. Rules of the query's side change the query's bag before the search; rules of the product's
side become, for each query, amounts that are added to the scores of the products concerned.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from core.data.text.vocabulary import Vocabulary
from core.errors import PrecedenceError
from core.relevance.bags import Bag
from core.relevance.index import Corrections, Index, Product, Weighed
from core.relevance.overrides.override import Override
from core.relevance.overrides.scopes import general_first

ADDED = 255  # the kind of a word that only an override put into a bag


@dataclass(frozen=True)
class _Moved:
    """Products whose weight of one term a rule changes: rows ascending, new − old."""

    rows: NDArray[np.int64]
    amounts: NDArray[np.float64]


@dataclass(frozen=True)
class Rules:
    """Made by `rules` for one index; `skipped` says in a sentence each which overrides do nothing and why."""

    held: dict[tuple[str, str], dict[int, Override]] = field(default_factory=dict)  # scope, target → term → rule
    moved: dict[int, _Moved] = field(default_factory=dict)  # term → products
    skipped: tuple[str, ...] = ()

    def of_query(self, text: str) -> dict[int, Override]:
        """The rules that hold for this query's words."""
        fitting: dict[int, Override] = {}
        for scope in general_first("query"):
            fitting |= self.held.get((scope.name, scope.key(scope.of_query(text))), {})
        return fitting

    def of_product(self, product: Product) -> dict[int, Override]:
        """The rules that hold for this product's words."""
        fitting: dict[int, Override] = {}
        for scope in general_first("product"):
            fitting |= self.held.get((scope.name, scope.key(scope.of_product(product))), {})
        return fitting

    def query(self, text: str, bag: Bag) -> Bag:
        """The query's bag after the rules."""
        held = set(bag.ids.tolist())
        fitting = {term: rule for term, rule in self.of_query(text).items() if rule.at.takes_target or term in held}
        if not fitting:
            return bag
        changed = _changed(bag.ids, bag.weights.astype(np.float64), bag.kinds, bag.sources, fitting)
        return Bag(changed.ids, changed.weights.astype(np.float32), changed.kinds, changed.sources)

    def product(self, product: Product, bag: Weighed) -> Weighed:
        """A product's bag after the rules."""
        fitting = self.of_product(product)
        return _changed(bag.ids, bag.weights, bag.kinds, bag.sources, fitting) if fitting else bag

    def corrections(self, query: Bag) -> Corrections:
        """What the rules of the product's side add to scores of this query, Σ_t query weight × (new − old)."""
        concerned = [
            (float(weight), self.moved[term])
            for term, weight in zip(query.ids.tolist(), query.weights.tolist(), strict=True)
            if term in self.moved
        ]
        if not concerned:
            return Corrections(np.zeros(0, dtype=np.int64), np.zeros(0))
        rows = np.concatenate([moved.rows for _, moved in concerned])
        amounts = np.concatenate([weight * moved.amounts for weight, moved in concerned])
        rows, places = np.unique(rows, return_inverse=True)
        summed = np.zeros(len(rows))
        np.add.at(summed, places, amounts)
        return Corrections(rows, summed)

    def weights_of(self, index: Index, term: int) -> NDArray[np.float64]:
        """The weight of one term in every row, after the rules."""
        weights = index.weights_of(term, np.arange(index.rows))
        if term in self.moved:
            weights[self.moved[term].rows] += self.moved[term].amounts
        return weights


def rules(overrides: Sequence[Override], vocabulary: Vocabulary, index: Index) -> Rules:
    """Overrides, oldest first, made ready for an index. One that names what is not there is skipped and told."""
    held: dict[tuple[str, str], dict[int, Override]] = {}
    skipped = []
    for override in overrides:
        try:
            term = term_of(vocabulary, override.word)
        except PrecedenceError as error:
            skipped.append(str(error))
            continue
        scope, target = override.at, override.target
        if scope.side == "product" and not len(scope.rows(index, target)):
            skipped.append(f"{scope.absent.format(target=target)}, so {override.words()} idly.")
            continue
        held.setdefault((scope.name, scope.key(target)), {})[term] = override
    return Rules(held, _moved(held, index), tuple(skipped))


def term_of(vocabulary: Vocabulary, word: str) -> int:
    """The term that a typed word or phrase stands for; a phrase that the vocabulary does not hold is refused."""
    encoded = vocabulary.encode(word)
    whole = [
        int(term)
        for term, (start, end) in zip(encoded.word_ids.tolist(), encoded.spans, strict=True)
        if not word[:start].strip() and not word[end:].strip()
    ]
    if not whole:
        parts = ", ".join(dict.fromkeys(word[start:end] for start, end in encoded.spans[: encoded.words]))
        hint = f"name one of its words instead: {parts}" if parts else "type a word with letters or digits"
        raise PrecedenceError(f"“{word[:60]}” is no word or phrase of this vocabulary; {hint}.")
    return whole[-1]


def _changed(
    ids: NDArray[np.uint32],
    weights: NDArray[np.float64],
    kinds: NDArray[np.uint8],
    sources: NDArray[np.int16],
    fitting: dict[int, Override],
) -> Weighed:
    """A bag after its rules: words of no weight leave it, new ones come in."""
    entries = {
        term: (weight, kind, source)
        for term, weight, kind, source in zip(
            ids.tolist(), weights.tolist(), kinds.tolist(), sources.tolist(), strict=True
        )
    }
    for term, override in fitting.items():
        weight, kind, source = entries.get(term, (0.0, ADDED, -1))
        entries[term] = (override.new_weight(weight), kind, source)
    kept = sorted((term, *entry) for term, entry in entries.items() if entry[0] > 0)
    columns = list(zip(*kept, strict=True)) or [(), (), (), ()]
    return Weighed(
        np.array(columns[0], dtype=np.uint32),
        np.array(columns[1], dtype=np.float64),
        np.array(columns[2], dtype=np.uint8),
        np.array(columns[3], dtype=np.int16),
    )


def _moved(held: dict[tuple[str, str], dict[int, Override]], index: Index) -> dict[int, _Moved]:
    """By term, how far the rules of the product's side move the weight of which product."""
    by_term: dict[int, list[tuple[NDArray[np.int64], Override]]] = {}
    for scope in general_first("product"):
        for (name, target), fitting in held.items():
            if name == scope.name:
                rows = scope.rows(index, target)
                for term, override in fitting.items():
                    by_term.setdefault(term, []).append((rows, override))
    moved = {}
    for term, listed in by_term.items():
        rows = np.unique(np.concatenate([rows for rows, _ in listed]))
        old = index.weights_of(term, rows)
        new = old.copy()
        for concerned, override in listed:  # the specific ones last: they start from the old weight again
            places = np.searchsorted(rows, concerned)
            new[places] = override.new_weight(old[places])
        apart = new != old
        moved[term] = _Moved(rows[apart], (new - old)[apart])
    return moved
