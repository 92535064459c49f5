"""A search over a whole catalogue: this program's index against dense inner product and BM25, one thread.

Catalogues of any size are made from the shop's titles, drawn with replacement, every weight of a bag moved by up to a
tenth so that no two products are the same. Vectors of the dense peer are random projections of the bags: exact inner
product costs the same whatever the numbers mean.
"""

from __future__ import annotations

import argparse
from typing import Any

import faiss
import numba

from core.errors import PrecedenceError
from core.relevance.race.engines import ENGINES
from core.relevance.race.load import load_of, sources
from core.relevance.race.race import side_by_side

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
