"""What `bench relevance` puts side by side: each engine is built from one catalogue and answers one query at a time.

All answer with the rows of the ten best; encoding the query is not part of it, for any of them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import bm25s
import faiss
import numpy as np
from numpy.typing import NDArray

from core.errors import PrecedenceError
from core.relevance.bags import Bag, Bags
from core.relevance.index import Index, Product
from core.relevance.index.blocks import SIZE, Blocks
from core.relevance.index.quantise import quantise
from core.temporary import temporary_folder

MOST = 10
Rows = NDArray[np.int64]
Vectors = NDArray[np.float32]


@dataclass(frozen=True)
class Load:
    """A catalogue of N products and the queries that are put to it, in every form that an engine wants."""

    bags: Bags
    words: list[NDArray[np.uint32]]  # N: the words that stand in a title, with repetition
    vectors: Vectors  # [N, d] of length 1
    queries: list[Bag]
    query_words: list[NDArray[np.uint32]]
    query_vectors: Vectors
    terms: int


@dataclass(frozen=True)
class Engine:
    """`search(number)` answers one of the queries, `pairs(number)` scores 1,000 given products for it (None where the
    library offers nothing of the kind)."""

    search: Callable[[int], Rows]
    pairs: Callable[[int], object] | None
    bytes_a_product: float
    is_quantised: bool = False  # weights in the index's 255 steps: exact is what is best under these


PAIRS = 1000


def deepbow(load: Load) -> Engine:
    """This program's index."""
    count = len(load.bags)
    index = Index.of(load.bags, [Product(str(row), "") for row in range(count)], "bench", load.terms)
    rows = _some_rows(count)
    part = index._parts[0].segment
    return Engine(
        lambda number: index.search(load.queries[number], MOST).rows,
        lambda number: part.exact(rows, load.queries[number].ids.astype(np.int64), load.queries[number].weights),
        index.bytes_a_product()["postings"],
        is_quantised=True,
    )


def numpy_index(load: Load) -> Engine:
    """The same postings, a NumPy operation a term."""
    part = Index.of(load.bags, [Product(str(row), "") for row in range(len(load.bags))], "bench", load.terms)._parts[0]
    segment = part.segment
    starts, rows, steps = segment.posting_starts, segment.posting_rows, segment.posting_steps

    def search(number: int) -> Rows:
        scores = np.zeros(len(load.bags), np.float32)
        query = load.queries[number]
        for term, weight in zip(query.ids.tolist(), query.weights, strict=True):
            postings = slice(starts[term], starts[term + 1])
            scores[rows[postings]] += weight * steps[postings]
        return _best(scores)

    return Engine(search, None, float("nan"), is_quantised=True)


def scipy_matrix(load: Load) -> Engine:
    """scipy.sparse: products by terms in columns, times the query as a column."""
    from scipy import sparse

    bags, count = load.bags, len(load.bags)
    matrix = sparse.csr_matrix((bags.weights, bags.ids, bags.starts), shape=(count, load.terms)).tocsc()

    def search(number: int) -> Rows:
        query = load.queries[number]
        return _best(matrix[:, query.ids] @ query.weights)

    return Engine(search, None, 8 * matrix.nnz / count)


def seismic(load: Load) -> Engine:
    """pyseismic-lsr, not exact by design, set to its thorough end: no pruning of postings, heap factor 1."""
    try:
        from seismic import SeismicDataset, SeismicIndex, get_seismic_string
    except ImportError as error:
        raise PrecedenceError("The engine seismic needs: pip install pyseismic-lsr; leave it out.") from error
    text, data = get_seismic_string(), SeismicDataset()
    for row in range(len(load.bags)):
        bag = load.bags[row]
        data.add_document(str(row), bag.ids.astype(text), bag.weights)
    index = SeismicIndex.build_from_dataset(
        data, n_postings=len(load.bags), doc_cut=64, summary_energy=1.0, num_threads=1
    )
    asked = [query.ids.astype(text) for query in load.queries]

    def search(number: int) -> Rows:
        found = index.search(
            "q", asked[number], load.queries[number].weights, k=MOST, query_cut=100, heap_factor=1.0, sorted=True
        )
        return np.array([int(document) for _, _, document in found])

    return Engine(search, None, float("nan"))


