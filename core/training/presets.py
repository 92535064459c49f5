"""The default run of each data set: what was found to train well on it, as differences from `RunConfig`."""

from __future__ import annotations

from typing import Any

from core.training.config import RunConfig

_DIFFERENCES: dict[str, dict[str, Any]] = {
    # A narrow last shared layer makes the tasks share, so that their conflict shows in the multipliers; small
    # embeddings and strong decay keep over-fitting out of the picture.
    "shop": {
        "stage_steps": 400,
        "evaluate_every": 25,
        "patience": 16,
        "model": {"embedding_dim": 4, "trunk": (64, 8), "dropout": 0.05},
        "optimiser": {"learning_rate": 4e-3, "weight_decay": 0.5},
    },
    # Half a million rows and rare labels: large batches, and a multiplier that moves within a few hundred steps.
    "completejourney": {
        "batch_size": 4096,
        "stage_steps": 300,
        "evaluate_every": 25,
        "patience": 8,
        "model": {"embedding_dim": 4, "tower": (32,)},
        "optimiser": {"weight_decay": 0.3},
        "method": {"kind": "nmt", "dual_rate": 5.0},
    },
}


def default_run(dataset: str) -> RunConfig:
    """The run that a person gets who only chose a data set."""
    return RunConfig.model_validate({"dataset": {"name": dataset}, **_DIFFERENCES.get(dataset, {})})
