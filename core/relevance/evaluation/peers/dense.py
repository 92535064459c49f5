"""The dense peer: one vector a text by the same encoders, compared by cosine."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from core.data.text.vocabulary import Vocabulary
from core.models.network import Network
from core.relevance.encoding.network import unit_vectors


def dense_scores(
    network: Network, vocabulary: Vocabulary, queries: Sequence[str], titles: Sequence[str], pairs: NDArray
) -> NDArray[np.float64]:
    """Cosines of pairs [n, 2] (query, title)."""
    one, other = unit_vectors(network, vocabulary, queries), unit_vectors(network, vocabulary, titles)
    return (one[pairs[:, 0]] * other[pairs[:, 1]]).sum(1).astype(np.float64)
