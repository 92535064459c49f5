"""Step events as columns: one series a quantity and task, as the live charts and the library hold them."""

from __future__ import annotations

import math
from array import array
from collections.abc import Iterable

from core.events.events import Started, Step
from core.runs.folder.thin import MOST_POINTS, thin

QUANTITIES = ("loss", "multiplier", "weight", "violation", "violation_train")
"""Fields of a Step event that become curves; a series is named `quantity/task`."""

CHEAP_ANGLE, CORRECTION = "last_layer_cosine", "correction"
"""Other curves of a Step event: `last_layer_cosine/task|task` of each pair, and `correction/update`."""

Columns = dict[str, dict[str, list[int] | list[float]]]
"""Series name → {"x": steps, "y": values}."""


class Series:
    """Every curve of one run, growing. Values that are not defined (null) leave no point.

    Kept as packed doubles: 100,000 records of 6 tasks are 50 MB of numbers, not 200 of objects.
    """

    def __init__(self, tasks: Iterable[str] = (), most: int | None = None) -> None:
        """`most`: a series that grows beyond ten times so many points is thinned to so many, extremes kept, so that
        the picture of a long run takes no more memory than that of a short one."""
        self.tasks = tuple(tasks)
        self._most = most
        self._x: dict[str, array[int]] = {}
        self._y: dict[str, array[float]] = {}

    def __len__(self) -> int:
        return sum(map(len, self._x.values()))

    def start(self, event: Started) -> None:
        self.tasks = tuple(event.tasks)

    def add(self, event: Step) -> None:
        for quantity in QUANTITIES:
            values: list[float | None] = getattr(event, quantity)
            for task, value in zip(self.tasks, values, strict=True):
                self._point(f"{quantity}/{task}", event.step, value)
        for (one, other), cosine in zip(event.pairs, event.last_layer_cosine, strict=False):
            if max(one, other) < len(self.tasks):
                self._point(f"{CHEAP_ANGLE}/{self.tasks[one]}|{self.tasks[other]}", event.step, cosine)
        self._point(f"{CORRECTION}/update", event.step, event.correction)

    def _point(self, name: str, step: int, value: float | None) -> None:
        if value is None or not math.isfinite(value):
            return
        if name not in self._x:
            self._x[name], self._y[name] = array("q"), array("d")
        self._x[name].append(step)
        self._y[name].append(value)
        if self._most is not None and len(self._x[name]) > 10 * self._most:
            x, y = thin(self._x[name], self._y[name], self._most)
            self._x[name], self._y[name] = array("q", x.tolist()), array("d", y.tolist())

    def columns(self) -> Columns:
        """All points."""
        return {name: {"x": x.tolist(), "y": _short(self._y[name])} for name, x in self._x.items()}

    def thinned(self, most: int = MOST_POINTS) -> Columns:
        """At most `most` points a series, extremes kept."""
        columns: Columns = {}
        for name in self._x:
            x, y = thin(self._x[name], self._y[name], most)
            columns[name] = {"x": x.tolist(), "y": _short(y.tolist())}
        return columns


def _short(values: Iterable[float]) -> list[float]:
    """Seven significant digits: more than a screen shows, half the bytes of the full form."""
    return [float(f"{value:.7g}") for value in values]
