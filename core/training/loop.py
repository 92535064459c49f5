"""The training loop, as a generator: asking for the next turn does one step; not asking is a pause."""

from __future__ import annotations

import math
import time
from collections.abc import Iterator
from typing import cast

import torch
from torch import Tensor

from core.data.dataset import Batch, Dataset
from core.errors import PrecedenceError
from core.events import events as ev
from core.insight.last_layer import last_layer_cosine_of
from core.methods.interface import ConstrainedConfig, ConstrainedMethod, GradientMethod
from core.models.network import Network
from core.settings.run import RunConfig
from core.training import averaging, between, branching, line, telemetry
from core.training.bounds import allowed
from core.training.control import change, judge_best_again
from core.training.ending import Ending, explain, is_over
from core.training.knobs import Knobs
from core.training.margin import keep_distance
from core.training.measure import Reading, Score
from core.training.primal import (
    Forward,
    build_optimiser,
    by_gradients,
    learning_rate,
    losses_again,
    optimiser_step,
)
from core.training.probe import probe
from core.training.single_task import KnownSingleTasks
from core.training.stage import Phase, StageEnd, StageProgress, Weights
from core.training.state import RunState, is_known, reads_off

CHEAP_EVERY = 8
"""Records between two points of the cheap angle: its small backwards would cost more than the exact probes do."""


class Trainer:
    """One run from its config to its result. `dataset` may lie anywhere; it is moved to the run's device once.

    A run that is saved and loaded (`core.training.checkpoint`) goes on with the same bits on the same device.
    """

    def __init__(
        self, config: RunConfig, dataset: Dataset, device: str | None = None, dtype: torch.dtype = torch.float32
    ) -> None:
        self.state = RunState(config, dataset, device, dtype)
        self._single_tasks: KnownSingleTasks | None = None

    @property
    def network(self) -> Network:
        """The model as it stands."""
        return self.state.setup.network

    @property
    def progress(self) -> ev.Progress:
        return self.state.progress

    def change(self, knobs: Knobs) -> list[ev.Event]:
        """Turn knobs between two turns; the events say what changed. See `core.training.control`."""
        changes = change(self.state, knobs)
        self._look_up()
        return list(changes)

    def begin_from(self, weights: Weights) -> None:
        """Let a run that has not begun start from these weights instead of fresh ones."""
        self.network.load_state_dict(weights)
        self.state.initial = self.state.weights()

    def offer(self, stage: int, ends: list[StageEnd], share: float) -> None:
        """Let the stage at this place of the plan begin from the best of other runs' stage ends that is within its
        bounds and better than its own start, multipliers included. It then takes the last `share` of its steps, at the
        learning rates that those have. A neighbouring run with tighter bounds ends at such a model."""
        self.state.offered[stage] = (ends, share)

    def read_off(self, models: list[Weights]) -> None:
        """Let the last stage keep the best model within the bounds between these, without a step of training."""
        self.state.between = models

    def know(self, single_tasks: KnownSingleTasks) -> None:
        """Let what other runs of equal settings told of tasks trained alone stand in this one."""
        self._single_tasks = single_tasks
        self._look_up()

    def _look_up(self) -> None:
        run = self.state
        run.known = {}
        if self._single_tasks is None:
            return
        for phase in (phase for phase in run.plan if phase.kind == "reference"):
            task = phase.stage.objective[0]
            found = self._single_tasks.find(run.config, run.setup.tasks[task], phase.steps)
            if found is not None:
                run.known[task] = found

    # ------------------------------------------------------------------ the loop

    def run(self) -> Iterator[list[ev.Event]]:
        """One optimiser step a turn, with the events that it caused; ends after `Finished`."""
        run = self.state
        if run.step == 0:
            yield [telemetry.started(run)]
        while not run.over:
            began = time.perf_counter()
            events = self._turn()
            run.seconds += time.perf_counter() - began
            yield events
        yield [telemetry.finished(run)]

    def _turn(self) -> list[ev.Event]:
        run, config = self.state, self.state.config
        events: list[ev.Event] = []
        if run.stage is None:
            if run.phase.kind == "reference":
                self._look_up()  # another run may have come to its end meanwhile
            if is_known(run, run.phase):
                return _take_over(run)
            events.append(_begin_stage(run))
            if reads_off(run):
                between.search(run)
                return [*events, _finish_stage(run, Ending.READ_OFF)]
        stage = cast(StageProgress, run.stage)

        rows = run.draws.train.next()  # [B]
        batch = run.setup.dataset.batch(rows)
        drawn_from = run.draws.dropout.get_state() if run.method.looks_back else None
        by_losses = run.method.needs == "losses"  # one backward, or one a task
        losses, shown = _by_losses(run, batch, rows) if by_losses else _by_gradients(run, batch)
        stage.steps += 1
        rate = _rate(run, stage)
        optimiser_step(run.optimiser, self.network, rate, config.optimiser.clip)
        averaging.follow(run)
        if drawn_from is not None:
            again = losses_again(self.network, run.setup.losses, batch, run.draws.dropout, drawn_from)
            run.method.look_back(again)

        run.step += 1
        branching.after_step(run)
        run.recorder.add(losses, run.violations.last_train)
        if run.step % config.record_every == 0:
            events += _record(run, shown)
        if config.probe_every and stage.steps % config.probe_every == 0 and run.phase.is_own:
            with averaging.in_place(run):
                events += probe(run)
        if stage.steps % config.evaluate_every == 0 or stage.steps == run.stage_steps:
            events += _evaluate(run)
            if ending := is_over(run):
                events.append(_finish_stage(run, ending))
        return events


