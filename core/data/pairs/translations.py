"""Which words of a title say which word of a query: what a title may be expanded to, learnt from judged pairs.

IBM Model 1 (Brown et al., Computational Linguistics 1993, §4.1), for retrieval Berger & Lafferty, SIGIR 1999: a query's
word t comes from one of the title's words s, or from none, so that words of a title compete for having said it,

    P(t | title) ∝ nothing + Σ_{s in title} P(t | s),      P by expectation maximisation.

Ours: a pair counts by how far its gain 2^grade − 1 lies above the mean of its query, so that what all titles of a
query share explains nothing; pairs below it count nothing. Only words that the title lacks are to be explained, and
only by words that the query lacks: what is in both has said itself. Numbers and model codes say nothing and are not
said.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from core.data.pairs.judged import Judged
from core.data.text.vocabulary import Translation, Vocabulary

ROUNDS = 8
NOTHING = 0.05  # the model's null word, the same for every t: what a source must be likelier than
LEAST_SHARE = 0.3  # of what a source word says
LEAST_PAIRS = 1.25  # perfect pairs that the evidence must be worth
MOST_PAIRS = 20_000  # that are read: memory


def translations(judged: Judged, vocabulary: Vocabulary) -> tuple[Translation, ...]:
    """(source word, term, P(term | source)) from the training queries, by source, the likeliest term first."""
    rows, weight = _better_than_usual(judged)
    if not len(rows):
        return ()
    terms, sources, pairs = _meetings(judged, rows, vocabulary)
    if not len(terms):
        return ()
    code, at = np.unique(sources.astype(np.int64) * vocabulary.size + terms, return_inverse=True)
    source, term = code // vocabulary.size, code % vocabulary.size
    _, asked = np.unique(pairs.astype(np.int64) * vocabulary.size + terms, return_inverse=True)
    share: NDArray = np.ones(len(code))
    for _ in range(ROUNDS):
        part = np.where(sources > 0, share[at], NOTHING)
        part *= weight[pairs] / np.bincount(asked, part)[asked]
        counts = np.bincount(at, part, len(code))
        share = counts / np.maximum(np.bincount(source, counts)[source], 1e-12)
    kept = (source > 0) & (share >= LEAST_SHARE) & (counts >= LEAST_PAIRS)
    order = np.lexsort((term[kept], -share[kept], source[kept]))
    found = zip(source[kept][order].tolist(), term[kept][order].tolist(), share[kept][order].tolist(), strict=True)
    return tuple((int(one), int(other), round(float(value), 3)) for one, other, value in found)


def _better_than_usual(judged: Judged) -> tuple[NDArray, NDArray]:
    """Training rows above their query's mean gain, and by how much of the highest gain."""
    train = np.flatnonzero(judged.split == 0)
    gain = (np.exp2(judged.grades[train].astype(np.float64)) - 1) / (2.0**judged.highest - 1)
    query = judged.query_of[train]
    mean = np.bincount(query, gain) / np.maximum(1, np.bincount(query))
    above = gain - mean[query]
    rows = np.flatnonzero(above > 0)
    rows = rows[:: 1 + len(rows) // MOST_PAIRS]
    return train[rows], above[rows]


def _meetings(judged: Judged, rows: NDArray, vocabulary: Vocabulary) -> tuple[NDArray, NDArray, NDArray]:
    """Of each pair every word of its query that the title lacks, with every word of the title that the query lacks and
    with 0 for nothing: terms, sources, and the pair's place in `rows`."""
    meaningful = np.array([False, *(not any(map(str.isdigit, word)) for word in vocabulary.words)])

    def words(text: str) -> NDArray[np.int64]:
        encoded = vocabulary.encode(text)
        ids = np.unique(encoded.word_ids[: encoded.words].astype(np.int64))
        ids = ids[ids < len(meaningful)]
        return ids[meaningful[ids]]

    queries = {at: words(judged.queries[at]) for at in np.unique(judged.query_of[rows]).tolist()}
    products = {at: words(judged.products[at]) for at in np.unique(judged.product_of[rows]).tolist()}
    terms, sources, pairs = [], [], []
    for place, row in enumerate(rows.tolist()):
        asked = queries[int(judged.query_of[row])]
        held = products[int(judged.product_of[row])]
        missing, other = np.setdiff1d(asked, held), np.append(np.setdiff1d(held, asked), 0)
        terms.append(np.repeat(missing, len(other)))
        sources.append(np.tile(other, len(missing)))
        pairs.append(np.full(len(missing) * len(other), place))
    return np.concatenate(terms), np.concatenate(sources), np.concatenate(pairs)
