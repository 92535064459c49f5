"""Ways of finding neighbours that are judged side by side: the embeddings of the page, and plain item tf-idf."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from core.data.histories.histories import Histories
from core.users.embedding.counts import ITEMS, bags_of
from core.users.embedding.embedders import embedder, offered
from core.users.neighbours.index import NeighbourIndex
from core.users.neighbours.similarity import similarity
from core.users.study.judging import NEAREST, nearest_rows

BLOCK = 500  # users at a time
PLAIN = "tfidf"
"""Item tf-idf as it is, compared exactly: no directions are left out, and so no embedding has these neighbours."""

Near = Callable[[Histories], NDArray[np.int64]]


def peers(source: str, measure: str) -> dict[str, Near]:
    """Everything that finds neighbours among the users of a source, by name; histories → [U, NEAREST] numbers."""
    return {PLAIN: nearest_by_items, **{name: by_embedding(name, source, measure) for name in offered(source)}}


def title(name: str) -> str:
    return "Item tf-idf, plain" if name == PLAIN else embedder(name).title


def by_embedding(name: str, source: str, measure: str) -> Near:
    """Neighbours by one of the page's embeddings, learnt from the histories that are given."""

    def near(histories: Histories) -> NDArray[np.int64]:
        from core.users.spaces.building import embed_all

        users = [str(user) for user in histories.users]
        return nearest_rows(NeighbourIndex.build(users, embed_all(name, source, histories), similarity(measure)))

    return near


def nearest_by_items(histories: Histories, count: int = NEAREST) -> NDArray[np.int64]:
    """[U, count] numbers of everybody's nearest users by the cosine of their item bags, exactly."""
    bags = bags_of(histories, ITEMS)
    found = np.empty((len(histories), count), dtype=np.int64)
    for begin in range(0, len(histories), BLOCK):
        likeness = (bags[begin : begin + BLOCK] @ bags.T).toarray()
        rows = np.arange(len(likeness))
        likeness[rows, begin + rows] = -1
        found[begin : begin + BLOCK] = np.argsort(-likeness, axis=1, kind="stable")[:, :count]
    return found
