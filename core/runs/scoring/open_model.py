"""A finished run's model, to score rows that it has not seen. Imports torch.

from core.runs.scoring.open_model import load_run

model = load_run("brisk-otter-k7mq")          # a run's name, its folder, or a downloaded model.zip
model.predict(frame)                          # a pandas frame with the columns of the training table
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import torch

from core.data import parquet
from core.data.dataset import Batch
from core.data.new_rows import Encoded, Encoder, Findings, open_frame
from core.data.parquet import Array
from core.data.preparation import Preparation
from core.errors import PrecedenceError
from core.home import home
from core.models.network import Network
from core.runs.folder.run_folder import RunFolder, is_run
from core.training.bundle import BUNDLE, Bundle, answers, load_bundle

PREFIX = "predicted_"
"""Of the columns that a prediction adds."""
ROWS_A_PASS = 8192  # their embedded inputs stay in the cache of a core


@dataclass(frozen=True)
class Model:
    """A network with its weights, and how a row becomes its input."""

    bundle: Bundle
    name: str = ""
    _networks: dict[str, Network] = field(default_factory=dict, repr=False)

    @cached_property
    def network(self) -> Network:
        """On the CPU, ready to predict."""
        return self.bundle.network()

    @property
    def tasks(self) -> tuple[str, ...]:
        """What it predicts, in the order of the data set."""
        return self.bundle.description.card.task_names()

    @property
    def preparation(self) -> Preparation:
        """Raises PrecedenceError where the model reads texts or histories, or is older than this record."""
        if self.bundle.preparation is not None:
            return self.bundle.preparation
        form = self.bundle.description.form
        if form == "pairs":
            raise PrecedenceError(
                f"The model {self.name} reads pairs of texts, not rows of a table; search or explain with it: "
                "precedence relevance index --help."
            )
        if form == "histories":
            raise PrecedenceError(
                f"The model {self.name} reads histories, not rows of a table; find neighbours with it: "
                "precedence users neighbours --help."
            )
        raise PrecedenceError(
            f"The table of run {self.name} was prepared before it was kept how; prepare the table again and train the "
            "run anew, or its words cannot be numbered as they were."
        )

    def predict(self, frame: Any, fill: bool = False) -> Any:
        """A pandas frame with a row for each of `frame`, and by task: `predicted_TASK`, a probability, a value in the
        label's unit or the most probable class; with classes also `predicted_TASK_CLASS`, each one's probability.

        `frame` is a pandas frame, an Arrow table or a dictionary of columns, with the columns of the training table in
        any order; others are passed over. Values that training has not seen are taken as unknown, cells that are no
        number as missing. Raises PrecedenceError where columns are absent, unless `fill`: then they are missing.
        """
        import pandas as pd  # type: ignore[import-untyped]

        with parquet.connect() as database:
            given = open_frame(database, frame, self.preparation)
            columns, _ = score_given(self, Encoder(database, given, self.preparation, fill))
        return pd.DataFrame(columns, index=getattr(frame, "index", None))

    @torch.no_grad()
    def answer(self, encoded: Encoded) -> dict[str, Array]:
        """Of rows that are ids and numbers already: a column a name, [R] each."""
        parts = [answers(self.network(batch), self.bundle) for batch in _batches(encoded, len(self.tasks), ROWS_A_PASS)]
        found = {name: torch.cat([part[name] for part in parts]).numpy() for name in (parts[0] if parts else ())}
        columns: dict[str, Array] = {}
        for name, values in found.items():
            columns[PREFIX + name] = values if values.ndim == 1 else values.argmax(1)
            if values.ndim == 2:
                columns |= {f"{PREFIX}{name}_{at}": values[:, at] for at in range(values.shape[1])}
        return columns


def score_given(model: Model, encoder: Encoder) -> tuple[dict[str, Array], Findings]:
    """Predictions of all rows of the table `given`, a column a name, and what was met in the rows."""
    parts = [model.answer(encoded) for encoded in encoder.chunks()]
    if not parts:
        raise PrecedenceError("There are 0 rows to score; give a file with a header and rows.")
    return {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}, encoder.findings


def _batches(encoded: Encoded, tasks: int, size: int) -> Iterator[Batch]:
    sparse, dense = torch.from_numpy(encoded.sparse), torch.from_numpy(encoded.dense)
    sequences = [torch.from_numpy(ids) for ids in encoded.sequences]
    for start in range(0, len(encoded.sparse), size):
        part = slice(start, start + size)
        rows = len(sparse[part])
        yield Batch(
            sparse=sparse[part].long(),
            dense=dense[part],
            sequences=tuple(ids[part].long() for ids in sequences),
            labels=torch.zeros(rows, tasks),
            mask=torch.zeros(rows, tasks, dtype=torch.bool),
        )


def load_run(run: str | Path, home_folder: Path | None = None) -> Model:
    """The model of a finished run: by the run's name, by its folder (also one that `train --out` wrote), or from a
    file model.zip. Raises PrecedenceError where there is none."""
    where = home_folder or home()
    if isinstance(run, str) and is_run(where, run):
        return _of_folder(RunFolder(where, run).path, run)
    path = Path(run)
    if path.is_dir():
        return _of_folder(path, path.name)
    if path.is_file():
        return Model(load_bundle(path), path.stem)
    raise PrecedenceError(
        f"There is no run, folder or model file {str(run)[:200]!r}; precedence runs list names the runs."
    )


def _of_folder(folder: Path, name: str) -> Model:
    if (folder / BUNDLE).is_file():
        return Model(load_bundle(folder / BUNDLE), name)
    if not (folder / "result.json").is_file():
        raise PrecedenceError(f"Run {name} is not finished, so it has no final model; let it end first.")
    raise PrecedenceError(
        f"Run {name} was trained before models were kept with how their rows are read; train it again from its "
        "config, then it can score new rows."
    )
