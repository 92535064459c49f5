"""Finished NMT runs written by hand into a home folder: two tasks of the shop, prices as asked for."""

from __future__ import annotations

from pathlib import Path

from core.events.events import Event, Finished, StageFinished, StageStarted, Started, Step, TaskResult
from core.runs.folder.run_folder import RunFolder
from core.runs.folder.status import RunStatus
from core.settings.run import RunConfig

TASKS = ["relevance", "click", "cart", "purchase", "price_level"]
BASE = [0.7, 0.4, 0.2, 0.1, 1.0]
ABSENT = [None] * 3


def events(multiplier: float, relevance: float, click: float, tolerance: float) -> list[Event]:
    """Losses are normalised; relevance is trained first, click second."""
    loss = [relevance * BASE[0], click * BASE[1], *ABSENT]
    bound = [relevance * BASE[0] * (1 + tolerance), None, *ABSENT]
    log: list[Event] = [
        Started(
            step=0,
            tasks=TASKS,
            task_kinds=["binary"] * 4 + ["regression"],
            base_loss=BASE,
            priority=["relevance", "click"],
            device="cpu",
            device_reason="asked for",
            parameters=3,
            rows={"train": 5},
            most_steps=80,
        )
    ]
    for stage, task in enumerate(("relevance", "click")):
        constrained = stage == 1
        held = bound if constrained else [None, None, *ABSENT]
        common = {"stage": stage, "objective": [task]}
        log.append(
            StageStarted(
                step=40 * stage,
                constraints=["relevance"][:stage],
                reference_loss=loss if constrained else held,
                bound=held,
                bound_train=held,
                tolerance=held,
                **common,
            )
        )
        log += [
            Step(
                step=40 * stage + at,
                stage=stage,
                loss=loss,
                multiplier=[multiplier + 0.01 * (at % 3 - 1), None, *ABSENT] if constrained else [None, None, *ABSENT],
                weight=[0.5, 0.5, 0, 0, 0],
                violation=[0.0, None, *ABSENT],
                violation_train=[0.0, None, *ABSENT],
                seconds=1.0,
            )
            for at in range(1, 41)
        ]
        log.append(
            StageFinished(
                step=40 * stage + 40,
                reason="All 40 steps of the stage are done.",
                kept_step=40 * stage + 40,
                loss=loss,
                bound=held,
                violation=[0.0, None, *ABSENT] if constrained else [None, None, *ABSENT],
                multiplier=[multiplier, None, *ABSENT] if constrained else [None, None, *ABSENT],
                gain=None,
                **common,
            )
        )
    results = {
        name: TaskResult(
            kind="binary",
            loss=loss[at],
            metric=0.7,
            validation_loss=loss[at],
            bound=bound[at],
            violation=0.0,
            multiplier=multiplier,
        )
        for at, name in enumerate(("relevance", "click"))
    }
    return [*log, Finished(step=80, seconds=2.0, tasks=results)]


def finished(home: Path, multiplier: float, click: float, tolerance: float = 0.05, **fields: object) -> str:
    """A finished run's name; `fields` are those of its config."""
    config = RunConfig.model_validate(
        {"priority": ["relevance", "click"], "tolerances": {"relevance": tolerance}, **fields}
    )
    folder = RunFolder.create(home, config)
    log = events(multiplier, 0.5, click, tolerance)
    folder.log.write_text("".join(event.model_dump_json() + "\n" for event in log))
    last = log[-1]
    assert isinstance(last, Finished)
    folder.write_result(last)
    folder.write_status(RunStatus(state="finished", step=80, device="cpu"))
    return folder.run_id
