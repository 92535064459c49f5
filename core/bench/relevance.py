"""A search over a whole catalogue: this program's index against dense inner product and BM25, one thread.

Catalogues of any size are made from the shop's titles, drawn with replacement, every weight of a bag moved by up to a
tenth so that no two products are the same. Vectors of the dense peer are random projections of the bags: exact inner
product costs the same whatever the numbers mean.
"""

from __future__ import annotations

import argparse
import statistics
from typing import Any

import faiss
import numba
import numpy as np

from core.bench.relevance_engines import ENGINES, MOST, PAIRS, Engine, Load
from core.bench.relevance_load import load_of, sources
from core.bench.rounds import interleaved
from core.errors import PrecedenceError

SIZES = (5_000, 50_000, 500_000)
USUAL = ("deepbow", "faiss_fp32", "faiss_int8", "bm25s")


def add(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--products", default=",".join(map(str, SIZES)), help="sizes of the catalogue")
    parser.add_argument("--engines", default=",".join(USUAL), help=f"of {', '.join(ENGINES)}")
    parser.add_argument("--queries", type=int, default=200, help="searches an engine and size, in interleaved rounds")
    parser.add_argument("--model", default="", help="start, words, or the folder of a model; default the trained start")
    parser.add_argument("--dims", type=int, default=128, help="of the dense peer")


def run(arguments: argparse.Namespace) -> dict[str, Any]:
    engines = [name.strip() for name in arguments.engines.split(",")]
    for name in engines:
        if name not in ENGINES:
            raise PrecedenceError(f"There is no engine {name!r}; there are {', '.join(ENGINES)}.")
    try:
        sizes = [int(size) for size in arguments.products.split(",")]
    except ValueError as error:
        raise PrecedenceError(f"--products {arguments.products!r} holds no sizes; give e.g. 5000,50000.") from error
    faiss.omp_set_num_threads(1)
    numba.set_num_threads(1)
    source = sources(arguments.queries, arguments.model)
    rows = []
    for size in sizes:
        load = load_of(source, size, arguments.dims)
        built = {name: ENGINES[name](load) for name in engines}
        rows += side_by_side(size, built, load)
        if not arguments.json:
            for row in rows[-len(engines) :]:
                print(row)
    return {"rows": rows, "queries": arguments.queries, "dims": arguments.dims, "bags": source.says, "threads": 1}


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
            }
        )
    return rows


def _recall(name: str, engine: Engine, load: Load) -> float | None:
    """Share of the ten best that truly are: bags against bags before rounding and cutting, vectors against float32.

    A row counts where its exact score reaches the tenth best one, so that ties cost nothing. None: BM25 is exact.
    """
    if name == "bm25s":
        return None
    hits, wanted = 0, 0
    for number in range(min(100, len(load.queries))):
        exact = _exact(name, load, number)
        most = min(MOST, int((exact > 0).sum()))
        if most == 0:
            continue
        least = np.partition(exact, -most)[-most]
        found = np.asarray(engine.search(number))[:most]
        hits += int((exact[found] >= least * (1 - 1e-6)).sum())
        wanted += most
    return round(hits / max(1, wanted), 4)


def _exact(name: str, load: Load, number: int) -> np.ndarray:
    if name.startswith("faiss"):
        return load.vectors @ load.query_vectors[number]
    query, bags = load.queries[number], load.bags
    weights = np.zeros(load.terms, np.float32)
    weights[query.ids] = query.weights
    sums = np.concatenate(([0.0], np.cumsum(weights[bags.ids] * bags.weights, dtype=np.float64)))
    return np.diff(sums[bags.starts])
