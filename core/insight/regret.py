"""How far a point lies above the lower convex envelope of a grid of weights. Plain arrays in and out; no torch.

A weighted sum, at rest on a convex front, lies on that front; so does a run under bounds, whose multipliers are weights
then. The best that it can do against a fine grid chosen with hindsight is therefore a tie, and the distance to the
grid's envelope is what it pays for not knowing the weights.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from core.insight.frontier import dominated

Values = NDArray[np.float64]


def regret(point: Values, grid: Values) -> float | None:
    """Of the last task, at the same losses of the others, as a share of the range of the grid's front; 0 on the
    envelope, below 0 beneath it.

        e(x) = min_a Σ_j a_j y_j   with   Σ_j a_j x_j ≤ x,   Σ_j a_j = 1,   a ≥ 0
        regret = (y − e(x)) / (max_F y_j − min_F y_j)

    where
        x, y        `point` [K]: losses of the protected tasks, and of the last one
        x_j, y_j    row j of `grid` [n, K]
        F           the rows that no other row dominates

    Less of a protected loss than asked for is allowed: a point that one grid point beats never has a regret below 0.
    None where the grid does not cover the point (no mixture has protected losses as low) or its front has no range.
    """
    from scipy.optimize import linprog  # here, so that reading a sweep needs no scipy

    rows, asked = np.asarray(grid, dtype=np.float64), np.asarray(point, dtype=np.float64)
    if len(rows) < 2:
        return None
    front = rows[~dominated(rows), -1]
    extent = float(front.max() - front.min())
    if extent <= 0:
        return None
    # In units of the grid's own range on each axis: the solver's tolerances are absolute.
    low, size = rows.min(axis=0), np.where(np.ptp(rows, axis=0) > 0, np.ptp(rows, axis=0), 1.0)
    rows, asked = (rows - low) / size, (asked - low) / size
    found = linprog(
        rows[:, -1], A_ub=rows[:, :-1].T, b_ub=asked[:-1], A_eq=np.ones((1, len(rows))), b_eq=[1.0], method="highs"
    )
    if not found.success:
        return None
    return float((asked[-1] - found.fun) * size[-1] / extent)


def regret_of_nearest(point: Values, grid: Values) -> float | None:
    """What the row of the grid whose protected losses are nearest to the point's has itself, against the other rows.

        j = argmin_j Σ_i ((x_ji − x_i) / range_i)²,   regret of row j, the grid without it

    with x as above and range_i that of the grid's column i. A weighted sum whose weight was guessed right pays so much:
    the envelope is the best of many noisy trainings, so that one more lies above it.
    """
    rows, asked = np.asarray(grid, dtype=np.float64), np.asarray(point, dtype=np.float64)
    size = np.where(np.ptp(rows, axis=0) > 0, np.ptp(rows, axis=0), 1.0)
    nearest = int((((rows - asked) / size)[:, :-1] ** 2).sum(axis=1).argmin())
    return regret(rows[nearest], np.delete(rows, nearest, axis=0))
