"""What is known before a run of how much there is to learn of each task: of the last run on its data, else of trees."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path

from core.data.source import UPLOADED, DatasetChoice
from core.data.sources.uploaded.learnable import Learnt, read_learnable
from core.errors import PrecedenceError
from core.events import events as ev
from core.runs.folder.run_folder import RunFolder
from core.runs.listing.overview import all_rows
from core.task_kinds.kinds import KINDS

LOOKED_AT = 20  # finished runs, the newest, among which one on the same data is looked for
RUN, TREES = "the last run on these data", "boosted trees"


def learnt_before(home: Path, choice: DatasetChoice) -> tuple[dict[str, Learnt], str]:
    """Of each task, and by whom; the newest finished run that tells, else the trees of an uploaded table."""
    finished = sorted((row for row in all_rows(home) if row.state == "finished"), key=lambda row: -row.created)
    for row in finished[:LOOKED_AT]:
        own, found = _of_run(home, row.run)
        if found and own == choice:
            return found, RUN
    if choice.name == UPLOADED and choice.path:
        return read_learnable(Path(choice.path)), TREES
    return {}, ""


@lru_cache(maxsize=512)
def _of_run(home: Path, run_id: str) -> tuple[DatasetChoice | None, dict[str, Learnt]]:
    """Of a finished run, which never changes."""
    folder = RunFolder(home, run_id)
    try:
        return folder.config().dataset, learnt_of(folder.events())
    except PrecedenceError:  # damaged, or deleted meanwhile
        return None, {}


def learnt_of(events: Iterable[ev.Event]) -> dict[str, Learnt]:
    """Of a run's own log: each task under the model that was protected for it, else under the last one."""
    tasks: list[str] = []
    constants: ev.Numbers = []
    kinds: list[str] = []
    reached: dict[str, float] = {}
    metrics: dict[str, float] = {}
    for event in events:
        if isinstance(event, ev.Started):
            tasks, constants, kinds = event.tasks, event.constant_loss, event.task_kinds
        elif isinstance(event, ev.StageStarted | ev.BoundMoved):
            reached |= {name: loss for name, loss in zip(tasks, event.reference_loss, strict=True) if loss is not None}
        elif isinstance(event, ev.Finished):
            for name, result in event.tasks.items():
                if result.validation_loss is not None:
                    reached.setdefault(name, result.validation_loss)
                if result.metric is not None:
                    metrics[name] = result.metric
    found = {}
    for name, kind, constant in zip(tasks, kinds, constants, strict=False):
        if constant is None or name not in reached:
            continue
        metric = KINDS[kind].metric
        above = None if metric.chance is None or name not in metrics else metrics[name] - metric.chance
        found[name] = Learnt(reached=reached[name], constant=constant, metric_learnt=above)
    return found
