"""The unit in which a person writes tolerances: per cent of a loss, its own unit, or points of the metric."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from core.data.description import Task
from core.methods.interface import ToleranceKind


@dataclass(frozen=True)
class ToleranceUnit:
    """How fields and sliders show a tolerance: `scale` × what the config holds."""

    kind: ToleranceKind
    label: str  # in the menu
    scale: float
    step: float
    shape: str  # of a slider's number
    usual: float  # for every task, as the config holds it, where the unit was just chosen

    def mark(self, task: Task) -> str:
        """What stands behind the number; there is little room, so NDCG@10 is NDCG there."""
        return {"relative": "%", "absolute": "", "metric": task.metric.name.partition("@")[0]}[self.kind]

    def says(self, task: Task) -> str:
        """`Relevance may lose`, and then this."""
        if self.kind == "metric":
            return f"points of {task.metric.name}"
        return "% of its loss" if self.kind == "relative" else "units of its loss"

    def marks(self, tasks: Sequence[Task]) -> dict[str, dict[str, str]]:
        return {task.name: {"mark": self.mark(task), "says": self.says(task)} for task in tasks}


UNITS: dict[ToleranceKind, ToleranceUnit] = {
    unit.kind: unit
    for unit in (
        ToleranceUnit("relative", "% of the loss", 100, 0.5, "%.2f", 0.01),
        ToleranceUnit("absolute", "units of the loss", 1, 0.005, "%.4f", 0.005),
        ToleranceUnit("metric", "points of the metric", 1, 0.001, "%.4f", 0.002),
    )
}
