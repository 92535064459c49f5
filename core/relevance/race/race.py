"""Engines side by side: each answers the same queries in interleaved rounds."""

from __future__ import annotations

import statistics
from typing import Any

import faiss
import numpy as np

from core.relevance.bags import Bags
from core.relevance.index.quantise import quantise
from core.relevance.race.engines import MOST, PAIRS, Engine, Load
from core.rounds import interleaved


def side_by_side(size: int, engines: dict[str, Engine], load: Load) -> list[dict[str, Any]]:
    """A row an engine; every round asks each of them once."""
    count = len(load.queries)
    places = dict.fromkeys(engines, 0)

    def turn(name: str, call: Any) -> Any:
        """The engine's next query at every call."""

        def once() -> None:
            call(places[name] % count)
            places[name] += 1

        return once

    searches = {name: turn(name, engine.search) for name, engine in engines.items()}
    interleaved(searches, 5)  # compiled, in the cache
    faiss.omp_set_num_threads(1)  # once more: whoever starts a pool of threads sets it for all
    seconds = interleaved(searches, count)
    pairs = {name: turn(name, engine.pairs) for name, engine in engines.items() if engine.pairs}
    interleaved(pairs, 5)
    pair_seconds = interleaved(pairs, min(count, 50))
    rows = []
    rounding = rounding_error(load) if any(engine.is_quantised for engine in engines.values()) else None
    for name, engine in engines.items():
        taken = seconds[name]
        pair = statistics.median(pair_seconds[name]) / PAIRS if name in pairs else statistics.median(taken) / size
        rows.append(
            {
                "products": size,
                "engine": name,
                "p50_ms": round(1e3 * statistics.median(taken), 4),
                "p95_ms": round(1e3 * float(np.quantile(taken, 0.95)), 4),
                "us_per_pair": round(1e6 * pair, 4),
                "bytes_per_product": None if np.isnan(engine.bytes_a_product) else round(engine.bytes_a_product, 1),
                "recall_at_10": _recall(name, engine, load),
                "recall_at_10_unrounded": _recall(name, engine, load, rounded=False),
                "rounding_error": rounding if engine.is_quantised else None,
            }
        )
    return rows


def _recall(name: str, engine: Engine, load: Load, rounded: bool = True) -> float | None:
    """Share of the ten best that truly are: bags against bags, vectors against float32. None: BM25 is exact.

    `rounded`: an index of weights in steps is held against the same steps, which says whether its search is exact; else
    against the bags before rounding and cutting, which says what rounding costs. A row counts where its exact score
    reaches the tenth best one, so that ties cost nothing.
    """
    if name == "bm25s":
        return None
    hits, wanted = 0, 0
    bags = _rounded(load) if rounded and engine.is_quantised else load.bags
    for number in range(min(100, len(load.queries))):
        exact = _exact(name, load, bags, number)
        most = min(MOST, int((exact > 0).sum()))
        if most == 0:
            continue
        least = np.partition(exact, -most)[-most]
        found = np.asarray(engine.search(number))[:most]
        hits += int((exact[found] >= least * (1 - 1e-6)).sum())
        wanted += most
    return round(hits / max(1, wanted), 4)


def rounding_error(load: Load) -> float:
    """How far the index's steps move the score of the best product of a query, as a share of it: the mean."""
    apart = []
    rounded = _rounded(load)
    for number in range(min(100, len(load.queries))):
        exact, other = (_exact("bags", load, bags, number) for bags in (load.bags, rounded))
        best = int(exact.argmax())
        if exact[best] > 0:
            apart.append(abs(float(other[best] - exact[best])) / float(exact[best]))
    return round(float(np.mean(apart)), 5) if apart else 0.0


def _rounded(load: Load) -> Bags:
    """The bags as the index keeps them."""
    small = quantise(load.bags, load.terms)
    weights = (small.steps * small.scale).astype(np.float32)
    return Bags(small.starts, small.ids, weights, small.kinds, small.sources)


def _exact(name: str, load: Load, bags: Bags, number: int) -> np.ndarray:
    if name.startswith("faiss"):
        return load.vectors @ load.query_vectors[number]
    query = load.queries[number]
    weights = np.zeros(load.terms, np.float32)
    weights[query.ids] = query.weights
    sums = np.concatenate(([0.0], np.cumsum(weights[bags.ids] * bags.weights, dtype=np.float64)))
    return np.diff(sums[bags.starts])