def _by_losses(run: RunState, batch: Batch, rows: Tensor) -> tuple[Tensor, telemetry.StepExtras]:
    """Losses [K]; the gradients of their weighted sum are left in the parameters. The dual step comes before the
    primal one."""
    cosines = None
    forward = Forward(run.setup.network, run.setup.losses, batch, run.method.follow)
    if run.phase.stage.constraints:
        _dual_step(run, forward.losses, rows)
    run.method.see(forward.losses)
    if _shows_cosines(run):
        cosines = forward.cosines(run.trained_tasks)
    forward.backward(run.method.weights())
    return forward.losses, telemetry.StepExtras(cosines)


def _by_gradients(run: RunState, batch: Batch) -> tuple[Tensor, telemetry.StepExtras]:
    """Losses [K]; the method's update of the task gradients is left in the parameters."""
    cosines = None
    method = cast(GradientMethod, run.method)
    losses, gradients, combined = by_gradients(run.setup.network, run.setup.losses, batch, method, run.draws.dropout)
    if _shows_cosines(run):
        order = [method.tasks().index(task) for task in run.trained_tasks]
        cosines = last_layer_cosine_of(run.setup.network, gradients, order)
    return losses, telemetry.StepExtras(cosines, combined.correction)


def _rate(run: RunState, stage: StageProgress) -> float:
    """The learning rate of the step under way: the stage's own way down, or that of the run, where a stage that ended
    early or is shorter leaves its steps out, and each that branches takes the end of it."""
    if run.goes_on:
        own = [phase.steps for phase in run.plan if phase.is_own]
        most = sum(own[:2] if run.branches else own)
        step = min(sum(own[: run.place + 1]), most) - run.stage_steps + stage.steps
        return learning_rate(run.config.optimiser, step, most, trained=False, share=1.0)
    return learning_rate(run.config.optimiser, stage.steps, run.stage_steps, run.begins_trained, stage.share)


def _shows_cosines(run: RunState) -> bool:
    """Whether the step under way ends in a record that shows the cheap angle."""
    due = (run.step + 1) % (CHEAP_EVERY * run.config.record_every) == 0
    return due and run.phase.is_own and len(run.trained_tasks) > 1


def _dual_step(run: RunState, losses: Tensor, rows: Tensor) -> None:
    """Read the violations, then move the multipliers."""
    method = run.config.method
    assert isinstance(method, ConstrainedConfig)  # no other method has constraints
    assert run.stage is not None
    now = run.bounds.read_train(losses, rows)
    ahead = branching.still_ahead(run) if run.branches else None
    if ahead is not None:
        now = now - branching.ahead_on_train(run, ahead)
    run.violations.read_train(now, first=run.stage.steps == 0)
    if run.stage.steps % method.validation_every == 0:
        seen = run.bounds.read_validation(run.setup.network, run.draws.validation.next())
        run.violations.validation = seen if ahead is None else seen - ahead
    if isinstance(run.method, ConstrainedMethod) and run.method.dual.counts_in_tolerances:
        run.method.allow(run.bounds.for_dual(allowed(run.bounds)))
    if method.bound_on == "train":
        run.method.observe(now, torch.zeros_like(now, dtype=torch.bool))
    else:
        overfitted = (run.violations.validation > 0) & (run.violations.train < 0)
        run.method.observe(run.bounds.for_dual(run.violations.validation), overfitted)


def _record(run: RunState, shown: telemetry.StepExtras) -> list[ev.Event]:
    loss, violation_train = run.recorder.take()
    for name, value in zip(run.setup.tasks, loss, strict=True):
        if not math.isfinite(value):
            raise PrecedenceError(
                f"The loss of '{name}' became {value} by step {run.step}; lower the learning rate "
                f"(now {run.config.optimiser.learning_rate:g}) or clip the gradient."
            )
    assert run.stage is not None
    run.stage.multipliers.append(run.method.multipliers.tolist())
    return [] if run.phase.kind == "reference" else [telemetry.step(run, loss, violation_train, shown)]


# ------------------------------------------------------------------ stages


