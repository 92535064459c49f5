"""All that a run is. What it has come to can be saved, so that it goes on elsewhere with the same bits."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, replace
from typing import Any

import torch
from torch import Tensor
from torch.optim import Optimizer

from core.data.batches import shuffled
from core.data.dataset import Dataset
from core.events.events import Numbers, Progress, StageFinished
from core.methods.fixed import FixedWeights
from core.methods.interface import ConstrainedConfig, Method, Problem
from core.settings.run import RunConfig
from core.training.bounds import Bounds, Violations
from core.training.draws import Draws
from core.training.knobs import priority_order
from core.training.margin import distances
from core.training.measure import Reading, Score, read
from core.training.primal import build_optimiser
from core.training.schedule import branches
from core.training.setup import Setup
from core.training.single_task import SingleTask
from core.training.stage import Branch, Phase, Recorder, StageEnd, StageProgress, Weights, phases


class RunState:
    """One run: `setup` never changes; config, order, plan and bounds change with a knob alone; the rest goes on with
    every step. Written by `core.training.loop` and `core.training.control`; telemetry, probe and endings only read.

    Everything random is drawn from generators made from `config.seed`, so that runs taking turns in one process do not
    disturb each other. K tasks in the data set's order.
    """

    config: RunConfig
    order: tuple[int, ...]  # tasks, most important first
    plan: list[Phase]
    validation_rows: Tensor  # [n] row numbers on which bounds and violations are read
    bounds: Bounds
    method: Method
    draws: Draws
    optimiser: Optimizer  # of the stage under way
    branch: Branch

    def __init__(self, config: RunConfig, dataset: Dataset, device: str | None, dtype: torch.dtype) -> None:
        self.setup = Setup.make(config, dataset, device, dtype)
        self.initial = self.weights()  # from which a first stage and a task alone begin
        self.adopt(config)
        self.step = 0  # optimiser steps of the whole run
        self.seconds = 0.0  # of training, pauses left out
        self.place = 0  # in the plan
        self.stage: StageProgress | None = None  # of the stage at `place`; None before it begins
        self.violations = Violations(self.setup.losses.base)
        self.recorder = Recorder(self.setup.losses.base)
        self.branch = Branch()
        self.average: Weights = {}  # running average of the weights; empty where none is asked for
        self.averaged_steps = 0
        self.kept: list[Weights] = []  # the model that each finished main stage kept
        self.alone: dict[int, Score] = {}  # each task's own single-task model on the test rows
        self.known: dict[int, SingleTask] = {}  # tasks whose single-task model another run has trained
        self.final: Reading | None = None  # the last main stage's model on the test rows
        self.final_stage: StageFinished | None = None
        self.between: list[Weights] | None = None  # models that the last stage is read off; None: it is trained
        self.offered: dict[int, tuple[list[StageEnd], float]] = {}  # place in the plan → models, share of the steps

    def adopt(self, config: RunConfig) -> None:
        """Take what follows from the config alone; raises PrecedenceError where it does not fit the data set."""
        setup = self.setup
        self.config = config
        self.order = priority_order(config.priority, setup.tasks)
        self.validation_rows = sample_rows(setup.dataset, config.seed, "validation", config.validation_rows)
        train_sample = sample_rows(setup.dataset, config.seed, "train", len(self.validation_rows))
        self.bounds = Bounds.of(config, setup.dataset, setup.losses, self.validation_rows, train_sample)
        self.method = self.main_method()
        self.plan = phases(self.method, self.order, config)
        self.begin_draws()

    def begin_draws(self) -> None:
        """Draw everything from the seed anew."""
        self.draws = Draws(self.config.seed, self.setup.dataset, self.validation_rows, self.config.batch_size)
        self.setup.network.use_generator(self.draws.dropout)

    def main_method(self) -> Method:
        """A fresh method as the config has it."""
        return self.config.method.build(Problem(self.setup.tasks, self.setup.losses.base, self.config.seed))

    def alone_method(self) -> Method:
        """That of a task trained alone, to compare with."""
        return FixedWeights(torch.ones_like(self.setup.losses.base), alone=True)

    # ------------------------------------------------------------------ where it stands

    @property
    def over(self) -> bool:
        return self.place >= len(self.plan)

    @property
    def phase(self) -> Phase:
        return self.plan[self.place]

    @property
    def begins_trained(self) -> bool:
        """Whether the stage under way begins from the model of the stage before it, not from fresh weights."""
        method = self.config.method
        fresh = isinstance(method, ConstrainedConfig) and method.start == "fresh"
        return self.phase.is_own and self.place > 0 and not fresh

    @property
    def goes_on(self) -> bool:
        """Whether optimiser and learning rate run on through all stages of the run, from a common start to the end,
        instead of beginning anew with each: what a stage begins from is then no optimum to leave in large steps."""
        return self.phase.is_own and self.plan[0].kind == "together"

    @property
    def branches(self) -> bool:
        """Whether each stage begins where the common start ended: see `core.training.branching`."""
        return self.goes_on and branches(self.config, len(self.order))

    @property
    def sets_bound(self) -> bool:
        """Whether the stage under way only measures the first task's bound, on the model of the common start."""
        return self.place == 1 and self.goes_on and not self.branches

    @property
    def stage_steps(self) -> int:
        """Most steps of the stage under way."""
        share = self.stage.share if self.stage else 1.0
        return max(1, round(share * self.phase.steps))

    @property
    def trained_tasks(self) -> list[int]:
        """The tasks that this stage trains; untrained heads have nothing to say of conflict."""
        return sorted((*self.phase.stage.objective, *self.phase.stage.constraints))

    @property
    def progress(self) -> Progress:
        return _progress(self)

    def names(self, tasks: tuple[int, ...]) -> list[str]:
        return [self.setup.tasks[task] for task in tasks]

    def constrained(self, value: Callable[[int], float]) -> Numbers:
        """`value` of each constrained task of the stage, None of the others."""
        chosen = self.phase.stage.constraints
        return [value(task) if task in chosen else None for task in range(len(self.setup.tasks))]

    # ------------------------------------------------------------------ the model

    def weights(self) -> Weights:
        """A copy of the network's weights."""
        return {name: value.detach().clone() for name, value in self.setup.network.state_dict().items()}

    def read(self, rows: Tensor) -> Reading:
        """The model as it stands on these rows."""
        found = read(self.setup.network, self.setup.losses, self.setup.dataset, rows)
        judged = self.bounds.margin and rows is self.validation_rows
        return replace(found, distance=distances(self.bounds, self.setup.network)) if judged else found

    def violations_of(self, reading: Reading) -> Numbers:
        return self.constrained(lambda task: self.bounds.violation(task, reading))

    def feasible(self, reading: Reading) -> bool:
        return all(violation is None or violation <= 0 for violation in self.violations_of(reading))

    def score(self, reading: Reading) -> float:
        """What the stage lowers: the weighted sum of its objective's losses, each divided by its task's base loss."""
        base, stage = self.setup.losses.base.tolist(), self.phase.stage
        weights = stage.weights or (1.0,) * len(stage.objective)
        return sum(
            weight * reading.loss[task] / base[task] for weight, task in zip(weights, stage.objective, strict=True)
        )

    # ------------------------------------------------------------------ on disk

    def state_dict(self) -> dict[str, Any]:
        """Safe to read with `torch.load(weights_only=True)`. The config is part of it: knobs may have been turned."""
        return {
            "config": self.config.model_dump_json(),
            "step": self.step,
            "seconds": self.seconds,
            "place": self.place,
            "network": self.setup.network.state_dict(),
            "progression": self.stage and self.stage.state_dict(),
            "optimiser": self.optimiser.state_dict() if self.stage or self._optimiser_goes_on else None,
            "method": self.method.state_dict(),
            "draws": self.draws.state_dict(),
            "recorder": self.recorder.state_dict(),
            **self.violations.state_dict(),
            "protected": self.bounds.state_dict(),
            "kept": self.kept,
            **self.branch.state_dict(),
            **({"average": self.average, "averaged_steps": self.averaged_steps} if self.average else {}),
            "alone": {task: asdict(score) for task, score in self.alone.items()},
            "final": self.final and asdict(self.final),
            "final_stage": self.final_stage and self.final_stage.model_dump_json(),
        }

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Bring a state that was just made for the same data set to where `state` was taken."""
        self.adopt(RunConfig.model_validate_json(state["config"]))
        self.step, self.seconds, self.place = state["step"], state["seconds"], state["place"]
        self.setup.network.load_state_dict(state["network"])
        self.setup.network.train()
        self.draws.load_state_dict(state["draws"])
        self.recorder.load_state_dict(state["recorder"])
        self.violations.load_state_dict(state)
        self.bounds.load_state_dict(state["protected"])
        self.kept = state["kept"]
        self.branch = Branch.from_state(state)
        self.average, self.averaged_steps = state.get("average", {}), state.get("averaged_steps", 0)
        self.alone = {task: Score.from_state(score, task) for task, score in state["alone"].items()}
        self.final = state["final"] and Reading.from_state(state["final"])
        self.final_stage = state["final_stage"] and StageFinished.model_validate_json(state["final_stage"])
        self.stage = None
        if state["progression"] is not None:
            self.stage = StageProgress.from_state(state["progression"])
        _load_method(self, state["method"])
        if state["optimiser"] is not None:
            self.optimiser = build_optimiser(self.config.optimiser, self.setup.network)
            self.optimiser.load_state_dict(state["optimiser"])

    @property
    def _optimiser_goes_on(self) -> bool:
        """Between two stages: the next one steps on with the optimiser of the last."""
        return self.place > 0 and not self.over and self.goes_on


def _load_method(run: RunState, state: dict[str, Any]) -> None:
    """Before a task alone and at the end nothing of a method goes on."""
    own = not run.over and run.phase.is_own
    if run.stage is not None and not own:
        run.method = run.alone_method()
    if run.stage is not None or own:
        run.method.load_state_dict(state)


def reads_off(run: RunState) -> bool:
    """Whether the stage under way keeps the best model between those of other runs, instead of training."""
    last = all(phase.kind == "reference" for phase in run.plan[run.place + 1 :])
    return run.between is not None and last and bool(run.phase.stage.constraints)


def is_known(run: RunState, phase: Phase) -> bool:
    """Whether the phase trains a task alone that another run has trained."""
    return phase.kind == "reference" and phase.stage.objective[0] in run.known


def _progress(run: RunState) -> Progress:
    left = 0
    if not run.over:
        begun = run.stage is not None or not is_known(run, run.phase)
        now = run.stage_steps - (run.stage.steps if run.stage else 0) if begun else 0
        left = now + sum(phase.steps for phase in run.plan[run.place + 1 :] if not is_known(run, phase))
    place = min(run.place, len(run.plan) - 1)
    # the one step that sets a bound is told as the end of the common start
    sets_bound = run.plan[0].kind == "together" and not branches(run.config, len(run.order))
    stages = sum(phase.is_own for phase in run.plan) - sets_bound
    number = place - (sets_bound and place > 0)
    return Progress(run.step, run.step + left, number, stages, run.plan[place].kind, run.seconds)


def sample_rows(dataset: Dataset, seed: int, split: str, most: int | None) -> Tensor:
    """Row numbers of a split, at most so many, drawn from the seed."""
    rows = dataset.rows[split]
    if most is None or most >= len(rows):
        return rows
    generator = torch.Generator().manual_seed(seed)
    return rows[shuffled(rows, generator, dataset.groups(rows))[:most]]
