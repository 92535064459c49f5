"""The property-gated LSTM: fused against the equations step by step, and against the library's plain LSTM.

Each is timed forward and backward on the same random events, in interleaved rounds. What the fused form saves is the
overhead of some forty small operations an event; where the products of matrices fill a core, as with many histories at
once, less is left to save, so that the ratio falls with the number of histories. On a GPU it does not.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn

from core.models.dupn_config import PAPER
from core.models.gated_lstm import PropertyGatedLSTM, stepwise
from core.rounds import interleaved, ratio

ITEM, PROPERTY = 124, 48  # the paper's widths
BATCHES = (1, 16, 102)  # a user who is served, a small batch, the histories of 1024 rows of ten products each
MAIN = 16


def sequences(rounds: int = 5, device: str = "cpu", batches: tuple[int, ...] = BATCHES) -> dict[str, Any]:
    """sequences_per_second, loop_ratio and lstm_ratio at MAIN histories of the paper's sizes, and all of `batches`."""
    every = [_batch(count, rounds, torch.device(device)) for count in batches]
    main = next((row for row in every if row["histories"] == MAIN), every[-1])
    keep = ("sequences_per_second", "loop_ratio", "lstm_ratio")
    return {name: main[name] for name in keep} | {"histories": main["histories"], "batches": every}


def _batch(count: int, rounds: int, device: torch.device) -> dict[str, Any]:
    events, hidden = int(PAPER["length"]), int(PAPER["hidden"])  # type: ignore[call-overload]
    torch.manual_seed(0)
    gated = PropertyGatedLSTM(ITEM, PROPERTY, hidden).to(device)
    plain = nn.LSTM(ITEM + PROPERTY, hidden, batch_first=True).to(device)
    items = torch.randn(count, events, ITEM, device=device, requires_grad=True)
    properties = torch.randn(count, events, PROPERTY, device=device, requires_grad=True)
    runs: dict[str, Callable[[], Tensor]] = {
        "fused": lambda: gated(items, properties),
        "loop": lambda: stepwise(gated, items, properties),
        "lstm": lambda: plain(torch.cat((items, properties), -1))[0],
    }

    def learning(run: Callable[[], Tensor]) -> Callable[[], None]:
        def once() -> None:
            run().sum().backward()
            if device.type == "cuda":
                torch.cuda.synchronize()

        return once

    calls = {name: learning(run) for name, run in runs.items()}
    for call in calls.values():
        call()
    seconds = interleaved(calls, rounds)
    best = min(seconds["fused"])
    return {
        "histories": count,
        "events": events,
        "hidden": hidden,
        "sequences_per_second": round(count / best, 1),
        "loop_ratio": round(ratio(seconds, "loop", "fused"), 2),
        "lstm_ratio": round(ratio(seconds, "lstm", "fused"), 2),
    }


def embedding(users: int) -> dict[str, Any]:
    """Seconds to embed so many users by the trained start: those of the shop, over and over."""
    import numpy as np

    from core.data.registry import read_histories
    from core.users.embedding.model import load_start
    from core.users.embedding.represent import represent_users

    histories, model = read_histories("shop_histories"), load_start("shop_histories")
    chosen = np.arange(users) % len(histories)
    began = time.perf_counter()
    represent_users(model, histories, users=chosen.tolist())
    seconds = time.perf_counter() - began
    return {"users": users, "seconds": round(seconds, 1), "users_per_second": round(users / seconds, 1)}
