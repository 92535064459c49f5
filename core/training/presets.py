"""The default run of each data set: what was found to train well on it, as differences from `RunConfig`."""

from __future__ import annotations

from typing import Any

from core.data.source import DatasetChoice
from core.training.config import RunConfig

# Pairs of texts: all tasks at once; a few whole queries a batch, each text encoded once. The start is BM25 with
# translations: a hundred steps add what there is to add, more forget what others ask.
_PAIRS: dict[str, Any] = {
    "batch_size": 208,
    "stage_steps": 100,
    "evaluate_every": 50,
    "patience": 4,
    "reference": False,
    "probe_every": 0,
    "method": {"kind": "weighted_sum"},
    "optimiser": {"learning_rate": 1e-2, "weight_decay": 0.05},
}
# Few queries for so many words, or nobody knows how many: a slower, noisier learner.
_CAREFUL: dict[str, Any] = _PAIRS | {
    "model": {"kind": "deepbow", "dropout": 0.3},
    "optimiser": {"learning_rate": 3e-3, "weight_decay": 0.05},
}

_HISTORIES: dict[str, Any] = {
    "tolerance": 0.02,
    "stage_steps": 100,
    "evaluate_every": 25,
    "patience": 4,
    "slice_rows": 5_000,
    "record_every": 2,
    "probe_every": 50,
    "model": {"kind": "dupn"},
    "optimiser": {"learning_rate": 3e-3, "weight_decay": 0.05},
}

_DIFFERENCES: dict[str, dict[str, Any]] = {
    # A narrow last shared layer and strong decay, so that tasks compete for room and the multiplier shows it. Large
    # steps bring the first stage near its optimum within a few seconds; the later ones, which begin there, take small
    # steps, or their noise alone would breach a bound. At 5 % the bound lets go in the end; tightened, it holds.
    "shop": {
        "tolerance": 0.05,
        "stage_steps": 400,
        "evaluate_every": 25,
        "patience": 16,
        "probe_every": 200,
        "model": {"embedding_dim": 4, "trunk": (64, 8), "dropout": 0.0},
        "optimiser": {"learning_rate": 3e-2, "later_rate": 0.15, "final_rate": 0.05, "weight_decay": 1.0},
    },
    # Half a million rows and rare labels: large batches. A violation here is small and slow to go: the damped dual step
    # left the last of four stages without a feasible model, plain ascent at a high rate does not.
    "completejourney": {
        "batch_size": 4096,
        "stage_steps": 300,
        "evaluate_every": 25,
        "patience": 8,
        "model": {"embedding_dim": 4, "tower": (32,)},
        "optimiser": {"weight_decay": 0.3},
        "method": {"kind": "nmt", "dual_rate": 5.0, "proportional": 0.0, "slice_every": 20},
    },
    # Sequences cost far more than rows of a table: few steps, and readings on part of the slice.
    "shop_histories": _HISTORIES,
    "journey_histories": _HISTORIES,
    "shop_pairs": _PAIRS | {"model": {"kind": "deepbow", "average_length": 6.8}},
    "qbqtc": _CAREFUL | {"model": {"kind": "deepbow", "average_length": 10.6, "dropout": 0.3}},
    # Somebody's own table is often small: a small network, and a look at the slice often enough to keep the model of
    # the few steps before over-fitting begins.
    "own": {
        "evaluate_every": 20,
        "patience": 8,
        "slice_rows": 20_000,
        "model": {"embedding_dim": 4, "trunk": (32,), "dropout": 0.1},
        "optimiser": {"weight_decay": 0.5},
    },
}
STEPS_A_PASS = 8  # at least so many steps go over a table once, or a small one is learnt by heart within a few
SMALLEST_BATCH = 128


def default_run(dataset: str) -> RunConfig:
    """The run that a person gets who only chose a data set."""
    return RunConfig.model_validate({"dataset": {"name": dataset}, **_DIFFERENCES.get(dataset, {})})


def own_run(path: str, rows: int) -> RunConfig:
    """The default run on somebody's own table of so many rows, prepared in the folder `path`."""
    default = default_run("own")
    batch = max(SMALLEST_BATCH, min(default.batch_size, rows // STEPS_A_PASS))
    return default.model_copy(update={"dataset": DatasetChoice(name="own", path=path), "batch_size": batch})


def own_histories_run(path: str) -> RunConfig:
    """The default run on somebody's own events, prepared in the folder `path`."""
    return RunConfig.model_validate({**_HISTORIES, "dataset": {"name": "own", "path": path}})


def own_pairs_run(path: str) -> RunConfig:
    """The default run on somebody's own judged pairs, prepared in the folder `path`."""
    return RunConfig.model_validate({**_CAREFUL, "dataset": {"name": "own", "path": path}})
