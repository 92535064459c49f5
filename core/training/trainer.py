"""The training loop, as a generator: asking for the next turn does one step; not asking is a pause."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator
from typing import cast

import torch
from torch import Tensor

from core.data.batches import shuffled
from core.data.dataset import Batch, Dataset
from core.errors import PrecedenceError
from core.insight.last_layer import last_layer_cosine, last_layer_cosine_of
from core.methods.fixed import FixedWeights
from core.methods.interface import ConstrainedConfig, ConstrainedMethod, GradientMethod, Method, Problem
from core.models.build import build as build_network
from core.models.losses import TaskLosses
from core.training import events as ev
from core.training import telemetry
from core.training.changes import change
from core.training.config import RunConfig
from core.training.device import choose
from core.training.draws import Draws
from core.training.ending import distance
from core.training.knobs import Knobs
from core.training.measure import Reading, read
from core.training.optimiser import build as build_optimiser
from core.training.optimiser import set_rate
from core.training.plan import phases, priority_order
from core.training.primal import by_gradients, losses_again
from core.training.probe import probe
from core.training.progress import Progress
from core.training.promises import make_bounds
from core.training.recorder import Recorder
from core.training.stage import Phase, Progression, StageEnd, Weights

CHEAP_EVERY = 8
"""Records between two points of the cheap angle: its small backwards would cost more than the exact probes do."""
_MEMORY = 0.9  # of the running mean of the training violation, a step


class Trainer:
    """One run from its config to its result.

    `dataset` may lie anywhere; it is moved to the run's device once. Everything random is drawn from generators made
    from `config.seed`, so that runs taking turns in one process do not disturb each other, and a run that is saved
    and loaded goes on with the same bits on the same device.
    """

    slice_violation: Tensor  # [K] last reading of the slice
    last_train_violation: Tensor  # [K] of the last training batch
    train_violation: Tensor  # [K] its running mean

    def __init__(
        self, config: RunConfig, dataset: Dataset, device: str | None = None, dtype: torch.dtype = torch.float32
    ) -> None:
        self.device, self.device_reason = choose(device or config.device)
        self.dataset = dataset.to(self.device, dtype)
        self.tasks = dataset.description.card.task_names()
        self.losses = TaskLosses(self.dataset)
        self.network = build_network(config.model, dataset.description, config.seed)
        self.network.begin(dataset)
        self.network.to(self.device, dtype)
        self.initial = self.weights()
        self.learning_rate = config.optimiser.learning_rate
        self.adopt(config)

        # what the run has come to
        self.step = 0
        self.seconds = 0.0
        self.place = 0  # in the plan
        self.progression: Progression | None = None  # of the stage at `place`; None before it begins
        self.kept: list[Weights] = []  # the model that each finished main stage kept
        self.offered: dict[int, tuple[list[StageEnd], float]] = {}  # see `offer`
        self.alone: dict[int, Reading] = {}  # each task's own single-task model on the test rows
        self.final: Reading | None = None  # the last main stage's model on the test rows
        self.final_stage: ev.StageFinished | None = None
        self.recorder = Recorder(self.losses.base)
        self.last_layer: Tensor | None = None  # [pairs] cosines of the last shared layer, for the record to come
        self.correction: Tensor | None = None  # relative, of the last step
        self._no_violation()

    def adopt(self, config: RunConfig) -> None:
        """Take what follows from the config alone; raises PrecedenceError where it does not fit the data set."""
        self.config = config
        self.order = priority_order(config.priority, self.tasks)
        self.slice_rows = self.sample("slice", config.slice_rows)
        self.bounds = make_bounds(self)
        self.method: Method = self.main_method()
        self.plan = phases(self.method, self.order, config.reference)
        self.begin_draws()

    # ------------------------------------------------------------------ the loop

    def run(self) -> Iterator[list[ev.Event]]:
        """One optimiser step a turn, with the events that it caused; ends after `Finished`."""
        if self.step == 0:
            yield [telemetry.started(self)]
        while self.place < len(self.plan):
            began = time.perf_counter()
            events = self._turn()
            self.seconds += time.perf_counter() - began
            yield events
        yield [telemetry.finished(self)]

    def _turn(self) -> list[ev.Event]:
        events: list[ev.Event] = []
        if self.progression is None:
            self.progression = Progression(start_step=self.step, best_step=self.step)
            events.append(self._begin_stage(self.progression))
        stage, config = self.progression, self.config

        rows = self.draws.train.next()  # [B]
        batch = self.dataset.batch(rows)
        drawn_from = self.draws.dropout.get_state() if self.method.looks_back else None
        together = self.method.needs == "losses"  # one backward, or one a task
        losses = self._by_weights(batch, rows, stage) if together else self._by_gradients(batch)
        stage.steps += 1
        set_rate(self.optimiser, self._rate(stage))
        if config.optimiser.clip is not None:
            torch.nn.utils.clip_grad_norm_(self.network.parameters(), config.optimiser.clip)
        self.optimiser.step()
        if drawn_from is not None:
            self.method.look_back(losses_again(self.network, self.losses, batch, self.draws.dropout, drawn_from))

        self.step += 1
        self.recorder.add(losses, self.last_train_violation)
        last = stage.steps == self.stage_steps
        if self.step % config.record_every == 0:
            events += self._record(stage)
        if config.probe_every and stage.steps % config.probe_every == 0 and self.phase.kind == "main":
            events += probe(self)
        if stage.steps % config.evaluate_every == 0 or last:
            events.append(self._evaluate(stage))
            if last or stage.stale >= config.patience:
                events.append(self._finish_stage(stage))
        return events

    def _by_weights(self, batch: Batch, rows: Tensor, stage: Progression) -> Tensor:
        """Losses [K]; the gradients of Σ w_k L_k are left in the parameters. One backward, whatever K."""
        shared = self.network.represent(batch)  # K of [B, width]
        cut = [z.detach().requires_grad_() for z in shared] if self.method.follow else shared
        losses = self.losses(self.network.predict(cut), batch)  # [K]
        if self.phase.stage.constraints:
            self._dual_step(stage, losses.detach(), rows)
        self.method.see(losses.detach())
        if self._records_next:
            self.last_layer = last_layer_cosine(self.network, self.losses, batch, shared, self.probed_tasks)
        weights = self.method.weights()  # [K]
        self.optimiser.zero_grad(set_to_none=True)
        if self.method.follow:  # heads in full, then the shared part by weights: still one backward, in two halves
            losses.sum().backward()
            torch.autograd.backward(shared, [w * z.grad for w, z in zip(weights, cut, strict=True)])
        else:
            (weights * losses).sum().backward()
        return losses.detach()

    def _by_gradients(self, batch: Batch) -> Tensor:
        """Losses [K]; the method's update of the task gradients is left in the parameters. One backward a task."""
        method = cast(GradientMethod, self.method)
        losses, gradients, combined = by_gradients(self.network, self.losses, batch, method, self.draws.dropout)
        self.correction = combined.correction
        if self._records_next:
            order = [method.tasks().index(task) for task in self.probed_tasks]
            self.last_layer = last_layer_cosine_of(self.network, gradients, order)
        return losses

    def _dual_step(self, stage: Progression, losses: Tensor, rows: Tensor) -> None:
        """Read the violations, then move the multipliers: the dual step comes before the primal one."""
        method = self.config.method
        assert isinstance(method, ConstrainedConfig)  # no other method has constraints
        now = self.last_train_violation = self.bounds.read_train(losses, rows)
        first = stage.steps == 0
        self.train_violation = now if first else self.train_violation.lerp(now, 1 - _MEMORY)
        if stage.steps % method.slice_every == 0:
            self.slice_violation = self.bounds.read_slice(self.network, self.draws.slice.next())
        if method.bound_on == "train":
            self.method.observe(now, torch.zeros_like(now, dtype=torch.bool))
        else:
            violation = self.bounds.for_dual(self.slice_violation)
            self.method.observe(violation, (self.slice_violation > 0) & (self.train_violation < 0))

    # ------------------------------------------------------------------ stages

    @property
    def phase(self) -> Phase:
        return self.plan[self.place]

    def _begin_stage(self, stage: Progression) -> ev.StageStarted:
        phase = self.phase
        if phase.kind == "reference":  # exactly a single-task run of the same seed
            self.method = FixedWeights(torch.ones_like(self.losses.base), alone=True)
            self.begin_draws()
        self.network.load_state_dict(self.kept[-1] if self.begins_trained else self.initial)
        self.network.train()
        self.method.begin(phase.stage)
        self.optimiser = build_optimiser(self.config.optimiser, self.network, self.learning_rate)
        self.recorder.clear()
        self.last_layer = self.correction = None
        self._no_violation()
        if phase.stage.constraints:  # where the start is feasible, it counts
            reading = self.read_slice()
            if self.feasible(reading):
                stage.start_score = self.score(reading)
                stage.offer(stage.start_score, self.step, reading, self.weights())
            self._begin_from_offer(stage)
        return telemetry.stage_started(self)

    def _evaluate(self, stage: Progression) -> ev.Evaluated:
        reading = self.read_slice()
        feasible = self.feasible(reading)
        best = False
        if feasible:
            best = stage.offer(self.score(reading), self.step, reading, self.weights())
        else:
            stage.miss(distance(self, reading), self.step, self.violations(reading))
            if stage.best_score is not None:  # patience begins with the first feasible model
                stage.stale += 1
        return telemetry.evaluated(self, reading, feasible, best)

    def _finish_stage(self, stage: Progression) -> ev.StageFinished:
        phase = self.phase
        if stage.best_reading is not None:
            self.network.load_state_dict(stage.best_weights)
        elif self.kept:  # nothing feasible: a stage never ends on an infeasible model
            self.network.load_state_dict(self.kept[-1])
        reading = stage.best_reading or self.read_slice()
        event = telemetry.stage_finished(self, stage, reading)
        self._keep(phase, event)
        self.progression = None
        self.place += 1
        return event

    def _keep(self, phase: Phase, event: ev.StageFinished) -> None:
        """Take the stage's model into the run: as a result, as the next stage's start, as a bound."""
        last = all(later.kind == "reference" for later in self.plan[self.place + 1 :])
        alone = len(phase.stage.objective) == 1 and not phase.stage.constraints
        if alone or last:
            test = read(self.network, self.losses, self.dataset, self.dataset.rows["test"])
            if alone:
                self.alone[phase.stage.objective[0]] = test
            if phase.kind == "main" and last:
                self.final, self.final_stage = test, event
        if phase.kind == "main":
            self.kept.append(self.weights())
            if not last:
                for task in phase.stage.objective:
                    self.bounds.protect(task, self.network)

    def offer(self, stage: int, ends: list[StageEnd], share: float) -> None:
        """Let the stage at this place of the plan begin from the best of other runs' stage ends that is within its
        bounds and better than its own start, multipliers included. It then takes the last `share` of its steps, at the
        learning rates that those have. A neighbouring run with tighter bounds ends at such a model."""
        self.offered[stage] = (ends, share)

    def _begin_from_offer(self, stage: Progression) -> None:
        ends, share = self.offered.get(self.place, ([], 1.0))
        start = self.weights()
        for end in ends:
            self.network.load_state_dict(end.weights)
            reading = self.read_slice()
            if self.feasible(reading) and stage.offer(self.score(reading), self.step, reading, end.weights):
                start, stage.share = end.weights, share
                if isinstance(self.method, ConstrainedMethod):
                    self.method.start_from(end.multipliers)
        self.network.load_state_dict(start)
        stage.stale = 0

    # ------------------------------------------------------------------ readings

    def read_slice(self) -> Reading:
        return read(self.network, self.losses, self.dataset, self.slice_rows)

    def violations(self, reading: Reading) -> ev.Numbers:
        return self.constrained(lambda task: self.bounds.violation(task, reading))

    def feasible(self, reading: Reading) -> bool:
        return all(violation is None or violation <= 0 for violation in self.violations(reading))

    def score(self, reading: Reading) -> float:
        """What the stage lowers: the sum of its objective's losses, each divided by its task's base loss."""
        base = self.losses.base.tolist()
        return sum(reading.loss[task] / base[task] for task in self.phase.stage.objective)

    def _record(self, stage: Progression) -> list[ev.Event]:
        loss, violation_train = self.recorder.take()
        for name, value in zip(self.tasks, loss, strict=True):
            if not math.isfinite(value):
                raise PrecedenceError(
                    f"The loss of '{name}' became {value} by step {self.step}; lower the learning rate "
                    f"(now {self.learning_rate:g}) or clip the gradient."
                )
        stage.multipliers.append(self.method.multipliers.tolist())
        cheap, self.last_layer = self.last_layer, None
        return [] if self.phase.kind == "reference" else [telemetry.step(self, loss, violation_train, cheap)]

    # ------------------------------------------------------------------ small things

    @property
    def probed_tasks(self) -> list[int]:
        """The tasks that this stage trains; untrained heads have nothing to say of conflict."""
        return sorted((*self.phase.stage.objective, *self.phase.stage.constraints))

    @property
    def begins_trained(self) -> bool:
        """Whether the stage under way begins from the model of the stage before it, not from fresh weights."""
        method = self.config.method
        fresh = isinstance(method, ConstrainedConfig) and method.start == "fresh"
        return self.phase.kind == "main" and self.place > 0 and not fresh

    @property
    def stage_steps(self) -> int:
        """Most steps of the stage under way."""
        share = self.progression.share if self.progression else 1.0
        return max(1, round(share * self.config.stage_steps))

    @property
    def _records_next(self) -> bool:
        """Whether the step under way ends in a record that shows the cheap angle."""
        due = (self.step + 1) % (CHEAP_EVERY * self.config.record_every) == 0
        return due and self.phase.kind == "main" and len(self.probed_tasks) > 1

    @property
    def progress(self) -> Progress:
        steps = self.progression.steps if self.progression else 0
        left = (len(self.plan) - self.place - 1) * self.config.stage_steps + self.stage_steps - steps
        place = min(self.place, len(self.plan) - 1)
        stages = sum(phase.kind == "main" for phase in self.plan)
        return Progress(self.step, self.step + left, place, stages, self.plan[place].kind, self.seconds)

    def weights(self) -> Weights:
        """A copy of the network's weights."""
        return {name: value.detach().clone() for name, value in self.network.state_dict().items()}

    def main_method(self) -> Method:
        """A fresh method as the config has it."""
        return self.config.method.build(Problem(self.tasks, self.losses.base, self.config.seed))

    def change(self, knobs: Knobs) -> list[ev.Event]:
        """Turn knobs between two turns; the events say what changed. See `core.training.changes`."""
        return list(change(self, knobs))

    def _rate(self, stage: Progression) -> float:
        """Learning rate of the next step: up over `warm_up` steps, then linearly down to a stage's quiet end. A stage
        that begins from a trained model rises to a share of the height alone, or it would first undo what was learnt;
        one that began from another run's end takes the last part of the way down."""
        optimiser = self.config.optimiser
        height = self.learning_rate * (optimiser.later_rate if self.begins_trained else 1)
        rise = min(1.0, stage.steps / optimiser.warm_up) if optimiser.warm_up else 1.0
        way = 1 - stage.share + stage.share * stage.steps / self.stage_steps
        return height * rise * (1 - (1 - optimiser.final_rate) * way)

    def names(self, tasks: tuple[int, ...]) -> list[str]:
        return [self.tasks[task] for task in tasks]

    def begin_draws(self) -> None:
        """Draw everything from the seed anew."""
        self.draws = Draws(self.config.seed, self.dataset, self.slice_rows, self.config.batch_size)
        self.network.use_generator(self.draws.dropout)

    def constrained(self, value: Callable[[int], float]) -> ev.Numbers:
        """`value` of each constrained task of the stage, None of the others."""
        chosen = self.phase.stage.constraints
        return [value(task) if task in chosen else None for task in range(len(self.tasks))]

    def _no_violation(self) -> None:
        zero = torch.zeros_like(self.losses.base)
        self.slice_violation = self.last_train_violation = self.train_violation = zero

    def sample(self, split: str, most: int | None) -> Tensor:
        """Row numbers of a split, at most so many, drawn from the seed."""
        rows = self.dataset.rows[split]
        if most is None or most >= len(rows):
            return rows
        generator = torch.Generator().manual_seed(self.config.seed)
        return rows[shuffled(rows, generator, self.dataset.groups(rows))[:most]]
