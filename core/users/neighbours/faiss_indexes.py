"""The faiss indexes behind `NeighbourIndex`: exact, or inverted lists tuned to a recall that was measured.

Above EXACT_USERS vectors fall into about 4·√U lists around spherical k-means centres, and a query looks into the
`probes` lists whose centres are nearest. IVF was preferred to HNSW: on one thread a million users are ready in
minutes, not in most of an hour, users are added and replaced without a rebuild, and similarities stay exact. Vectors
are those that a `Similarity` has prepared, compared by its metric.
"""

from __future__ import annotations

from typing import Any, Literal

import faiss
import numpy as np
from numpy.typing import NDArray

from core.users.neighbours.similarity import COSINE, Similarity, Vectors

Engine = Literal["exact", "ivf"]

EXACT_USERS = 200_000  # beyond these an exact query takes tens of milliseconds a thread
WANTED_RECALL = 0.97  # of the ten nearest, on stored users: a margin above the .95 that is promised
SAMPLE = 256  # users by which the number of probes is tuned
NEAREST = 10
TRAINED_A_LIST = 48  # vectors a centre is found from: faiss warns below 39, more is slower and no better
ROUNDS = 8  # of k-means


def engine_for(users: int) -> Engine:
    """The engine for so many users."""
    return "exact" if users <= EXACT_USERS else "ivf"


def exact(width: int, similarity: Similarity = COSINE) -> Any:
    """An empty exact index that takes ids."""
    return faiss.IndexIDMap2(faiss.IndexFlat(width, similarity.metric))


def inverted(vectors: Vectors, similarity: Similarity = COSINE, seed: int = 0) -> Any:
    """An IVF index trained on `vectors` [U, width] but empty; replacing a user is quick by its table of ids."""
    count, width = vectors.shape
    lists = max(1, min(round(4 * count**0.5), count // TRAINED_A_LIST))
    index = faiss.IndexIVFFlat(faiss.IndexFlat(width, similarity.metric), width, lists, similarity.metric)
    index.cp.spherical = similarity.metric == faiss.METRIC_INNER_PRODUCT
    index.cp.niter, index.cp.seed = ROUNDS, seed
    index.cp.max_points_per_centroid = TRAINED_A_LIST
    index.cp.min_points_per_centroid = 1  # with few lists there is no need to warn
    index.train(np.ascontiguousarray(vectors))
    index.set_direct_map_type(2)  # a table from id to place, so that replacing a user is quick: DirectMap::Hashtable
    return index


def tune(
    index: Any, vectors: Vectors, similarity: Similarity = COSINE, wanted: float = WANTED_RECALL, seed: int = 0
) -> float:
    """Sets the fewest `nprobe`, in powers of two, that find the share `wanted` of the ten nearest; returns the share.

    `vectors` [U, width] are those in the index, with their row numbers as ids. Measured against the exact answer for
    a sample of them, each one's own row left out: a query always finds itself.
    """
    rows = np.random.default_rng(seed).choice(len(vectors), min(SAMPLE, len(vectors)), replace=False)
    queries = np.ascontiguousarray(vectors[rows])
    truth = faiss.knn(queries, vectors, NEAREST + 1, metric=similarity.metric)[1]
    probes, share = 1, 0.0
    while True:
        index.nprobe = min(probes, index.nlist)
        share = recall(index.search(queries, NEAREST + 1)[1], truth, rows)
        if share >= wanted or index.nprobe >= index.nlist:
            return share
        probes *= 2


def recall(found: NDArray[np.int64], truth: NDArray[np.int64], own: NDArray[np.int64] | None = None) -> float:
    """The share of the true nearest [Q, k] that stands in `found` [Q, k]; `own` [Q] rows count on neither side."""
    hits = total = 0
    for at, (got, wanted) in enumerate(zip(found, truth, strict=True)):
        left_out = {-1} if own is None else {-1, int(own[at])}
        there = set(wanted.tolist()) - left_out
        hits += len(there & set(got.tolist()))
        total += len(there)
    return hits / max(total, 1)


def on_gpu(index: Any) -> Any:
    """A copy of the index on the first GPU, or the index itself where faiss sees none."""
    if faiss.get_num_gpus() == 0:
        return index
    return faiss.index_cpu_to_gpu(faiss.StandardGpuResources(), 0, index)
