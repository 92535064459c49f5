"""A step of every method against a plain weighted-sum step: the costs that the registry states."""

from __future__ import annotations

import argparse
import statistics
from typing import Any

import torch

from core.bench.step import advance
from core.bench.synthetic import synthetic_dataset
from core.methods.registry import METHODS, PLAIN
from core.rounds import interleaved, ratio


def add(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--rounds", type=int, default=12, help="interleaved rounds of all methods")
    parser.add_argument("--steps", type=int, default=4, help="steps of each method a round")
    parser.add_argument("--batch", type=int, default=1024)
    parser.add_argument("--rows", type=int, default=20_000)
    parser.add_argument("--threads", type=int, default=1)


def run(arguments: argparse.Namespace) -> dict[str, Any]:
    """`rows` of {method over_plain}: median ratio of whole steps, four tasks, 32 sparse fields × 16, trunk 256–128."""
    torch.set_num_threads(arguments.threads)
    data = synthetic_dataset(rows=arguments.rows, fields=32, size=1000, dense=4, tasks=4)
    contenders = {
        name: advance(card.config(), data, arguments.batch, arguments.steps) for name, card in METHODS.items()
    }
    interleaved(contenders, 1)  # warm
    seconds = interleaved(contenders, arguments.rounds)
    return {
        "rows": [{"method": name, "over_plain": round(ratio(seconds, name, PLAIN), 2)} for name in METHODS],
        "plain_step_ms": round(1e3 * statistics.median(seconds[PLAIN]) / arguments.steps, 3),
        "rounds": arguments.rounds,
        "batch": arguments.batch,
        "threads": arguments.threads,
        "torch": torch.__version__,
    }