def _begin_stage(run: RunState) -> ev.StageStarted:
    phase = run.phase
    stage = run.stage = StageProgress(start_step=run.step, best_step=run.step)
    if phase.kind == "reference":  # exactly a single-task run of the same seed
        run.method = run.alone_method()
        run.begin_draws()
    run.setup.network.load_state_dict(run.kept[-1] if run.begins_trained else run.initial)
    run.setup.network.train()
    run.method.begin(phase.stage)
    averaging.restart(run)
    if not (run.goes_on and run.place > 0):
        run.optimiser = build_optimiser(run.config.optimiser, run.setup.network)
    run.recorder.clear()
    run.violations.clear(run.setup.losses.base)
    if phase.stage.constraints:  # where the start is feasible, it counts
        reading = run.read(run.validation_rows)
        keep_distance(run.bounds, reading)
        if run.feasible(reading):
            stage.start_score = run.score(reading)
            stage.offer(stage.start_score, run.step, reading, run.weights())
        if not run.branches:
            _begin_from_offer(run, stage)
    elif run.sets_bound:  # the bound is no looser than the common start has it
        reading = run.read(run.validation_rows)
        stage.offer(run.score(reading), run.step, reading, run.weights())
    if run.branches and run.place > 0 and not reads_off(run):
        branching.begin(run)
    return telemetry.stage_started(run)


def _begin_from_offer(run: RunState, stage: StageProgress) -> None:
    ends, share = run.offered.get(run.place, ([], 1.0))
    start = run.weights()
    for end in ends:
        run.setup.network.load_state_dict(end.weights)
        reading = run.read(run.validation_rows)
        if run.feasible(reading) and stage.offer(run.score(reading), run.step, reading, end.weights):
            start, stage.share = end.weights, share
            if isinstance(run.method, ConstrainedMethod):
                run.method.start_from(end.multipliers)
    run.setup.network.load_state_dict(start)
    stage.stale = 0


def _evaluate(run: RunState) -> list[ev.Event]:
    stage = cast(StageProgress, run.stage)
    reading = run.read(run.validation_rows)
    keep_distance(run.bounds, reading)
    feasible = run.feasible(reading)
    branching.after_reading(run, reading)
    moved = feasible and _tighten(run, reading)
    best = feasible and not line.is_kept(run) and stage.offer(run.score(reading), run.step, reading, run.weights())
    if not feasible:
        violations = run.violations_of(reading)
        stage.miss(run.bounds.distance(violations), run.step, violations)
    best |= _offer_average(run, stage)
    if stage.steps == run.stage_steps:
        _try_line(run, stage)
    events: list[ev.Event] = [telemetry.bound_moved(run)] if moved else []
    return [*events, telemetry.evaluated(run, reading, feasible, best)]


def _offer_average(run: RunState, stage: StageProgress) -> bool:
    """The averaged model competes beside the last one; says whether it is the best so far. That it is not costs no
    patience."""
    reading = None if line.is_kept(run) else averaging.reading(run)
    if reading is None or not run.feasible(reading):
        return False
    stale = stage.stale
    if stage.offer(run.score(reading), run.step, reading, run.average):
        return True
    stage.stale = stale
    return False


def _try_line(run: RunState, stage: StageProgress) -> None:
    """At the end of a stage: models between the last stage's and its own."""
    if line.is_kept(run):
        line.walk(run, stage)
    elif run.branches and run.phase.stage.constraints:
        line.search(run, stage)


def _tighten(run: RunState, reading: Reading) -> bool:
    """Under a ratchet: the bounds of tasks for which this model is the best so far follow it; says whether any did."""
    method, held = run.config.method, run.phase.stage.constraints
    if not isinstance(method, ConstrainedConfig) or method.bound != "ratchet":
        return False
    if not run.bounds.tighten(held, reading, run.setup.network):
        return False
    judge_best_again(run)
    return True


def _finish_stage(run: RunState, ending: Ending) -> ev.StageFinished:
    stage = cast(StageProgress, run.stage)
    if stage.best_reading is not None:
        run.setup.network.load_state_dict(stage.best_weights)
    elif run.kept:  # nothing feasible: a stage never ends on an infeasible model
        run.setup.network.load_state_dict(run.kept[-1])
    reading = stage.best_reading or run.read(run.validation_rows)
    event = telemetry.stage_finished(run, stage, reading, explain(run, ending, reading))
    _keep(run, run.phase, event)
    run.stage = None
    run.place += 1
    return event


def _take_over(run: RunState) -> list[ev.Event]:
    """A task alone as another run has trained it: what it told, and how good its model was."""
    task = run.phase.stage.objective[0]
    single = run.known[task]
    events = single.told_at(run.step, run.place)
    if single.loss is not None:
        run.alone[task] = Score(single.loss, single.metric)
    run.step += single.steps
    run.place += 1
    return events


def _keep(run: RunState, phase: Phase, event: ev.StageFinished) -> None:
    """Take the stage's model into the run: as a result, as the next stage's start, as a bound."""
    last = all(later.kind == "reference" for later in run.plan[run.place + 1 :])
    alone = len(phase.stage.objective) == 1 and not phase.stage.constraints and not (run.goes_on and phase.is_own)
    if alone or last:
        test = run.read(run.setup.dataset.rows["test"])
        if alone:
            task = phase.stage.objective[0]
            run.alone[task] = Score(test.loss[task], test.metric[task])
        if phase.kind == "main" and last:
            run.final, run.final_stage = test, event
    if phase.is_own:
        run.kept.append(run.weights())
    if phase.kind == "main" and not last:
        for task in phase.stage.objective:
            run.bounds.protect(task, run.setup.network, event.loss[task] or 0.0)
            branching.after_protecting(run, task)
