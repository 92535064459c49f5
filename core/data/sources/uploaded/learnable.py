"""How much there is to learn of each label of a prepared table, by a quick fit of boosted trees before any run.

A tolerance is a share of a loss, and of a rare label nearly all of the loss is what nobody can know: 1 % of it may be
a fifth of all that can be learnt. So a table is looked at once, when it is prepared.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
from pydantic import BaseModel, ConfigDict, TypeAdapter

from core.data import parquet
from core.data.description import DatasetDescription, Task
from core.data.parquet import Array, literal, quoted
from core.data.prepared import SPLIT, TABLE, read_description
from core.files import write_text

FILE = "learnable.json"
MOST_ROWS, MOST_CELLS = 20_000, 1_000_000  # of training rows, and of their columns together
ROUNDS, MOST_WORDS = 40, 255  # trees of a label; a category of more ids is taken as a number
FEWEST_EACH = 10  # rows of a class, in training and validation
KINDS = ("binary", "regression")


class Learnt(BaseModel):
    """Of one task on the validation rows: the loss of a trained model, and that of the best constant prediction.

    `metric_learnt`: by how much its metric is above chance; None where chance has no figure.
    """

    model_config = ConfigDict(frozen=True)
    reached: float
    constant: float
    metric_learnt: float | None = None

    @property
    def learnt(self) -> float:
        """What a tolerance of the loss can lose at most."""
        return self.constant - self.reached


_TASKS: TypeAdapter[dict[str, Learnt]] = TypeAdapter(dict[str, Learnt])


def read_learnable(folder: Path) -> dict[str, Learnt]:
    """What `write_learnable` found; nothing where it found or wrote nothing."""
    try:
        return _TASKS.validate_json((folder / FILE).read_bytes())
    except (OSError, ValueError):
        return {}


def write_learnable(folder: Path) -> None:
    """Fits trees to each yes-or-no label and each number, and keeps what they reach beside the table."""
    found = {name: one.model_dump() for name, one in _learnable(folder, read_description(folder)).items()}
    write_text(folder / FILE, json.dumps(found))


def _learnable(folder: Path, about: DatasetDescription) -> dict[str, Learnt]:
    from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

    tasks = [task for task in about.card.tasks if task.label and task.kind in KINDS]
    columns = [one.name for one in about.sparse] + [one.name for one in about.dense]
    if not tasks or not columns or len(columns) > MOST_CELLS // 100:
        return {}
    most = min(MOST_ROWS, MOST_CELLS // len(columns))
    labels_of = tuple(dict.fromkeys(str(task.label) for task in tasks))
    parts = [_sampled(folder / TABLE, (*columns, *labels_of), split, most) for split in (0, 1)]
    inputs = [np.stack([part[name] for name in columns], 1) for part in parts]
    words = [one.size <= MOST_WORDS for one in about.sparse] + [False] * len(about.dense)
    found = {}
    for task in tasks:
        with threadpool_limits(1):  # small work: threads that wait for a busy processor cost more than they bring
            one = _learnt(task, inputs, [part[str(task.label)] for part in parts], words)
        if one is not None:
            found[task.name] = one
    return found


def _sampled(file: Path, names: tuple[str, ...], split: int, most: int) -> dict[str, Array]:
    """Columns of at most about `most` rows of a split, evenly drawn; missing is NaN."""
    source = f"read_parquet({literal(file)}, file_row_number = true) WHERE {SPLIT} = {split}"
    wanted = ", ".join(f"{quoted(name)}::DOUBLE AS {quoted(name)}" for name in names)
    with parquet.connect() as database:
        rows = int(database.execute(f"SELECT count(*) FROM {source}").fetchall()[0][0])
        drawn = f"hash(file_row_number) % 1000000 < {round(1e6 * min(1.0, most / max(1, rows)))}"
        found = database.execute(f"SELECT {wanted} FROM {source} AND {drawn} ORDER BY file_row_number").fetchnumpy()
    return {name: np.ma.filled(values, np.nan) for name, values in found.items()}


def _learnt(task: Task, inputs: list[Array], labels: list[Array], words: list[bool]) -> Learnt | None:
    """None where too few rows say anything of it."""
    from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor
    from sklearn.metrics import log_loss, roc_auc_score

    known = [~np.isnan(part) for part in labels]
    (x, there), (y, truth) = ([part[ok] for part, ok in zip(parts, known, strict=True)] for parts in (inputs, labels))
    settings: dict[str, Any] = {"max_iter": ROUNDS, "categorical_features": words, "random_state": 0,
                                "learning_rate": 0.05, "max_leaf_nodes": 8}  # fmt: skip
    if task.kind == "regression":
        if min(len(y), len(truth)) < 2 * FEWEST_EACH or y.std() == 0:
            return None
        given = HistGradientBoostingRegressor(**settings).fit(x, y).predict(there)
        errors = [float(((value - truth) ** 2).mean() / y.var()) for value in (given, y.mean())]
        return Learnt(reached=errors[0], constant=errors[1])
    if min(*np.bincount(y.astype(int), minlength=2), *np.bincount(truth.astype(int), minlength=2)) < FEWEST_EACH:
        return None
    share = HistGradientBoostingClassifier(**settings).fit(x, y).predict_proba(there)[:, 1]
    return Learnt(
        reached=float(log_loss(truth, share)),
        constant=float(log_loss(truth, np.full(len(truth), y.mean()))),
        metric_learnt=float(roc_auc_score(truth, share)) - 0.5,
    )
