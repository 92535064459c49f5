"""The dense peer: one vector a text by the same encoders, searched by inner product (faiss)."""

from __future__ import annotations

from collections.abc import Sequence

import faiss
import numpy as np
from numpy.typing import NDArray

from core.data.text.vocabulary import Vocabulary
from core.models.network import Network
from core.relevance.encode import unit_vectors


class DensePeer:
    """Exact inner-product search over unit vectors [products, d]."""

    def __init__(self, network: Network, vocabulary: Vocabulary, titles: Sequence[str]) -> None:
        self.network, self.vocabulary = network, vocabulary
        self.vectors = unit_vectors(network, vocabulary, titles)
        self.index = faiss.IndexFlatIP(self.vectors.shape[1])
        self.index.add(self.vectors)

    def search(self, query: str, most: int = 10) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
        """Rows and cosines of the nearest titles, nearest first."""
        cosine, row = self.index.search(unit_vectors(self.network, self.vocabulary, [query]), most)
        return row[0], cosine[0]


def dense_scores(
    network: Network, vocabulary: Vocabulary, queries: Sequence[str], titles: Sequence[str], pairs: NDArray
) -> NDArray[np.float64]:
    """Cosines of pairs [n, 2] (query, title)."""
    one, other = unit_vectors(network, vocabulary, queries), unit_vectors(network, vocabulary, titles)
    return (one[pairs[:, 0]] * other[pairs[:, 1]]).sum(1).astype(np.float64)