def block_max(load: Load) -> Engine:
    """bmp, the authors' block-max pruning in Rust, set to be exact: the index's steps, products in the same order of
    blocks; its scores are whole numbers, so query weights are given in thousandths of the heaviest."""
    try:
        from bmp import Indexer, Searcher
    except ImportError as error:
        raise PrecedenceError("The engine bmp needs: pip install bmp; leave it out.") from error
    small = quantise(load.bags, load.terms)
    with temporary_folder() as folder:
        indexer = Indexer(f"{folder}/index.bmp", SIZE, False)
        for row in Blocks.of(small, load.terms).order.tolist():
            part = slice(int(small.starts[row]), int(small.starts[row + 1]))
            words = map(str, small.ids[part].tolist())
            indexer.add_document(str(row), dict(zip(words, small.steps[part].tolist(), strict=True)))
        indexer.finish()
        searcher = Searcher(f"{folder}/index.bmp")
    asked = [
        dict(
            zip(
                map(str, query.ids.tolist()),
                (1000 * query.weights / query.weights.max(initial=1e-9)).tolist(),
                strict=True,
            )
        )
        for query in load.queries
    ]

    def search(number: int) -> Rows:
        found, _ = searcher.search(asked[number], MOST, 1.0, 1.0)
        return np.array([int(document) for document in found], dtype=np.int64)

    return Engine(search, None, float("nan"), is_quantised=True)


def faiss_fp32(load: Load) -> Engine:
    """The dense peer: exact inner product over float32 vectors."""
    index = faiss.IndexFlatIP(load.vectors.shape[1])
    index.add(load.vectors)
    rows = _some_rows(len(load.vectors))
    return Engine(
        lambda number: index.search(load.query_vectors[number : number + 1], MOST)[1][0],
        lambda number: load.vectors[rows] @ load.query_vectors[number],
        4.0 * load.vectors.shape[1],
    )


def faiss_int8(load: Load) -> Engine:
    """The dense peer in 8 bits a dimension."""
    width = load.vectors.shape[1]
    index = faiss.IndexScalarQuantizer(width, faiss.ScalarQuantizer.QT_8bit, faiss.METRIC_INNER_PRODUCT)
    index.train(load.vectors[:100_000])
    index.add(load.vectors)
    return Engine(lambda number: index.search(load.query_vectors[number : number + 1], MOST)[1][0], None, float(width))


def bm25(load: Load) -> Engine:
    """bm25s with its numba backend, over the words of the titles."""
    model = bm25s.BM25(backend="numba")
    model.index(
        ([words.tolist() for words in load.words], {str(term): term for term in range(load.terms)}),
        show_progress=False,
    )
    asked = [[[str(word) for word in words.tolist()] or ["0"]] for words in load.query_words]
    most = min(MOST, len(load.words))

    def search(number: int) -> Rows:
        return model.retrieve(asked[number], k=most, show_progress=False, backend_selection="numba").documents[0]

    return Engine(search, None, 8 * len(model.scores["data"]) / len(load.words))


ENGINES: dict[str, Callable[[Load], Engine]] = {
    "deepbow": deepbow,
    "faiss_fp32": faiss_fp32,
    "faiss_int8": faiss_int8,
    "bm25s": bm25,
    "numpy": numpy_index,
    "scipy": scipy_matrix,
    "seismic": seismic,
    "bmp": block_max,
}


def _best(scores: NDArray) -> Rows:
    most = min(MOST, len(scores))
    found = np.argpartition(-scores, most - 1)[:most]
    return found[np.argsort(-scores[found], kind="stable")]


def _some_rows(count: int) -> Rows:
    return np.random.default_rng(0).integers(0, count, PAIRS)
