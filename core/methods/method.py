"""What every method is to the trainer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal, Protocol

from torch import Tensor

from core.methods.gradients import Again, Combined, TaskGradients

Needs = Literal["losses", "gradients"]


@dataclass(frozen=True)
class Stage:
    """One part of a run: tasks (as positions in the data set's order) whose loss is lowered, tasks held in bounds."""

    objective: tuple[int, ...]
    constraints: tuple[int, ...] = ()


class Method(Protocol):
    """From losses to the weights of one step. K tasks in the data set's order; tensors live on the run's device."""

    needs: Needs  # "gradients": a `GradientMethod`, one backward a task
    follow: bool  # weights apply to the shared parameters alone; a task's own layers descend their own loss in full
    looks_back: bool  # wants the batch's losses once more after the step

    @property
    def multipliers(self) -> Tensor:
        """[K] ≥ 0; 0 for a task that is not constrained."""

    def stages(self, priority: tuple[int, ...]) -> tuple[Stage, ...]:
        """The parts of a run under a priority order, most important task first."""

    def begin(self, stage: Stage) -> None:
        """Forget what belongs to the last stage."""

    def observe(self, violation: Tensor, overfitted: Tensor) -> None:
        """Dual step from the violations [K]; `overfitted` [K] marks those that no primal step can mend."""

    def see(self, losses: Tensor) -> None:
        """The batch's losses [K], before the step."""

    def look_back(self, losses: Tensor) -> None:
        """The same batch's losses [K] after the step; asked for where `looks_back`."""

    def weights(self) -> Tensor:
        """[K] weight of each task's loss in the primal step; nan where the step is no weighted sum."""

    def state_dict(self) -> dict[str, Any]: ...

    def load_state_dict(self, state: dict[str, Any]) -> None: ...


class GradientMethod(Method, Protocol):
    """A method that makes one update of the task gradients; a task's own layers descend their own loss in full."""

    asks_again: bool  # wants the batch's losses at other points, for curvature

    def tasks(self) -> list[int]:
        """Whose gradients it wants, in this order."""

    def combine(self, gradients: TaskGradients, again: Again | None = None) -> Combined:
        """The update over the shared parameters; raises PrecedenceError where a gradient is not finite."""
