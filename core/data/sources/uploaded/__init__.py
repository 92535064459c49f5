"""What a user brings: a table of rows, a file of events, or a file of judged pairs; each kept as a prepared folder.

`table`, `events` and `pairs` make the folder, whose description then says which of the three it is.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from core.data.description import Form
from core.data.histories.questions import HISTORIES_RUN
from core.data.pairs.prepare import CAREFUL_RUN
from core.data.prepared import DESCRIPTION, read_description
from core.data.source import DatasetChoice, Source
from core.errors import PrecedenceError

# A table that somebody brings is often small: a small network, and a look at the validation split often enough to keep
# the model of the few steps before over-fitting begins.
TABLE_RUN: Mapping[str, Any] = {
    "evaluate_every": 20,
    "patience": 8,
    "validation_rows": 20_000,
    "model": {"embedding_dim": 4, "trunk": (32,), "dropout": 0.1},
    "optimiser": {"weight_decay": 0.5},
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
    return Source(
        card=description.card, prepare=prepare, form=description.form, default_run=DEFAULT_RUNS[description.form]
    )


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
