"""What DeepBoW says of itself on some rows: the order it gives, how sparse its bags are."""

from __future__ import annotations

import torch
from torch import Tensor

from core.data.dataset import Dataset
from core.models.deepbow import PairScore
from core.models.network import Network
from core.models.ranking import ndcg

_TEXTS = 128  # of each side, whose non-zeros are counted
_CHUNK = 1024  # terms at a time


def ndcg_of_rows(dataset: Dataset, rows: Tensor, predictions: Tensor) -> float:
    """Mean NDCG@10 over the queries of `rows`; the grade is the number of ordinal tasks that hold."""
    graded = [at for at, task in enumerate(dataset.description.card.tasks) if task.kind == "binary"]
    grades = dataset.labels[rows][:, graded].sum(1)
    queries = dataset.keys["query"][rows]
    found = ndcg(grades.cpu().numpy(), predictions[:, graded[0]].cpu().numpy(), queries.cpu().numpy())
    return float(found.mean()) if len(found) else 0.0


def nonzeros(network: Network, dataset: Dataset, rows: Tensor) -> dict[str, float]:
    """Mean number of terms with a weight, over the first texts of each side among `rows`."""
    sharing = network.sharing
    assert isinstance(sharing, PairScore)
    out = {}
    was_training = network.training
    network.eval()
    for side in ("query", "product"):
        numbers = dataset.keys[side][rows].unique()[:_TEXTS].long()
        at = [network.embedding.places[side, part] for part in ("words", "rarity", "characters")]
        ids = [dataset.sequences[place][numbers].long() for place in at]
        weights = whole_bags(network, side, *ids)
        out[f"nonzeros_{side}"] = (weights > 0).sum(1).double().mean().item()
    network.train(was_training)
    return out


@torch.no_grad()
def whole_bags(network: Network, side: str, words: Tensor, rarity: Tensor, characters: Tensor) -> Tensor:
    """The weight of every term in N texts: [N, terms], term 0 (padding) 0."""
    sharing = network.sharing
    assert isinstance(sharing, PairScore)
    assert sharing.bags is not None
    states = sharing.encoder(network.embedding.texts(words, rarity, characters))
    table = network.table[: network.embedding.terms]
    ids = torch.arange(len(table), device=table.device)
    parts = [
        sharing.bags.at(side, states, rows.unsqueeze(0), some.unsqueeze(0))
        for rows, some in zip(table.split(_CHUNK), ids.split(_CHUNK), strict=True)
    ]
    weights = torch.cat(parts, 1)
    weights[:, 0] = 0
    return weights
