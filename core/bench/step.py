"""An NMT step against a plain weighted-sum step, both with telemetry on."""

from __future__ import annotations

import argparse
import statistics
from collections.abc import Callable
from typing import Any

import torch

from core.bench.synthetic import synthetic_dataset
from core.data.dataset import Dataset
from core.methods.interface import BaseConfig
from core.methods.nmt import NMTConfig
from core.methods.weighted_sum import WeightedSumConfig
from core.models.config import ModelConfig
from core.rounds import interleaved, ratio
from core.training.config import RunConfig
from core.training.trainer import Trainer


def add(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--rounds", type=int, default=40, help="interleaved pairs")
    parser.add_argument("--steps", type=int, default=50, help="steps a round: a multiple of the evaluation interval")
    parser.add_argument("--batch", type=int, default=1024)
    parser.add_argument("--rows", type=int, default=60_000)
    parser.add_argument("--threads", type=int, default=1)


def run(arguments: argparse.Namespace) -> dict[str, Any]:
    """Four tasks, 32 sparse fields × 16, trunk 256–128: the last NMT stage, with three constraints."""
    torch.set_num_threads(arguments.threads)
    data = synthetic_dataset(rows=arguments.rows, fields=32, size=1000, dense=4, tasks=4)
    methods: dict[str, BaseConfig] = {"nmt": NMTConfig(), "plain": WeightedSumConfig()}
    contenders = {name: advance(method, data, arguments.batch, arguments.steps) for name, method in methods.items()}
    seconds = interleaved(contenders, arguments.rounds)
    return {
        "nmt_over_plain": round(ratio(seconds, "nmt", "plain"), 4),
        "plain_step_ms": round(1e3 * statistics.median(seconds["plain"]) / arguments.steps, 3),
        "rounds": arguments.rounds,
        "batch": arguments.batch,
        "threads": arguments.threads,
        "torch": torch.__version__,
    }


def advance(method: BaseConfig, data: Dataset, batch: int, steps: int) -> Callable[[], None]:
    """A call takes so many steps, events written as JSON; NMT is brought to its last stage first."""
    config = RunConfig(
        method=method,
        batch_size=batch,
        model=ModelConfig(trunk=(256, 128), tower=(64,)),
        evaluate_every=steps,
        stage_steps=steps,
        patience=10**6,
        probe_every=0,
        reference=False,
    )
    trainer = Trainer(config, data)
    turns = trainer.run()
    while trainer.place < len(trainer.plan) - 1:
        next(turns)
    trainer.config = config.model_copy(update={"stage_steps": 10**9})

    def take() -> None:
        for _ in range(steps):
            for event in next(turns):
                event.model_dump_json()

    return take
