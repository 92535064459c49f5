"""The stages of a run, and how far the one under way has come: its best model so far, its multipliers, its means."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

import torch
from torch import Tensor

from core.events.events import PhaseKind
from core.methods.interface import ConstrainedConfig, Method, Stage
from core.settings.run import RunConfig
from core.training.measure import Reading
from core.training.schedule import stage_lengths, starts_together, steps_alone

Weights = dict[str, Tensor]


@dataclass(frozen=True)
class Phase:
    """One entry of a run's plan: all tasks together before the stages, a stage of the method, or a task trained alone,
    to compare with."""

    stage: Stage
    kind: PhaseKind = "main"
    steps: int = 0  # at most; set by the plan

    @property
    def is_own(self) -> bool:
        """Trains the run's model, not one to compare with."""
        return self.kind != "reference"


def phases(method: Method, order: tuple[int, ...], config: RunConfig) -> list[Phase]:
    """All tasks together where the config asks for it, the method's stages, then each task alone, to compare with; a
    first stage of one task is that already."""
    stages, lengths = method.stages(order), stage_lengths(config, len(order))
    plan = [Phase(stage) for stage in stages]
    if starts_together(config, len(order)):
        assert isinstance(config.method, ConstrainedConfig)
        plan.insert(0, Phase(_together(order, config.method.together_decay), "together"))
    first = plan[0].stage
    plan = [replace(phase, steps=steps) for phase, steps in zip(plan, lengths, strict=True)]
    if config.reference:
        known = first.objective if len(first.objective) == 1 else ()
        alone = steps_alone(config, len(order))
        plan += [Phase(Stage((task,)), "reference", alone) for task in order if task not in known]
    return plan


def _together(order: tuple[int, ...], decay: float) -> Stage:
    """All tasks, the weights falling with priority. Equal ones are in no order, so that runs under other priorities
    have this part in common bit for bit."""
    if decay == 1:
        return Stage(tuple(sorted(order)))
    return Stage(order, weights=tuple(decay**place for place in range(len(order))))


@dataclass(frozen=True)
class StageEnd:
    """What another run's stage ended with: a model, and the multipliers [K] that held it there."""

    weights: Weights
    multipliers: Tensor


@dataclass
class StageProgress:
    """The state of the stage that is being trained; `core.training.ending` says when it is over.

    The stage keeps the best *feasible* model by its objective's loss on the validation rows. Warm-started, the start
    itself is feasible and counts, so a more important task never loses more than its tolerance there.
    """

    start_step: int
    steps: int = 0
    start_score: float | None = None  # objective's loss at the start, where the start is feasible
    best_score: float | None = None
    best_step: int = 0
    best_reading: Reading | None = None
    best_weights: Weights = field(default_factory=dict)
    stale: int = 0  # evaluations since the best
    nearest: tuple[float, int, list[float | None]] | None = None  # of the models outside: how far, step, violations
    multipliers: list[list[float]] = field(default_factory=list)  # at each record
    share: float = 1.0  # of the usual steps: less where it began from another run's model

    def offer(self, score: float, step: int, reading: Reading, weights: Weights) -> bool:
        """Take a feasible model if it is better than the best so far; says whether it was."""
        if self.best_score is not None and score >= self.best_score:
            self.stale += 1
            return False
        self.best_score, self.best_step, self.best_reading, self.stale = score, step, reading, 0
        self.best_weights = {name: value.detach().clone() for name, value in weights.items()}
        return True

    def miss(self, distance: float, step: int, violations: list[float | None]) -> None:
        """Note a model outside the bounds where it is the nearest so far; patience begins with the first inside."""
        if self.nearest is None or distance < self.nearest[0]:
            self.nearest = (distance, step, violations)
        if self.best_score is not None:
            self.stale += 1

    def forget_best(self) -> None:
        """The best is no longer feasible, because a tolerance was tightened."""
        self.start_score = self.best_score = self.best_reading = None
        self.best_weights, self.stale, self.nearest = {}, 0, None

    def price(self, tasks: int) -> list[float]:
        """[K] mean multipliers over the last half of the stage's records."""
        last = self.multipliers[-max(1, len(self.multipliers) // 2) :] or [[0.0] * tasks]
        return [sum(column) / len(last) for column in zip(*last, strict=True)]

    def state_dict(self) -> dict[str, Any]:
        state = dict(vars(self))
        state["best_reading"] = self.best_reading and dict(vars(self.best_reading))
        return state

    @classmethod
    def from_state(cls, state: dict[str, Any]) -> StageProgress:
        reading = state["best_reading"]
        return cls(**{**state, "best_reading": reading and Reading.from_state(reading)})


@dataclass
class Branch:
    """Where later stages go back to, and how losses ran down from there; empty where none does."""

    point: dict[str, Any] | None = None  # states of network, optimiser and draws
    first: Reading | None = None  # of the model there, on the validation rows
    trace: list[tuple[int, Reading]] = field(default_factory=list)  # of the stage under way, by steps from there
    ahead: dict[int, list[tuple[int, float]]] = field(default_factory=dict)  # protected task → how far above, by steps
    price: list[float] = field(default_factory=list)  # [K] multipliers of the last stage that is done

    def state_dict(self) -> dict[str, Any]:
        """Nothing where there is no such point: the state is then the same as of runs that cannot branch."""
        if self.point is None or self.first is None:
            return {}
        trace = [(since, dict(vars(reading))) for since, reading in self.trace]
        first = dict(vars(self.first))
        return {
            "branch": {
                "point": self.point, "first": first, "trace": trace, "ahead": self.ahead, "price": self.price,
            }
        }  # fmt: skip

    @classmethod
    def from_state(cls, run: dict[str, Any]) -> Branch:
        """From the state of a run."""
        if "branch" not in run:
            return cls()
        state = run["branch"]
        trace = [(since, Reading.from_state(reading)) for since, reading in state["trace"]]
        first = Reading.from_state(state["first"])
        return cls(state["point"], first, trace, state["ahead"], state.get("price", []))


class Recorder:
    """Means of losses [K] and training violations [K] since the last point of the curves, kept on the device so that a
    step does not wait for them."""

    def __init__(self, like: Tensor) -> None:
        self._zero = torch.zeros(2, len(like), dtype=like.dtype, device=like.device)
        self.clear()

    def clear(self) -> None:
        self._sum, self._count = self._zero.clone(), 0

    def add(self, losses: Tensor, violation: Tensor) -> None:
        self._sum += torch.stack((losses, violation))
        self._count += 1

    def take(self) -> tuple[list[float], list[float]]:
        """The two means; the record begins anew."""
        losses, violation = (self._sum / max(1, self._count)).tolist()
        self.clear()
        return losses, violation

    def state_dict(self) -> dict[str, Any]:
        return {"sum": self._sum, "count": self._count}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        self._sum, self._count = state["sum"], state["count"]
