"""An NMT step against a plain weighted-sum step, both with telemetry on."""

from __future__ import annotations

import statistics
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import torch

from core.bench.synthetic import synthetic_dataset
from core.data.dataset import Dataset
from core.methods.interface import BaseConfig
from core.methods.nmt import NMTConfig
from core.methods.weighted_sum import WeightedSumConfig
from core.models.config import ModelConfig
from core.rounds import interleaved, ratio
from core.settings.run import RunConfig
from core.training.loop import Trainer


def measure(rounds: int, steps: int, batch: int, rows: int, threads: int) -> dict[str, Any]:
    """Four tasks, 32 sparse fields × 16, trunk 256–128: the last NMT stage, with three constraints."""
    torch.set_num_threads(threads)
    data = synthetic_dataset(rows=rows, fields=32, size=1000, dense=4, tasks=4)
    methods: dict[str, BaseConfig] = {"nmt": NMTConfig(), "plain": WeightedSumConfig()}
    contenders = {name: advance(method, data, batch, steps) for name, method in methods.items()}
    seconds = interleaved(contenders, rounds)
    return {
        "nmt_over_plain": round(ratio(seconds, "nmt", "plain"), 4),
        "plain_step_ms": round(1e3 * statistics.median(seconds["plain"]) / steps, 3),
        "rounds": rounds,
        "batch": batch,
        "threads": threads,
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
    while trainer.state.place < len(trainer.state.plan) - 1:
        next(turns)
    trainer.state.plan[-1] = replace(trainer.state.phase, steps=10**9)  # it goes on for as long as it is asked

    def take() -> None:
        for _ in range(steps):
            for event in next(turns):
                event.model_dump_json()

    return take
