"""A trained model goes no further from its start than validation queries bear out."""

from __future__ import annotations

import numpy as np
import torch

from core.data.dataset import Dataset
from core.models.build import build
from core.models.deepbow_config import DeepBoWConfig
from core.relevance.settling import between, order_of, settle
from core.statistics import near_the_best

CONFIG = DeepBoWConfig(dim=16, feed_forward=16, average_length=4.0)


def test_between_is_the_straight_line() -> None:
    start = {"a": torch.tensor([0.0, 2.0]), "steps": torch.tensor(3)}
    end = {"a": torch.tensor([1.0, 4.0]), "steps": torch.tensor(7)}
    assert between(start, end, 0.5)["a"].tolist() == [0.5, 3.0]
    assert between(start, end, 0.5)["steps"] == 7
    assert torch.equal(between(start, end, 1.0)["a"], end["a"])


def test_a_model_that_learnt_nonsense_goes_back_to_its_start(pairs: Dataset) -> None:
    network = build(CONFIG, pairs.description, 0)
    start = {name: value.clone() for name, value in network.state_dict().items()}
    first = order_of(network, pairs).mean()
    with torch.no_grad():
        network.sharing.bags.rarity.mul_(-3)  # rare words count least
        network.sharing.bags.role_asked.mul_(-3)
    assert order_of(network, pairs).mean() < first
    share = settle(network, start, pairs)
    assert share < 1
    assert order_of(network, pairs).mean() >= first


def test_what_could_be_chance_is_not_believed() -> None:
    noise = np.array([0.1, -0.1, 0.12, -0.08])
    level = np.full(4, 0.5)
    assert min(near_the_best({0.0: level, 1.0: level + noise})) == 0.0
    assert min(near_the_best({0.0: level, 0.3: level + 0.2 + noise / 10, 1.0: level + 0.21 - noise})) == 0.3
    assert min(near_the_best({0.0: level, 1.0: level + 0.2 + noise / 10})) == 1.0
