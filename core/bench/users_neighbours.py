"""Nearest users at three sizes in one run: time of one query on one thread, and the share of true neighbours found."""

from __future__ import annotations

import time
from typing import Any

import faiss
import numpy as np
from numpy.typing import NDArray

from core.users.neighbours.faiss_indexes import NEAREST, WANTED_RECALL, recall
from core.users.neighbours.index import NeighbourIndex

SIZES = (10_000, 100_000, 1_000_000)
WIDTH = 256  # of DUPN's user representation
CLUSTERS = 2_000
QUERIES = 300  # users that are not in the index
BLOCK = 100_000  # vectors made at a time


def neighbours(sizes: tuple[int, ...] = SIZES, queries: int = QUERIES, seed: int = 0) -> list[dict[str, Any]]:
    """One row a size: users, engine, p50_ms, p95_ms, recall_at_10, and how long the index took to build.

    Vectors are made up, like embeddings: see `made_up`. Recall is against the exact answer to the same queries.
    """
    threads = faiss.omp_get_max_threads()
    faiss.omp_set_num_threads(1)
    try:
        return [_row(users, queries, seed) for users in sizes]
    finally:
        faiss.omp_set_num_threads(threads)


def _row(users: int, queries: int, seed: int) -> dict[str, Any]:
    vectors, asked = made_up(users, seed), made_up(queries, seed + 1)
    began = time.perf_counter()
    index = NeighbourIndex.build([str(number) for number in range(users)], vectors)
    built = time.perf_counter() - began
    truth = faiss.knn(asked, vectors, NEAREST, metric=faiss.METRIC_INNER_PRODUCT)[1]
    seconds, found = [], []
    for query in asked:
        began = time.perf_counter()
        answer = index.search(query[None], NEAREST)[0]
        seconds.append(time.perf_counter() - began)
        found.append([int(each.user) for each in answer])
    return {
        "users": users,
        "engine": index.engine,
        "p50_ms": round(1e3 * float(np.percentile(seconds, 50)), 3),
        "p95_ms": round(1e3 * float(np.percentile(seconds, 95)), 3),
        "recall_at_10": round(recall(np.array(found), truth), 4),
        "build_seconds": round(built, 1),
        "probes": getattr(index.faiss_index, "nprobe", None),
        "wanted_when_tuned": WANTED_RECALL if index.engine == "ivf" else None,
    }


def made_up(users: int, seed: int) -> NDArray[np.float32]:
    """Vectors [users, WIDTH] of length one, like embeddings: clusters of unequal size, variances that fall with 1/i.

    A user is a centre plus its own deviation; in both, coordinate i = 1 … WIDTH has the standard deviation i^(−½), so
    that about 28 directions carry the variance (participation ratio). The centres are the same for every `seed`.
    """
    fixed, random = np.random.default_rng(99), np.random.default_rng(seed)
    fall = np.arange(1, WIDTH + 1, dtype=np.float32) ** -0.5
    centres = fixed.standard_normal((CLUSTERS, WIDTH), dtype=np.float32) * fall
    share = np.arange(1, CLUSTERS + 1) ** -0.7
    vectors = np.empty((users, WIDTH), dtype=np.float32)
    for begin in range(0, users, BLOCK):
        part = vectors[begin : begin + BLOCK]
        which = random.choice(CLUSTERS, len(part), p=share / share.sum())
        part[:] = centres[which] + 0.5 * fall * random.standard_normal(part.shape, dtype=np.float32)
        part /= np.linalg.norm(part, axis=1, keepdims=True)
    return vectors
