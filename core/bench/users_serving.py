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
        "one_more_event": one_more_event(rounds),
    }


def one_more_event(rounds: int = 30) -> dict[str, float]:
    """What one more event of one user costs: `go_on_ms` reading on, `anew_ms` the same from the start, medians.

    `states_kept` is the mean share of the earlier events' states that could be taken over, `difference` the largest
    between the two representations. Users are those whose history the network reads whole; each is read just after the
    last event but one, and then, timed, just after the last. Both embed the events and attend to them anew.
    """
    from core.data.histories.encode import Coded
    from core.data.registry import read_histories
    from core.users.embedding.incremental import read_on
    from core.users.embedding.model import load_start

    histories, model = read_histories("shop_histories"), load_start("shop_histories")
    coded = Coded.of(histories, model.vocabularies)
    counts = np.diff(histories.offsets)
    able = np.flatnonzero((counts > model.config.length // 2) & (counts <= model.config.length))[: WARM + rounds]
    seconds: dict[str, list[float]] = {"go_on": [], "anew": []}
    kept, difference = [], 0.0
    for number, user in enumerate(able.tolist()):
        last = histories.of(user).stop - 1
        before = read_on(model, histories, coded, user, int(histories.time[last - 1]) + 1)
        moment = int(histories.time[last]) + 1
        found = {}
        for name, start in (("go_on", before), ("anew", None)):
            began = time.perf_counter()
            found[name] = read_on(model, histories, coded, user, moment, before=start)
            if number >= WARM:
                seconds[name].append(time.perf_counter() - began)
        kept.append(found["go_on"].kept / max(len(before.events), 1))
        apart = found["go_on"].representation - found["anew"].representation
        difference = max(difference, float(apart.abs().max()))
    return {
        **{f"{name}_ms": round(1e3 * float(np.median(values)), 2) for name, values in seconds.items()},
        "states_kept": round(float(np.mean(kept)), 3),
        "difference": difference,
    }
