"""What each setting of a grid of weights comes to itself, over seeds: how good a guess of the weights could be."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from core.bench.side_by_side import Lanes
from core.insight.regret import regret

SPLITS = ("validation", "test")


def settings_alone(
    each: Sequence[Lanes], grid: Tensor, order: Sequence[int], names: Sequence[str], tolerances: Sequence[float]
) -> list[dict[str, Any]]:
    """One a setting, over the seeds' lanes, the last of which is the most important task alone: its regret against the
    other settings, how far that task lies over its single-task run on test rows, and the share of seeds in which that
    is within each tolerance.

    `each` [seeds] of losses [L + 1, K], `grid` [L, K], `order` the tasks with the most important one first.
    """
    found = []
    for at, weights in enumerate(grid.tolist()):
        over = [float(lanes.test[at, order[0]] / lanes.test[-1, order[0]]) - 1 for lanes in each]
        regrets = {split: [_regret_of(getattr(lanes, split)[:-1, order], at) for lanes in each] for split in SPLITS}
        found.append(
            {
                "weights": {names[task]: round(weights[task], 4) for task in order[1:]},
                "regret": {split: quantile(values, 0.5) for split, values in regrets.items()},
                "regret_upper_quartile": {split: quantile(values, 0.75) for split, values in regrets.items()},
                "over_alone": float(np.median(over)),
                "within_alone": {f"{value:g}": float(np.mean([one <= value for one in over])) for value in tolerances},
            }
        )
    return found


def quantile(values: Sequence[float | None], at: float) -> float | None:
    """Of the values that are known; None where none is."""
    known = [value for value in values if value is not None]
    return float(np.quantile(known, at)) if known else None


def _regret_of(losses: Tensor, at: int) -> float | None:
    rows: NDArray[np.float64] = losses.double().numpy()
    return regret(rows[at], np.delete(rows, at, axis=0))
