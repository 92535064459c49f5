"""The run in numbers: one row a task, and every reading behind the charts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import streamlit as st

from core.charts.palette import task_colours
from core.data.description import DatasetCard, Task
from core.events.events import Evaluated, Finished, StageFinished, StageStarted, Started, Step
from pages.shared.kept_events import FOR_SENTENCES
from pages.shared.markdown_escape import plain
from pages.shared.run_reader import RunReader, is_kept
from pages.shared.task_table import NOT_DEFINED, figure, task_table

MEASURES = {
    "ndcg_at_10": "NDCG@10",
    "nonzeros_query": "terms in a query's bag",
    "nonzeros_product": "terms in a product's bag",
}
"""What a network says of itself beside its tasks; one that is not named here is shown under its own name."""


HEADS = ("Task", "Loss", "Bound", "Above bound", "Multiplier", "Quality", "Alone")
"""While a run goes on: everything is of the validation rows."""
TEST_HEADS = ("On test rows", "Loss", "Quality", "Alone")
VALIDATION_HEADS = ("On validation rows", "Loss", "Bound", "Above bound", "Multiplier")
"""Of a finished run: figures of different rows share no line."""


@dataclass(frozen=True)
class Row:
    """Figures of one task; None where one is not defined."""

    task: str
    loss: float | None = None
    bound: float | None = None
    violation: float | None = None
    multiplier: float | None = None
    metric: float | None = None
    alone: float | None = None
    validation_loss: float | None = None  # beside a loss on the test rows


def rows_of(run: RunReader) -> list[Row]:
    """One row a task: as it is now on the validation rows, or on the test rows once the run is finished."""
    started, finished = run.last(Started), run.last(Finished)
    if started is None:
        return []
    if finished is not None:
        return [
            Row(
                name,
                task.loss,
                task.bound,
                task.violation,
                task.multiplier,
                task.metric,
                task.single_task_metric,
                task.validation_loss,
            )
            for name, task in finished.tasks.items()
        ]
    stage, reading, point = run.last(StageStarted), run.reading(), run.last(Step)
    alone = alone_so_far(run)
    trained = {name for event in run.events if isinstance(event, StageStarted) for name in event.objective}
    rows = []
    for at, name in enumerate(started.tasks):
        known = reading if name in trained else None
        rows.append(
            Row(
                name,
                known.loss[at] if known else None,
                stage.bound[at] if stage else None,
                known.violation[at] if known else None,
                point.multiplier[at] if point else None,
                known.metric[at] if known else None,
                alone.get(name),
            )
        )
    return rows


def alone_so_far(run: RunReader) -> dict[str, float]:
    """The metric on validation rows of each task trained alone: of the best model of its own stage so far."""
    started = run.last(Started)
    found: dict[str, float] = {}
    objective: str | None = None
    for event in run.events:
        if isinstance(event, StageStarted):
            alone = event.phase == "reference" or event.stage == 0  # a later one began from a common start
            objective = event.objective[0] if alone and len(event.objective) == 1 and not event.constraints else None
        elif isinstance(event, StageFinished):
            objective = None
        elif isinstance(event, Evaluated) and objective is not None and event.best and started is not None:
            value = event.metric[started.tasks.index(objective)]
            if value is not None:
                found[objective] = value
    return found


def numbers(run: RunReader, card: DatasetCard) -> None:
    """The table of tasks."""
    rows = rows_of(run)
    if not rows:
        st.caption("The numbers come with the first steps.")
        return
    tasks = {task.name: task for task in card.tasks}
    colours = task_colours(card.task_names())
    is_over = run.last(Finished) is not None
    for heads, cells in ((TEST_HEADS, _of_test), (VALIDATION_HEADS, _of_validation)) if is_over else ((HEADS, _now),):
        task_table(
            heads,
            (
                (
                    colours.get(row.task, "none"),
                    tasks[row.task].title if row.task in tasks else row.task,
                    cells(row, tasks.get(row.task)),
                )
                for row in rows
            ),
        )
    if said := measures_of(run):
        st.markdown(" · ".join(f"**{value:.4g}** {plain(MEASURES.get(name, name))}" for name, value in said.items()))
    st.caption(
        "Test rows chose nothing; on the validation rows bounds are kept and models chosen. "
        "The multiplier is the mean over the last half of the last stage: the price of a unit of tolerance."
        if is_over
        else "On the validation rows, at its last full reading or for the model that the stage kept. "
        "The test rows are read when the run ends."
    )


def measures_of(run: RunReader) -> dict[str, float]:
    """The network's own figures: on test rows once the run is finished, else on validation rows, as evaluated last."""
    finished, reading = run.last(Finished), run.last(Evaluated)
    if finished is not None:
        return finished.measures
    return reading.measures if reading is not None else {}


def _now(row: Row, task: Task | None) -> tuple[str, ...]:
    return (figure(row.loss), *_bounds(row), *_quality(task, row))


def _of_test(row: Row, task: Task | None) -> tuple[str, ...]:
    return (figure(row.loss), *_quality(task, row))


def _of_validation(row: Row, task: Task | None) -> tuple[str, ...]:
    return (figure(row.validation_loss), *_bounds(row))


def _bounds(row: Row) -> tuple[str, str, str]:
    return figure(row.bound), figure(row.violation, "+.4f"), figure(row.multiplier, ".3g")


def _quality(task: Task | None, row: Row) -> tuple[str, str]:
    """The metric with its name, and that of the task trained alone."""
    if task is None:
        return figure(row.metric), figure(row.alone)
    now = NOT_DEFINED if row.metric is None else f"{task.metric.name} {figure(row.metric, task.metric.shape)}"
    return now, figure(row.alone, task.metric.shape)


def readings(run: RunReader) -> None:
    """The full readings of the validation rows, of a very long run evenly chosen ones: the quality chart as a table."""
    started = run.last(Started)
    if started is None:
        return
    rows = []
    for event in run.events:
        if isinstance(event, Evaluated):
            row: dict[str, Any] = {
                "Step": event.step,
                "Trained alone": event.phase == "reference",
                "Bounds kept": is_kept(event.violation),
            }
            for position, name in enumerate(started.tasks):
                row[f"{name}: loss"] = event.loss[position]
                row[f"{name}: quality"] = event.metric[position]
                row[f"{name}: above bound"] = event.violation[position]
            row |= {MEASURES.get(name, name): value for name, value in event.measures.items()}
            rows.append(row)
    if len(rows) >= FOR_SENTENCES:
        st.caption("Of this long run's readings evenly chosen ones, and the newest and the best of each stage.")
    st.dataframe(rows, hide_index=True, height=260)
