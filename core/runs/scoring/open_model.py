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
from core.runs.scoring.histories import HistoryScorer
from core.runs.scoring.pairs import PairScorer, pairs_of_frame
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
        """Of a model of rows; raises PrecedenceError where it reads something else, or is older than this record."""
        what = {"pairs": "pairs of texts", "histories": "histories"}.get(self.form)
        if what:
            raise PrecedenceError(f"The model {self.name} reads {what}, not rows of a table.")
        if self.bundle.preparation is not None:
            return self.bundle.preparation
        raise PrecedenceError(
            f"The table of run {self.name} was prepared before it was kept how; prepare the table again and train the "
            "run anew, or its words cannot be numbered as they were."
        )

    @property
    def form(self) -> str:
        """What it reads: rows of a table, pairs of texts, or histories of users."""
        return self.bundle.description.form

    @cached_property
    def pairs(self) -> PairScorer:
        """Of a model of form "pairs"."""
        return PairScorer(self.bundle, self.network, self.name)

    @cached_property
    def histories(self) -> HistoryScorer:
        """Of a model of form "histories"."""
        return HistoryScorer(self.bundle, self.network, self.name)

    def predict(self, frame: Any, fill: bool = False) -> Any:
        """A pandas frame with a row for each of `frame`, and by task: `predicted_TASK`, a probability, a value in the
        label's unit or the most probable class; with classes also `predicted_TASK_CLASS`, each one's probability.

        `frame` is a pandas frame, an Arrow table or a dictionary of columns. Of a model of a table it has the columns
        of the training table in any order; others are passed over. Values that training has not seen are taken as
        unknown, cells that are no number as missing. Raises PrecedenceError where columns are absent, unless `fill`:
        then they are missing. Of a DeepBoW it has a query and a title; `predicted_grade` is the expected grade.
        """
        import pandas as pd  # type: ignore[import-untyped]

        with parquet.connect() as database:
            if self.form == "pairs":
                _, queries, titles = pairs_of_frame(database, frame)
                columns = named_columns(self.pairs.score(queries, titles)[0])
                return pd.DataFrame(columns, index=getattr(frame, "index", None))
            given = open_frame(database, frame, self.preparation)
            columns, _ = score_given(self, Encoder(database, given, self.preparation, fill))
        return pd.DataFrame(columns, index=getattr(frame, "index", None))

    @torch.no_grad()
    def answer(self, encoded: Encoded) -> dict[str, Array]:
        """Of rows that are ids and numbers already: a column a name, [R] each."""
        parts = [answers(self.network(batch), self.bundle) for batch in _batches(encoded, len(self.tasks), ROWS_A_PASS)]
        return named_columns(
            {name: torch.cat([part[name] for part in parts]).numpy() for name in (parts[0] if parts else ())}
        )


def named_columns(found: dict[str, Array]) -> dict[str, Array]:
    """What tasks say [R] or [R, classes] as columns of a table."""
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
