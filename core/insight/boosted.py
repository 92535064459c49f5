"""Boosted trees on the same rows: what a table gives to a learner that shares nothing between tasks.

scikit-learn's HistGradientBoosting with its defaults and early stopping, one model a task, on the training rows of the
data set; its metric on the test rows stands beside the network's. A person who brings a table asks for it first.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from core.data.dataset import Dataset
from core.errors import PrecedenceError
from core.task_kinds.functions import FUNCTIONS, Scale

MOST_ROWS = 200_000  # of the training rows, the first ones
MOST_WORDS = 255  # a category of more ids is taken as a number: the trees' bins end there


def boosted_trees(dataset: Dataset, seed: int = 0) -> dict[str, float | None]:
    """Metric of each labelled task on the test rows; None where it is undefined there.

    Raises PrecedenceError for texts and histories, which have no columns for trees.
    """
    about = dataset.description
    if about.form != "rows":
        raise PrecedenceError("Boosted trees read tables of rows; texts and histories have no columns for them.")
    inputs = np.concatenate((dataset.sparse.numpy(), dataset.dense.numpy()), 1, dtype=np.float32)
    categories = [one.size <= MOST_WORDS for one in about.sparse] + [False] * len(about.dense)
    found: dict[str, float | None] = {}
    for at, task in enumerate(about.card.tasks):
        functions = FUNCTIONS[task.kind]
        if task.label is None or functions.of_lists is not None:
            continue
        known = dataset.mask[:, at].numpy()
        train, test = (rows[known[rows]] for rows in (dataset.rows["train"].numpy(), dataset.rows["test"].numpy()))
        train = train[:MOST_ROWS]
        labels = dataset.labels[:, at].numpy()
        weight = None if dataset.weights is None else dataset.weights[train, at].numpy()
        given = _fitted(task.kind, inputs, labels, train, test, weight, categories, seed, task.classes)
        plain = Scale(torch.tensor(0.0), torch.tensor(1.0))
        found[task.name] = functions.metric(torch.from_numpy(given), torch.from_numpy(labels[test]), plain)
    return found


def _fitted(
    kind: str,
    inputs: NDArray[np.float32],
    labels: NDArray[np.float32],
    train: NDArray[np.int64],
    test: NDArray[np.int64],
    weight: NDArray[np.float32] | None,
    categories: list[bool],
    seed: int,
    classes: int,
) -> NDArray[np.float64]:
    """Predictions [n, c] of the test rows as the task's kind has them."""
    from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor

    settings: dict[str, Any] = {"random_state": seed, "categorical_features": categories, "early_stopping": True}
    if kind == "regression":
        trees = HistGradientBoostingRegressor(**settings).fit(inputs[train], labels[train], weight)
        return np.asarray(trees.predict(inputs[test]), np.float64)[:, None]
    trees = HistGradientBoostingClassifier(**settings).fit(inputs[train], labels[train].astype(np.int64), weight)
    shares = trees.predict_proba(inputs[test])
    if kind == "binary":
        return np.asarray(shares[:, -1:], np.float64)
    out = np.zeros((len(test), classes))
    out[:, trees.classes_.astype(int)] = shares
    return out
