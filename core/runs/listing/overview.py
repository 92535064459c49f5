"""One row a run, finished or not, read off the small files of its folder; no torch, no library, no events.

A folder is read again only where one of its files has changed, so that a list of 500 runs costs a look at each.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from core.data.description import UPLOADED
from core.files import stamp
from core.runs.folder.run_folder import run_ids
from core.runs.paths import runs_folder
from core.task_kinds.kinds import KINDS

FILES = ("config.json", "status.json", "about.json", "result.json", "model.zip")
FREE = ("seed", "name", "device")
"""Settings in which runs of one family differ."""


@dataclass(frozen=True)
class TaskFigures:
    """What a finished run says of a task, in the order of its data set."""

    task: str
    kind: str
    metric_name: str
    metric: float | None  # on the test rows, as the next
    loss: float | None
    violation: float | None  # of its bound, on the validation rows
    multiplier: float | None
    single_task_metric: float | None
    higher_is_better: bool


@dataclass(frozen=True)
class RunRow:
    """One run. `family` is equal for runs that differ in seed, name and device alone."""

    run: str
    name: str
    state: str
    dataset: str  # name; of an uploaded one that of its folder
    method: str
    network: str
    priority: tuple[str, ...]
    seed: int
    steps: int
    seconds: float
    device: str
    created: float  # seconds since 1970
    tags: tuple[str, ...]
    notes: str
    pinned: bool
    sweep: str
    owner: str
    shared: bool  # stands in everybody's lists
    family: str
    has_model: bool
    error: str
    tasks: tuple[TaskFigures, ...]
    settings: tuple[tuple[str, str], ...]  # every setting that the config names, flat

    @property
    def keeps_bounds(self) -> bool | None:
        """Whether every bound is kept; None where there is none."""
        known = [one.violation for one in self.tasks if one.violation is not None]
        return all(value <= 0 for value in known) if known else None

    def as_fields(self) -> dict[str, Any]:
        """As the command prints it."""
        return {
            "run": self.run,
            "name": self.name,
            "status": self.state,
            "dataset": self.dataset,
            "method": self.method,
            "network": self.network,
            "priority": list(self.priority),
            "seed": self.seed,
            "steps": self.steps,
            "seconds": round(self.seconds, 3),
            "device": self.device,
            "created": self.created,
            "tags": list(self.tags),
            "notes": self.notes,
            "pinned": self.pinned,
            "sweep": self.sweep or None,
            "keeps_bounds": self.keeps_bounds,
            "has_model": self.has_model,
            "error": self.error or None,
            "metrics": {one.task: {one.metric_name: one.metric, "loss": one.loss, "violation": one.violation}
                        for one in self.tasks},
        }  # fmt: skip


def all_rows(home: Path) -> list[RunRow]:
    """Pinned ones first, then the newest; what is damaged beyond its config is left out."""
    found = [row for row in (row_of(home, run_id) for run_id in run_ids(home)) if row is not None]
    return sorted(found, key=lambda row: (not row.pinned, -row.created, row.run))


def row_of(home: Path, run_id: str) -> RunRow | None:
    """The row of one run; None where there is none."""
    folder = runs_folder(home) / run_id
    return _row(folder, tuple(stamp(folder / name) for name in FILES))


@lru_cache(maxsize=4096)
def _row(folder: Path, stamps: tuple[Any, ...]) -> RunRow | None:
    config, status, about, result = (_read(folder / name) for name in FILES[:4])
    if not config:
        return None
    data, method, model = (_part(config, name) for name in ("dataset", "method", "model"))
    name = str(data.get("name", ""))
    if name == UPLOADED:
        name = Path(str(data.get("path") or UPLOADED)).name
    finished = _part(result, "tasks")
    return RunRow(
        run=folder.name,
        name=str(about.get("name") or config.get("name") or ""),
        state=str(status.get("state", "queued")),
        dataset=name,
        method=str(method.get("kind", "nmt")),
        network=str(model.get("kind", "shared_bottom")),
        priority=tuple(map(str, config.get("priority") or finished)),
        seed=int(config.get("seed", 0)),
        steps=int(result.get("step", status.get("step", 0)) or 0),
        seconds=float(result.get("seconds", status.get("seconds", 0.0)) or 0.0),
        device=str(status.get("device") or ""),
        created=float(about.get("created") or 0.0),
        tags=tuple(map(str, about.get("tags") or ())),
        notes=str(about.get("notes") or ""),
        pinned=bool(about.get("pinned")),
        sweep=str(about.get("sweep") or ""),
        owner=str(about.get("owner") or ""),
        shared=bool(about.get("shared")),
        family=family_of(config),
        has_model=stamps[-1] is not None,
        error=str(status.get("error") or ""),
        tasks=tuple(_figures(task, fields) for task, fields in finished.items() if isinstance(fields, dict)),
        settings=tuple(flat(config)),
    )


def _figures(task: str, fields: dict[str, Any]) -> TaskFigures:
    kind = KINDS.get(str(fields.get("kind", "")))
    if kind is None:  # of version 1, which had a slot for each kind of metric
        kind = next((one for one in KINDS.values() if fields.get(one.metric.key) is not None), KINDS["binary"])
    metric = kind.metric
    return TaskFigures(
        task=task,
        kind=kind.name,
        metric_name=metric.name,
        metric=fields.get("metric", fields.get(metric.key)),
        loss=fields.get("loss"),
        violation=fields.get("violation"),
        multiplier=fields.get("multiplier"),
        single_task_metric=fields.get("single_task_metric", fields.get(f"single_task_{metric.key}")),
        higher_is_better=metric.higher_is_better,
    )


def family_of(config: dict[str, Any]) -> str:
    """Twelve hexadecimal digits of all settings but those in `FREE`."""
    kept = {name: value for name, value in config.items() if name not in FREE}
    return hashlib.sha256(json.dumps(kept, sort_keys=True, default=str).encode()).hexdigest()[:12]


def flat(fields: dict[str, Any], before: str = "") -> Iterable[tuple[str, str]]:
    """Settings by their dotted name, without the place of an uploaded table on this machine."""
    for name, value in fields.items():
        if isinstance(value, dict):
            yield from flat(value, f"{before}{name}.")
        elif f"{before}{name}" == "dataset.path":
            yield "dataset.path", "" if value is None else Path(str(value)).name
        else:
            yield f"{before}{name}", ", ".join(map(str, value)) if isinstance(value, list) else str(value)


def difference(one: RunRow, other: RunRow) -> list[tuple[str, str, str]]:
    """Settings in which two runs differ: name, the first one's, the other's; empty where one has none."""
    first, second = dict(one.settings), dict(other.settings)
    return [
        (name, first.get(name, ""), second.get(name, ""))
        for name in dict.fromkeys([*first, *second])
        if first.get(name) != second.get(name) and name != "name"
    ]


def _part(fields: dict[str, Any], name: str) -> dict[str, Any]:
    found = fields.get(name)
    return found if isinstance(found, dict) else {}


def _read(file: Path) -> dict[str, Any]:
    """What a file holds; nothing where it is not there or damaged, which the run's own page says."""
    try:
        found = json.loads(file.read_bytes())
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}
