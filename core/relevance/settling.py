"""How far from its start a trained model goes: the share of the way that orders the validation queries best.

    θ = (1 − a) θ_start + a θ_trained,   a of `SHARES`

Weights on the straight line between a start and what was learnt from it often order better than either (Wortsman et
al., *Robust fine-tuning of zero-shot models*, CVPR 2022), above all where there are few queries to learn from. A query
is judged by the mean of two NDCG@10: of its judged products alone, and among those of all validation queries and some
more of the catalogue, where what nobody judged counts nothing. Of the shares that are no more than one standard error
of the paired difference below the best the smallest is taken: of few queries nothing is believed that could be chance.
Ours.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from core.data.dataset import Dataset
from core.models.deepbow import PairScore
from core.models.deepbow_measures import gains_of
from core.models.network import Network
from core.statistics import ndcg_of_gains, near_the_best

SHARES = (0.0, 0.3, 0.6, 1.0)
MOST_PAIRS, OTHERS = 2_500, 500  # judged pairs of validation queries, and products that nobody judged for them
TEXTS_A_PASS = 64
Weights = Mapping[str, Tensor]


def settle(network: Network, start: Weights, dataset: Dataset) -> float:
    """Moves a trained network back towards its start where that is better; the share that it keeps."""
    end = {name: value.detach().clone() for name, value in network.state_dict().items()}
    found = {}
    for share in SHARES:
        network.load_state_dict(between(start, end, share))
        found[share] = order_of(network, dataset)
    best = min(near_the_best(found))
    network.load_state_dict(between(start, end, best))
    return best


def between(start: Weights, end: Weights, share: float) -> dict[str, Tensor]:
    """(1 − share) · start + share · end of all that is no whole number; of that the end."""
    return {
        name: torch.lerp(start[name].to(value), value, share) if value.is_floating_point() else value
        for name, value in end.items()
    }


@torch.no_grad()
def order_of(network: Network, dataset: Dataset) -> NDArray[np.float64]:
    """[Q] the mean of both NDCG@10 of each validation query that has a product with a gain."""
    rows = dataset.rows["validation"]
    queries = dataset.keys["query"][rows]
    chosen, pairs = queries.unique(return_counts=True)
    chosen = chosen[: max(1, int((pairs.cumsum(0) <= MOST_PAIRS).sum()))]
    rows = rows[torch.isin(queries, chosen)]
    judged = dataset.keys["product"][rows].long().unique()
    count = len(dataset.sequences[network.embedding.places["product", "words"]])
    products = torch.cat([judged, torch.arange(0, count, max(1, count // OTHERS))]).unique()
    was_training = network.training
    network.eval()
    scores = _matrix(network, dataset, "query", chosen.long()) @ _matrix(network, dataset, "product", products).T
    network.train(was_training)
    return _orders(scores.toarray(), dataset, rows, chosen, products)


def _orders(scores: NDArray, dataset: Dataset, rows: Tensor, chosen: Tensor, products: Tensor) -> NDArray[np.float64]:
    query = torch.searchsorted(chosen, dataset.keys["query"][rows]).numpy()
    product = torch.searchsorted(products, dataset.keys["product"][rows].long()).numpy()
    gains = np.zeros(scores.shape)
    gains[query, product] = gains_of(dataset, rows)
    whole = ndcg_of_gains(gains.ravel(), scores.ravel(), np.repeat(np.arange(len(scores)), scores.shape[1]))
    alone = ndcg_of_gains(gains[query, product], scores[query, product], query)
    return (whole + alone) / 2


def _matrix(network: Network, dataset: Dataset, side: str, numbers: Tensor):  # type: ignore[no-untyped-def]  # scipy's
    """[N, terms] the bags of some texts, sparse."""
    from scipy.sparse import csr_matrix, vstack

    sharing = network.sharing
    assert isinstance(sharing, PairScore)
    assert sharing.bags is not None
    parts = []
    for part in numbers.split(TEXTS_A_PASS):
        made = sharing.bags.bags(side, sharing.encoder(network.embedding.texts_of(dataset, side, part)))
        row, at = made.weights.nonzero(as_tuple=True)
        held = made.weights[row, at].double().numpy(), (row.numpy(), made.ids[row, at].numpy())
        parts.append(csr_matrix(held, shape=(len(part), sharing.terms)))
    return vstack(parts)
