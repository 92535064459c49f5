"""Which bounds a run's config asks for: on losses, or on metrics."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch

from core.errors import PrecedenceError
from core.methods.interface import ConstrainedConfig
from core.training.bounds import Bounds
from core.training.metric_bounds import MetricBounds
from core.training.plan import tolerance_list

if TYPE_CHECKING:
    from core.training.trainer import Trainer

Promises = Bounds | MetricBounds


def make_bounds(run: Trainer) -> Promises:
    """The bounds that a run's config asks for; raises PrecedenceError where a tolerance names no task, or where a
    metric's would be read on training rows."""
    method = run.config.method if isinstance(run.config.method, ConstrainedConfig) else ConstrainedConfig()
    tolerances = torch.tensor(tolerance_list(run.config, run.tasks), dtype=run.losses.base.dtype, device=run.device)
    train_sample = run.sample("train", len(run.slice_rows))
    paired = method.bound == "paired"
    if method.tolerance_kind == "metric":
        if method.bound_on == "train":
            raise PrecedenceError(
                "A tolerance of the metric is read on the slice, not on training batches; use method.bound_on = slice, "
                "or a tolerance of the loss."
            )
        return MetricBounds(run.dataset, run.losses, run.slice_rows, train_sample, tolerances, paired)
    return Bounds(
        run.dataset,
        run.losses,
        slice_rows=run.slice_rows,
        train_sample=train_sample,
        tolerances=tolerances,
        relative=method.tolerance_kind == "relative",
        paired=paired,
        on_train=method.bound_on == "train",
    )
