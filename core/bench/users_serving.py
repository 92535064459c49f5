"""Serving DUPN: the user's part of the network once a query, then the click head for many candidates (§4.3)."""

from __future__ import annotations

import time
from typing import Any

import numpy as np

CANDIDATES = 10_000
WARM = 3  # first calls that are not counted


def serving(rounds: int = 30, candidates: int = CANDIDATES, queries: int = 10) -> dict[str, Any]:
    """candidates_per_second, p50_ms_10000 and p95_ms_10000 of the trained start, on one thread.

    A round is one user under one query: the history is read and represented once, and `candidates` items of the shop
    are scored. Users and queries differ from round to round. `user_ms` is the same with a single candidate: the part
    that does not grow with their number.
    """
    from core.data.registry import read_histories
    from core.users.embedding.model import load_start
    from core.users.embedding.represent import Query, score_items

    histories, model = read_histories("shop_histories"), load_start("shop_histories")
    many = 1 + np.arange(candidates) % (len(histories.items) - 1)
    asked = [Query(str(name)) for name in histories.names["category"][1 : queries + 1]]
    seconds: dict[str, list[float]] = {"many": [], "one": []}
    for number in range(WARM + rounds):
        user, query = number % len(histories), asked[number % len(asked)]
        for name, items in (("many", many), ("one", many[:1])):
            began = time.perf_counter()
            score_items(model, histories, user, items.tolist(), query)
            if number >= WARM:
                seconds[name].append(time.perf_counter() - began)
    return {
        "candidates": candidates,
        "candidates_per_second": round(candidates / float(np.median(seconds["many"]))),
        f"p50_ms_{CANDIDATES}": round(1e3 * float(np.percentile(seconds["many"], 50)), 2),
        f"p95_ms_{CANDIDATES}": round(1e3 * float(np.percentile(seconds["many"], 95)), 2),
        "user_ms": round(1e3 * float(np.median(seconds["one"])), 2),
    }
