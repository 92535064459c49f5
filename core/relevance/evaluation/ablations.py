"""What each part of the start is worth: the same start without it, on test queries; nothing is trained.

The start (`core.models.deepbow_start`) knows no chance, so that there are no seeds: each part is taken out, what is
tuned is tuned again without it on the queries that may be learnt from, and the test queries are ordered.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from core.data.dataset import Dataset
from core.data.registry import load_dataset
from core.models.build import build
from core.models.deepbow import PairScore
from core.models.deepbow_config import DeepBoWConfig
from core.models.deepbow_measures import gains_of
from core.models.network import Network
from core.settings.address import from_query
from core.settings.run import RunConfig
from core.statistics import bootstrap_interval, ndcg_of_gains

WHOLE, INFERRED = "the whole start", "no inferred words"
PARTS: dict[str, dict[str, str]] = {
    WHOLE: {},
    "no head noun": {"model.head_noun": "false"},
    "no other fields": {"model.fields": "false"},
    "no phrases": {"model.phrases": "false"},
    "no characters": {"model.characters": "false"},
    "not tuned": {"model.tuned": "false"},
    INFERRED: {},
}
ROWS_A_PASS = 2048


@dataclass(frozen=True)
class Ablated:
    """The start without one part. Intervals of 95 % are over test queries, differences paired by query."""

    dataset: str
    part: str
    queries: int
    ndcg_at_10: float
    ndcg_at_10_interval: tuple[float, float]
    against_whole: tuple[float, float, float] | None


def ablate(base: RunConfig, folds: int, progress: Callable[[str], None] = lambda said: None) -> list[Ablated]:
    """Over the test queries of all folds, which are all queries; of the one test split where `folds` is 0."""
    found: dict[str, list[NDArray[np.float64]]] = {}
    for fold in range(folds) if folds else (None,):
        chosen = {} if fold is None else {"dataset.fold": str(fold)}
        dataset = load_dataset(from_query(chosen, base).dataset)
        for part, fields in PARTS.items():
            progress(part if fold is None else f"fold {fold + 1} of {folds}, {part}")
            config = from_query(chosen | fields, base)
            network = build(config.model, dataset.description, config.seed).eval()
            network.begin(dataset)
            found.setdefault(part, []).append(_order(network, dataset, part == INFERRED))
    whole = np.concatenate(found[WHOLE])
    return [_row(base, part, np.concatenate(values), whole) for part, values in found.items()]


@torch.no_grad()
def _order(network: Network, dataset: Dataset, is_literal: bool) -> NDArray[np.float64]:
    """NDCG@10 of each test query."""
    sharing = network.sharing
    assert isinstance(sharing, PairScore)
    assert isinstance(sharing.config, DeepBoWConfig)
    if is_literal and sharing.bags is not None:
        sharing.bags.share.fill_(-1.0)  # no step of P(term | source) says anything
    rows = dataset.rows["test"]
    rows = rows[torch.argsort(dataset.keys["query"][rows], stable=True)]
    scores = torch.cat([network(dataset.batch(part))[:, 0] for part in rows.split(ROWS_A_PASS)])
    return ndcg_of_gains(gains_of(dataset, rows), scores.double().numpy(), dataset.keys["query"][rows].numpy())


def _row(base: RunConfig, part: str, values: NDArray[np.float64], whole: NDArray[np.float64]) -> Ablated:
    low, high = bootstrap_interval(values)
    against = None
    if part != WHOLE:
        least, most = bootstrap_interval(values - whole)
        against = (round(float((values - whole).mean()), 4), round(least, 4), round(most, 4))
    mean = round(float(values.mean()), 4)
    return Ablated(base.dataset.name, part, len(values), mean, (round(low, 4), round(high, 4)), against)
