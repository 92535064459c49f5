"""What DeepBoW says of itself on some rows: the order it gives, how sparse its bags are."""

from __future__ import annotations

import torch
from torch import Tensor

from core.data.dataset import Dataset
from core.models.deepbow_bags import BagHeads, TextEncoder
from core.models.deepbow_input import SIDES
from core.models.network import Network
from core.statistics import ndcg
from core.task_kinds.kinds import KINDS

_TEXTS = 128  # of each side, whose non-zeros are counted


def ndcg_of_rows(dataset: Dataset, rows: Tensor, predictions: Tensor) -> float:
    """Mean NDCG@10 over the queries of `rows`; the grade is the number of ordinal tasks that hold."""
    graded = [at for at, task in enumerate(dataset.description.card.tasks) if KINDS[task.kind].is_yes_or_no]
    grades = dataset.labels[rows][:, graded].sum(1)
    queries = dataset.keys["query"][rows]
    found = ndcg(grades.cpu().numpy(), predictions[:, graded[0]].cpu().numpy(), queries.cpu().numpy())
    return float(found.mean()) if len(found) else 0.0


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
