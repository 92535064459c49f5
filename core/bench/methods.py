"""A step of every method against a plain weighted-sum step: the costs that the registry states."""

from __future__ import annotations

import statistics
from typing import Any

import torch

from core.bench.step import advance
from core.bench.synthetic import synthetic_dataset
from core.methods.registry import METHODS, PLAIN
from core.rounds import interleaved, ratio


def measure(rounds: int, steps: int, batch: int, rows: int, threads: int) -> dict[str, Any]:
    """`rows` of {method over_plain}: median ratio of whole steps, four tasks, 32 sparse fields × 16, trunk 256–128."""
    torch.set_num_threads(threads)
    data = synthetic_dataset(rows=rows, fields=32, size=1000, dense=4, tasks=4)
    contenders = {name: advance(card.config(), data, batch, steps) for name, card in METHODS.items()}
    interleaved(contenders, 1)  # warm
    seconds = interleaved(contenders, rounds)
    return {
        "rows": [{"method": name, "over_plain": round(ratio(seconds, name, PLAIN), 2)} for name in METHODS],
        "plain_step_ms": round(1e3 * statistics.median(seconds[PLAIN]) / steps, 3),
        "rounds": rounds,
        "batch": batch,
        "threads": threads,
        "torch": torch.__version__,
    }
