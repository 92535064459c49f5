"""A search over a whole catalogue: this program's index against dense inner product and BM25, one thread.

Catalogues of any size are made from the shop's titles, drawn with replacement, every weight of a bag moved by up to a
tenth so that no two products are the same. Vectors of the dense peer are random projections of the bags: exact inner
product costs the same whatever the numbers mean.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import faiss
import numba

from core.errors import PrecedenceError
from core.relevance.race.engines import ENGINES
from core.relevance.race.load import load_of, sources
from core.relevance.race.race import side_by_side


def measure(
    sizes: Sequence[int],
    engines: Sequence[str],
    queries: int,
    model: str,
    dims: int,
    report: Callable[[dict[str, Any]], None] = lambda row: None,
) -> dict[str, Any]:
    """`rows` of one engine and size each, reported as they come: time, bytes and recall."""
    for name in engines:
        if name not in ENGINES:
            raise PrecedenceError(f"There is no engine {name!r}; there are {', '.join(ENGINES)}.")
    faiss.omp_set_num_threads(1)
    numba.set_num_threads(1)
    source = sources(queries, model)
    rows = []
    for size in sizes:
        load = load_of(source, size, dims)
        built = {name: ENGINES[name](load) for name in engines}
        for row in side_by_side(size, built, load):
            rows.append(row)
            report(row)
    encode_ms = round(source.encode_ms, 4)
    return {"rows": rows, "encode_ms": encode_ms, "queries": queries, "dims": dims, "bags": source.says, "threads": 1}
