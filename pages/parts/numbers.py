"""The run in numbers: one row a task, and every reading behind the charts."""

from __future__ import annotations

from typing import Any

import streamlit as st

from core.data.description import DatasetCard
from core.training.events import Evaluated, Finished, StageFinished, StageStarted, Started, Step
from pages.parts.run_reader import RunReader


def task_rows(run: RunReader, card: DatasetCard) -> list[dict[str, Any]]:
    """One row a task: as it is now, or from the test rows once the run is finished."""
    started, finished = run.last(Started), run.last(Finished)
    if started is None:
        return []
    titles = {task.name: task.title for task in card.tasks}
    if finished is not None:
        return [
            {
                "Task": titles.get(name, name),
                "Loss": task.loss,
                "Bound on the slice": task.bound,
                "Above bound": task.violation,
                "Multiplier": task.multiplier,
                "AUC": task.auc,
                "AUC alone": task.single_task_auc,
                "RMSE": task.rmse,
                "RMSE alone": task.single_task_rmse,
            }
            for name, task in finished.tasks.items()
        ]
    stage, reading, point = run.last(StageStarted), run.last(Evaluated), run.last(Step)
    alone = alone_auc(run)
    rows = []
    for position, name in enumerate(started.tasks):
        rows.append(
            {
                "Task": titles.get(name, name),
                "Loss": reading.loss[position] if reading else None,
                "Bound on the slice": stage.bound[position] if stage else None,
                "Above bound": reading.violation[position] if reading else None,
                "Multiplier": point.multiplier[position] if point else None,
                "AUC": reading.auc[position] if reading else None,
                "AUC alone": alone.get(name),
                "RMSE": reading.rmse[position] if reading else None,
            }
        )
    return rows


def alone_auc(run: RunReader) -> dict[str, float]:
    """AUC on the slice of each task trained alone, where its own stage has kept a model."""
    started = run.last(Started)
    found: dict[str, float] = {}
    objective: str | None = None
    for event in run.events:
        if isinstance(event, StageStarted):
            objective = event.objective[0] if len(event.objective) == 1 and not event.constraints else None
        elif isinstance(event, StageFinished):
            objective = None
        elif isinstance(event, Evaluated) and objective is not None and event.best and started is not None:
            auc = event.auc[started.tasks.index(objective)]
            if auc is not None:
                found[objective] = auc
    return found


def numbers(run: RunReader, card: DatasetCard) -> None:
    """The table of tasks; columns without any value are left out."""
    rows = task_rows(run, card)
    if not rows:
        st.caption("The numbers come with the first steps.")
        return
    kept = [name for name in rows[0] if any(row.get(name) is not None for row in rows)]
    shapes = {name: st.column_config.NumberColumn(format="%.4f") for name in kept if name != "Task"}
    st.dataframe([{name: row.get(name) for name in kept} for row in rows], hide_index=True, column_config=shapes)
    finished = run.last(Finished) is not None
    st.caption(
        "Loss and AUC on the test rows, which nothing was chosen by."
        if finished
        else "On the slice, at its last full reading; the test rows are read when the run ends."
    )


def readings(run: RunReader) -> None:
    """Every full reading of the slice: the points of the quality chart as a table."""
    started = run.last(Started)
    if started is None:
        return
    rows = []
    for event in run.events:
        if isinstance(event, Evaluated):
            row: dict[str, Any] = {
                "Step": event.step,
                "Alone": event.phase == "reference",
                "Bounds kept": event.feasible,
            }
            for position, name in enumerate(started.tasks):
                row[f"{name}: loss"] = event.loss[position]
                row[f"{name}: AUC"] = event.auc[position]
                row[f"{name}: above bound"] = event.violation[position]
            rows.append(row)
    st.dataframe(rows, hide_index=True, height=260)
