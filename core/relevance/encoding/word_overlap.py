"""Word overlap as bags, without a network: what catalogues of earlier versions are searched by."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from core.data.text.heads import ROLES
from core.data.text.vocabulary import Encoded, Vocabulary
from core.relevance.bags import Bag, Bags, Kind, gather


class LexicalEncoder:
    """Query weights are shares of inverse document frequency, product weights are 1.

    score(q, d) = Σ_{t in q and d} idf(t) / Σ_{t in q} idf(t)

    the share of the query that the title covers, 0 … 1; rare words count for more. Ours, not the paper's.
    """

    title = "word overlap"

    def __init__(self, vocabulary: Vocabulary) -> None:
        self.vocabulary = vocabulary
        self.factors = np.ones(ROLES, dtype=np.float32)
        self._idf = vocabulary.idf()

    def query(self, text: str) -> Bag:
        bag = self._bag(self.vocabulary.encode(text))
        idf = self._idf[bag.ids]
        total = float(idf.sum())
        keep = idf > 0
        if not total:
            keep, total = np.ones(len(bag), dtype=bool), float(max(1, len(bag)))
            idf = np.ones(len(bag), dtype=np.float32)
        return Bag(bag.ids[keep], idf[keep] / np.float32(total), bag.kinds[keep], bag.sources[keep])

    def products(self, titles: Sequence[str], progress: Callable[[int, int], None] | None = None) -> Bags:
        bags = []
        for title in titles:
            bags.append(self.product(title))
            if progress and len(bags) % 1000 == 0:
                progress(len(bags), len(titles))
        return gather(bags)

    def product(self, text: str) -> Bag:
        """The bag of one product text."""
        return self._bag(self.vocabulary.encode(text))

    def _bag(self, encoded: Encoded) -> Bag:
        """Every word and phrase of a text once, at its first place, with weight 1."""
        ids, places = np.unique(encoded.word_ids[: encoded.whole], return_index=True)
        return Bag(ids, np.ones(len(ids), np.float32), self._kinds(ids), places.astype(np.int16))

    def _kinds(self, ids: NDArray[np.uint32]) -> NDArray[np.uint8]:
        kinds = np.full(len(ids), Kind.EXACT, dtype=np.uint8)
        kinds[ids >= self.vocabulary.first_ngram] = Kind.NGRAM
        kinds[ids >= self.vocabulary.first_bucket] = Kind.BUCKET
        return kinds
