"""Which points no other beats, and how much of the space of losses they cover. Plain arrays in and out; no torch."""

from __future__ import annotations

from dataclasses import dataclass

import moocore
import numpy as np
from numpy.typing import NDArray

from core.errors import PrecedenceError

Values = NDArray[np.float64]
_BEYOND = 0.1  # of each axis's range, by which the reference point lies beyond the worst value


def dominated(values: Values) -> NDArray[np.bool_]:
    """[n] True where another row is at most as high everywhere and lower somewhere; `values` [n, K], lower is better.

    Equal rows do not dominate each other.
    """
    return ~np.asarray(moocore.is_nondominated(_checked(values), keep_weakly=True), dtype=np.bool_)


@dataclass(frozen=True)
class Box:
    """The space that a hypervolume is measured in: from the best value of each axis to a little beyond the worst."""

    best: tuple[float, ...]
    worst: tuple[float, ...]

    @classmethod
    def around(cls, values: Values) -> Box:
        """The smallest box of all rows [n, K]; take one box for everything that is to be compared."""
        rows = _checked(values)
        return cls(tuple(rows.min(axis=0).tolist()), tuple(rows.max(axis=0).tolist()))

    def scaled(self, values: Values) -> Values:
        """Rows in units of the box: 0 is the best, 1 the worst of each axis; an axis without range counts 0."""
        best, worst = np.array(self.best), np.array(self.worst)
        extent = np.where(worst > best, worst - best, 1.0)
        return (np.asarray(values, dtype=np.float64) - best) / extent


def hypervolume(values: Values, box: Box) -> float:
    """The share of the box that the rows [n, K] dominate, 0 … 1; more is better.

        V = vol( ∪_i [x_i, r] ) / (1 + b)^K,   x in units of the box, r = 1 + b on every axis

    where b = 0.1 lets the ends of a front count too. moocore (Fonseca et al. 2006) takes the volume. Our choice: box
    and b, so that a value means the same at any scale of the losses; it depends on the box, so compare within one.
    """
    rows = box.scaled(_checked(values))
    tasks = rows.shape[1]
    edge = 1.0 + _BEYOND
    return float(moocore.hypervolume(rows, ref=np.full(tasks, edge))) / edge**tasks


@dataclass(frozen=True)
class Promise:
    """What one NMT run reached: the bounds it kept, and the loss of its last task."""

    bounds: dict[str, float]
    last: str
    loss: float

    def beaten_by(self, losses: dict[str, float]) -> bool:
        """Whether another run keeps the same bounds and has the last task lower."""
        if not self.bounds.keys() | {self.last} <= losses.keys():
            return False
        return losses[self.last] < self.loss and all(losses[task] <= bound for task, bound in self.bounds.items())


def _checked(values: Values) -> Values:
    rows = np.asarray(values, dtype=np.float64)
    if rows.ndim != 2 or not rows.size or not np.isfinite(rows).all():
        raise PrecedenceError(
            f"A front needs finite losses of one point or more, not an array of shape {rows.shape}; "
            "leave out points without a result."
        )
    return rows
