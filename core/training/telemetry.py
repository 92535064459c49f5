"""What a run says of itself, read off its state: one function an event."""

from __future__ import annotations

from dataclasses import dataclass

from torch import Tensor

from core.events import events as ev
from core.insight.last_layer import pairs
from core.training.branching import still_ahead
from core.training.measure import Reading
from core.training.probe import known
from core.training.stage import StageProgress
from core.training.state import RunState


@dataclass(frozen=True)
class StepExtras:
    """What one step knows beside its losses."""

    cosines: Tensor | None = None  # [pairs] of the last shared layer, where they were read
    correction: Tensor | None = None  # relative, of CoGrad


def started(run: RunState) -> ev.Started:
    return ev.Started(
        step=run.step,
        version=ev.VERSION,
        tasks=list(run.setup.tasks),
        task_kinds=[task.kind for task in run.setup.dataset.description.card.tasks],
        base_loss=run.setup.losses.base.tolist(),
        constant_loss=run.setup.losses.of_constants(run.setup.dataset.batch(run.bounds.validation_rows)),
        priority=run.names(run.order),
        device=str(run.setup.device),
        device_reason=run.setup.device_reason,
        parameters=sum(p.numel() for p in run.setup.network.parameters()),
        rows={name: len(index) for name, index in run.setup.dataset.rows.items()},
        most_steps=sum(phase.steps for phase in run.plan),
    )


def stage_started(run: RunState) -> ev.StageStarted:
    phase = run.phase
    return ev.StageStarted(
        step=run.step,
        stage=run.place,
        phase=phase.kind,
        objective=run.names(phase.stage.objective),
        constraints=run.names(phase.stage.constraints),
        reference_loss=run.constrained(lambda task: run.bounds.protected[task].validation_loss.item()),
        bound=run.constrained(lambda task: run.bounds.bound(task).item()),
        bound_train=run.constrained(lambda task: run.bounds.bound_on_train(task).item()),
        tolerance=run.constrained(lambda task: run.bounds.tolerance(task).item()),
    )


def bound_moved(run: RunState) -> ev.BoundMoved:
    return ev.BoundMoved(
        step=run.step,
        stage=run.place,
        reference_loss=run.constrained(lambda task: run.bounds.protected[task].validation_loss.item()),
        bound=run.constrained(lambda task: run.bounds.bound(task).item()),
        bound_train=run.constrained(lambda task: run.bounds.bound_on_train(task).item()),
        tolerance=run.constrained(lambda task: run.bounds.tolerance(task).item()),
    )


def step(run: RunState, loss: list[float], violation_train: list[float], extras: StepExtras) -> ev.Step:
    """One point of the curves."""
    multipliers, violation = run.method.multipliers.tolist(), run.violations.validation.tolist()
    cosines, correction = extras.cosines, extras.correction
    return ev.Step(
        step=run.step,
        stage=run.place,
        loss=list(loss),
        multiplier=run.constrained(lambda task: multipliers[task]),
        weight=known(run.method.weights().tolist()),
        violation=run.constrained(lambda task: violation[task]),
        violation_train=run.constrained(lambda task: violation_train[task]),
        seconds=round(run.seconds, 4),
        pairs=[] if cosines is None else pairs(run.trained_tasks),
        last_layer_cosine=[] if cosines is None else known(cosines.tolist()),
        correction=None if correction is None else correction.item(),
    )


def evaluated(run: RunState, reading: Reading, feasible: bool, best: bool) -> ev.Evaluated:
    """A violation is, as in `step`, that of the bound as it is at this step; `feasible` is of the bound itself."""
    ahead = still_ahead(run).tolist()
    violation = [None if v is None else v - a for v, a in zip(run.violations_of(reading), ahead, strict=True)]
    return ev.Evaluated(
        step=run.step,
        stage=run.place,
        phase=run.phase.kind,
        loss=list(reading.loss),
        metric=reading.metric,
        measures=reading.measures,
        violation=violation,
        feasible=feasible,
        best=best,
    )


def stage_finished(run: RunState, stage: StageProgress, reading: Reading, reason: str) -> ev.StageFinished:
    """`reading` is of the model that the stage keeps, which is in the network."""
    price = stage.price(len(run.setup.tasks))
    return ev.StageFinished(
        step=run.step,
        stage=run.place,
        phase=run.phase.kind,
        objective=run.names(run.phase.stage.objective),
        reason=reason,
        kept_step=stage.best_step,
        loss=list(reading.loss),
        bound=run.constrained(lambda task: run.bounds.bound(task).item()),
        violation=run.violations_of(reading),
        multiplier=run.constrained(lambda task: price[task]),
        found=stage.best_reading is not None,
        gain=None if stage.start_score is None else stage.start_score - run.score(reading),
    )


def finished(run: RunState) -> ev.Finished:
    measures = run.final.measures if run.final else {}
    return ev.Finished(step=run.step, version=ev.VERSION, seconds=run.seconds, tasks=_results(run), measures=measures)


def _results(run: RunState) -> dict[str, ev.TaskResult]:
    """Test metrics of the final model beside each task's own single-task model; only tasks that were trained."""
    final, stage = run.final, run.final_stage
    assert final is not None
    assert stage is not None
    trained = {*run.order} & {task for phase in run.plan if phase.kind == "main" for task in phase.stage.objective}
    out = {}
    for task in sorted(trained):
        alone = run.alone.get(task)
        out[run.setup.tasks[task]] = ev.TaskResult(
            kind=run.setup.losses.tasks[task].kind,
            loss=final.loss[task],
            metric=final.metric[task],
            validation_loss=stage.loss[task],
            bound=stage.bound[task],
            violation=stage.violation[task],
            multiplier=stage.multiplier[task],
            single_task_loss=alone.loss if alone else None,
            single_task_metric=alone.metric if alone else None,
        )
    return out
