"""What a user brings: a table of rows, a file of events, or a file of judged pairs; each kept as a prepared folder.

`table`, `events` and `pairs` make the folder, whose description then says which of the three it is.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from core.data.description import DatasetDescription, Form
from core.data.histories.questions import HISTORIES_RUN
from core.data.pairs.prepare import CAREFUL_RUN
from core.data.prepared import DESCRIPTION, read_description
from core.data.source import DatasetChoice, Source
from core.errors import PrecedenceError
from core.task_kinds.kinds import KINDS

# A table that somebody brings is often small: a small network, and a look at the validation split often enough to keep
# the model of the few steps before over-fitting begins.
TABLE_RUN: Mapping[str, Any] = {
    "evaluate_every": 20,
    "patience": 8,
    "validation_rows": 20_000,
    "model": {"embedding_dim": 4, "trunk": (32,), "dropout": 0.1},
    "optimiser": {"weight_decay": 0.5},
}
# A table whose rows stand in lists: one score a row, whose order the first task has to itself before others share it.
LISTS_RUN: Mapping[str, Any] = {
    "method": {"kind": "nmt", "tolerance_kind": "metric", "start_together": 0.0, "keep": "line", "margin": 0.5},
    "tolerance": 0.01,
    "batch_size": 512,
    "stage_steps": 150,
    "evaluate_every": 15,
    "patience": 10,
    "model": {"kind": "ranker", "embedding_dim": 4, "trunk": (16,), "dropout": 0.1},
    "optimiser": {"learning_rate": 1e-2, "weight_decay": 1e-2, "average": 0.97},
}
DEFAULT_RUNS: Mapping[Form, Mapping[str, Any]] = {
    "rows": TABLE_RUN,
    "histories": HISTORIES_RUN,
    "pairs": CAREFUL_RUN,
}
"""By form of what was brought; see `Source.default_run`."""


def uploaded_source(path: str | None) -> Source:
    """The data set in a folder that `table`, `events` or `pairs` made."""
    description = read_description(_folder(path))
    run = _run_of(description)
    options = ("next_event",) if description.form == "histories" else ()
    return Source(card=description.card, prepare=prepare, form=description.form, default_run=run, options=options)


def run_of(path: str, form: Form) -> Mapping[str, Any]:
    """The default run of what was brought, by its form; by what its folder says, where it is there already."""
    there = (Path(path) / DESCRIPTION).is_file()
    return _run_of(read_description(Path(path))) if there else DEFAULT_RUNS[form]


def _run_of(description: DatasetDescription) -> Mapping[str, Any]:
    in_lists = all(KINDS[task.kind].in_lists for task in description.card.tasks)
    return LISTS_RUN if in_lists else DEFAULT_RUNS[description.form]


def prepare(choice: DatasetChoice) -> Path:
    """The folder that the choice names, checked to be one: it was prepared when it was brought."""
    return _folder(choice.path)


def _folder(path: str | None) -> Path:
    folder = Path(path or "")
    if not path or not (folder / DESCRIPTION).is_file():
        raise PrecedenceError(
            f"The path {path!r} is no prepared table; give the folder that holds table.parquet and description.json."
        )
    return folder
