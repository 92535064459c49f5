"""What DeepBoW says of itself on some rows: the order it gives, how sparse its bags are."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from core.data.dataset import Dataset
from core.models.deepbow_bags import BagHeads, TextEncoder
from core.models.deepbow_input import SIDES
from core.models.network import Network
from core.statistics import ndcg_of_gains
from core.task_kinds.kinds import KINDS

_TEXTS = 128  # of each side, whose non-zeros are counted


def ndcg_of_rows(dataset: Dataset, rows: Tensor, predictions: Tensor) -> float:
    """Mean NDCG@10 over the queries of `rows`; see `gains_of`; the grade is the number of ordinal tasks that
    hold."""
    graded = _graded(dataset)
    queries = dataset.keys["query"][rows]
    found = ndcg_of_gains(gains_of(dataset, rows), predictions[:, graded[0]].cpu().numpy(), queries.cpu().numpy())
    return float(found.mean()) if len(found) else 0.0


def gains_of(dataset: Dataset, rows: Tensor) -> NDArray[np.float64]:
    """[n] the gain of each row: the data's own of its grade, else 2^grade − 1."""
    grades = dataset.labels[rows][:, _graded(dataset)].sum(1).cpu().numpy()
    own = dataset.description.card.gains
    return np.array(own)[grades.astype(int)] if own else np.exp2(grades.astype(np.float64)) - 1


def _graded(dataset: Dataset) -> list[int]:
    """The ordinal tasks, "grade at least k"."""
    return [at for at, task in enumerate(dataset.description.card.tasks) if KINDS[task.kind].is_yes_or_no]


@torch.no_grad()
def nonzeros(
    network: Network, encoder: TextEncoder, bags: BagHeads, dataset: Dataset, rows: Tensor
) -> dict[str, float]:
    """Mean number of terms with a weight, over the first texts of each side among `rows`."""
    out = {}
    was_training = network.training
    network.eval()
    for side in SIDES:
        numbers = dataset.keys[side][rows].unique()[:_TEXTS].long()
        found = bags.bags(side, encoder(network.embedding.texts_of(dataset, side, numbers)))
        out[f"nonzeros_{side}"] = (found.weights > 0).sum(1).double().mean().item()
    network.train(was_training)
    return out
