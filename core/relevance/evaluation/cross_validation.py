"""DeepBoW and its peers by cross-validation over queries: every query is a test query once, of a model without it.

Two orders are judged by NDCG@10 with the data's own gains: that of a query's judged products alone, and that of the
whole catalogue, where what nobody judged for the query counts as a miss.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import product
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from core.data.source import DatasetChoice
from core.data.text.segment import keeping_segments
from core.relevance.bags import Bags
from core.relevance.encoding.model_store import load_network, read_card, read_vocabulary
from core.relevance.encoding.network import encode_products, encode_queries, unit_vectors
from core.relevance.evaluation.evaluate import Test, as_searched, read_test
from core.relevance.evaluation.peers.lexical import bm25_of_catalogue
from core.relevance.evaluation.peers.splade_tiny import SpladeTiny, found_folder
from core.relevance.training import train
from core.settings.address import from_query
from core.settings.run import RunConfig
from core.statistics import bootstrap_interval, ndcg_of_gains
from core.temporary import temporary_folder

Scores = NDArray[np.float32]  # [queries, titles]
Saturations, Lengths = (0.3, 0.6, 0.9, 1.2, 1.8), (0.2, 0.4, 0.75)
"""k₁ and b that BM25 is tuned over."""
Orders = NDArray[np.float64]  # [n, 2] NDCG@10 of a query's judged products, and of the catalogue


@dataclass(frozen=True)
class CrossValidated:
    """One model over all folds. Differences are paired by query; intervals of 95 % are over queries."""

    dataset: str
    model: str
    queries: int
    ndcg_judged: float
    ndcg_judged_interval: tuple[float, float]
    judged_against_bm25: tuple[float, float, float] | None
    ndcg_catalogue: float
    ndcg_catalogue_interval: tuple[float, float]
    catalogue_against_bm25: tuple[float, float, float] | None
    seeds: list[int]


def cross_validate(
    base: RunConfig,
    folds: int,
    seeds: Sequence[int],
    with_dense: bool = False,
    progress: Callable[[str], None] = lambda said: None,
) -> list[CrossValidated]:
    """Trains a model for every fold and seed; the data set must know `fold`."""
    with keeping_segments():
        return _cross_validate(base, folds, seeds, with_dense, progress)


def _cross_validate(
    base: RunConfig, folds: int, seeds: Sequence[int], with_dense: bool, progress: Callable[[str], None]
) -> list[CrossValidated]:
    found: dict[str, dict[int, Orders]] = {}
    name = base.dataset.name
    fixed: dict[str, Scores] = {}
    for fold in range(folds):
        choice = base.dataset.model_copy(update={"fold": fold})
        test = read_test(choice)
        if not fixed:
            fixed = dict(_untrained(test))
        _add(found, "bm25", 0, test, _tuned(choice, fixed))
        for peer in [peer for peer in fixed if not peer.startswith("bm25 ")]:
            _add(found, peer, 0, test, fixed[peer])
        for seed, kind in product(seeds, ("bags", "vectors") if with_dense else ("bags",)):
            progress(f"fold {fold + 1} of {folds}, seed {seed}, {kind}")
            fields = {"seed": str(seed), "dataset.fold": str(fold), "model.score": kind}
            label = "deepbow" if kind == "bags" else "dense"
            _add(found, label, seed, test, _trained(from_query(fields, base), test))
    bar = found["bm25"][0]
    return [_row(name, model, by_seed, None if model == "bm25" else bar) for model, by_seed in found.items()]


def orders(test: Test, scores: Scores) -> Orders:
    """Of every query of the test that has a judged product with a gain, in their order."""
    out = []
    for query in np.unique(test.query_of):
        own = test.query_of == query
        titles, grades = test.title_of[own], test.grades[own]
        gains = np.array(test.gains)[grades.astype(int)] if test.gains else np.exp2(grades) - 1
        if gains.max() <= 0:
            continue
        whole = np.zeros(scores.shape[1])
        whole[titles] = gains
        one = np.zeros(len(titles))
        judged = ndcg_of_gains(gains, scores[query][titles], one)[0]
        out.append((judged, ndcg_of_gains(whole, scores[query], np.zeros(len(whole)))[0]))
    return np.array(out).reshape(-1, 2)


def _untrained(test: Test) -> Iterator[tuple[str, Scores]]:
    """What learns nothing from the judgements, of all queries and titles."""
    for k1, b in product(Saturations, Lengths):
        yield f"bm25 {k1} {b}", bm25_of_catalogue(test.queries, test.titles, k1, b)
    folder = found_folder()
    if folder is not None:
        import scipy.sparse

        splade = SpladeTiny(folder)
        titles = scipy.sparse.vstack(
            [
                scipy.sparse.csr_matrix(splade.texts(test.titles[at : at + 256]))
                for at in range(0, len(test.titles), 256)
            ]
        )
        yield "splade_tiny", (titles @ splade.texts(test.queries).T).T
        yield "inference_free_sparse", (titles @ splade.inference_free(test.queries, test.titles).T).T


def _tuned(choice: DatasetChoice, fixed: dict[str, Scores]) -> Scores:
    """BM25 at the k₁ and b that order the other queries best."""
    parts = [read_test(choice, split) for split in ("train", "validation")]
    names = [name for name in fixed if name.startswith("bm25 ")]
    return fixed[
        max(names, key=lambda name: np.concatenate([orders(part, fixed[name]) for part in parts])[:, 0].mean())
    ]


def _trained(config: RunConfig, test: Test) -> Scores:
    with temporary_folder() as folder:
        train(config, folder / "model")
        return scores_of(folder / "model", test)


def scores_of(folder: Path, test: Test) -> Scores:
    """Every query of a test with every title by a saved model."""
    network, vocabulary = load_network(folder), read_vocabulary(folder)
    if read_card(folder).config.score == "vectors":
        return unit_vectors(network, vocabulary, test.queries) @ unit_vectors(network, vocabulary, test.texts).T
    queries = encode_queries(network, vocabulary, as_searched(vocabulary, test, test.queries))
    titles = encode_products(network, vocabulary, test.texts)
    return (_matrix(queries, vocabulary.size) @ _matrix(titles, vocabulary.size).T).toarray()


def _matrix(bags: Bags, terms: int):  # type: ignore[no-untyped-def]  # scipy's own types are not known here
    import scipy.sparse

    return scipy.sparse.csr_matrix((bags.weights, bags.ids.astype(np.int64), bags.starts), shape=(len(bags), terms))


def _add(found: dict[str, dict[int, Orders]], model: str, seed: int, test: Test, scores: Scores) -> None:
    before = found.setdefault(model, {}).get(seed, np.zeros((0, 2)))
    found[model][seed] = np.concatenate([before, orders(test, scores)])


def _row(dataset: str, model: str, by_seed: dict[int, Orders], bar: Orders | None) -> CrossValidated:
    mean = np.mean(list(by_seed.values()), axis=0)
    values = [_figures(mean[:, at], None if bar is None else bar[:, at]) for at in range(2)]
    return CrossValidated(dataset, model, len(mean), *values[0], *values[1], list(by_seed))


def _figures(own: NDArray, bar: NDArray | None) -> tuple[float, tuple[float, float], tuple[float, float, float] | None]:
    low, high = bootstrap_interval(own)
    against = None
    if bar is not None:
        least, most = bootstrap_interval(own - bar)
        against = (round(float((own - bar).mean()), 4), round(least, 4), round(most, 4))
    return round(float(own.mean()), 4), (round(low, 4), round(high, 4)), against
