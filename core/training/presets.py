"""The default run of each data set: what was found to train well on it, as differences from `RunConfig`."""

from __future__ import annotations

from typing import Any

from core.training.config import RunConfig

_DIFFERENCES: dict[str, dict[str, Any]] = {
    "completejourney": {
        "batch_size": 4096,
        "stage_steps": 300,
        "evaluate_every": 25,
        "model": {"embedding_dim": 8},
    },
}


def default_run(dataset: str) -> RunConfig:
    """The run that a person gets who only chose a data set."""
    return RunConfig.model_validate({"dataset": {"name": dataset}, **_DIFFERENCES.get(dataset, {})})
