"""What a run says of itself, read off its state: one function an event."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.insight.last_layer import pairs
from core.training import events as ev
from core.training.ending import why_over
from core.training.measure import Reading
from core.training.probe import known
from core.training.results import results
from core.training.stage import Progression

if TYPE_CHECKING:
    from torch import Tensor

    from core.training.trainer import Trainer


def started(run: Trainer) -> ev.Started:
    return ev.Started(
        step=run.step,
        version=ev.VERSION,
        tasks=list(run.tasks),
        task_kinds=[task.kind for task in run.dataset.description.card.tasks],
        base_loss=run.losses.base.tolist(),
        priority=run.names(run.order),
        device=str(run.device),
        device_reason=run.device_reason,
        parameters=sum(p.numel() for p in run.network.parameters()),
        rows={name: len(index) for name, index in run.dataset.rows.items()},
        most_steps=run.progress.most_steps,
    )


def stage_started(run: Trainer) -> ev.StageStarted:
    phase = run.phase
    return ev.StageStarted(
        step=run.step,
        stage=run.place,
        phase=phase.kind,
        objective=run.names(phase.stage.objective),
        constraints=run.names(phase.stage.constraints),
        reference_loss=run.constrained(lambda task: run.bounds.protected[task].slice_loss.item()),
        bound=run.constrained(lambda task: run.bounds.bound(task).item()),
        bound_train=run.constrained(lambda task: run.bounds.bound_on_train(task).item()),
        tolerance=run.constrained(lambda task: run.bounds.tolerance(task).item()),
    )


def step(run: Trainer, loss: list[float], violation_train: list[float], cheap: Tensor | None) -> ev.Step:
    """One point of the curves; `cheap` [pairs] are cosines of the last shared layer, where they were read."""
    multipliers, slice_violation = run.method.multipliers.tolist(), run.slice_violation.tolist()
    return ev.Step(
        step=run.step,
        stage=run.place,
        loss=list(loss),
        multiplier=run.constrained(lambda task: multipliers[task]),
        weight=known(run.method.weights().tolist()),
        violation=run.constrained(lambda task: slice_violation[task]),
        violation_train=run.constrained(lambda task: violation_train[task]),
        seconds=round(run.seconds, 4),
        pairs=[] if cheap is None else pairs(run.probed_tasks),
        last_layer_cosine=[] if cheap is None else known(cheap.tolist()),
        correction=None if run.correction is None else run.correction.item(),
    )


def evaluated(run: Trainer, reading: Reading, feasible: bool, best: bool) -> ev.Evaluated:
    return ev.Evaluated(
        step=run.step,
        stage=run.place,
        phase=run.phase.kind,
        loss=list(reading.loss),
        metric=reading.metric,
        measures=reading.measures,
        violation=run.violations(reading),
        feasible=feasible,
        best=best,
    )


def stage_finished(run: Trainer, stage: Progression, reading: Reading) -> ev.StageFinished:
    """`reading` is of the model that the stage keeps, which is in the network."""
    price = stage.price(len(run.tasks))
    return ev.StageFinished(
        step=run.step,
        stage=run.place,
        phase=run.phase.kind,
        objective=run.names(run.phase.stage.objective),
        reason=why_over(run, stage, reading),
        kept_step=stage.best_step,
        loss=list(reading.loss),
        bound=run.constrained(lambda task: run.bounds.bound(task).item()),
        violation=run.violations(reading),
        multiplier=run.constrained(lambda task: price[task]),
        found=stage.best_reading is not None,
        gain=None if stage.start_score is None else stage.start_score - run.score(reading),
    )


def finished(run: Trainer) -> ev.Finished:
    measures = run.final.measures if run.final else {}
    return ev.Finished(step=run.step, version=ev.VERSION, seconds=run.seconds, tasks=results(run), measures=measures)
