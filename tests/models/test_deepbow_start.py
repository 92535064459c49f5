"""The tuned start of DeepBoW orders the training queries no worse than what it chose from, and is the network's own
order before it learns."""

from __future__ import annotations

import pytest
import torch

from core.data.dataset import Dataset
from core.models.build import build
from core.models.deepbow_config import PACE, DeepBoWConfig
from core.models.deepbow_measures import gains_of
from core.models.deepbow_start import CHOICES, IN_TITLE, Start, _Pairs, put, tune
from core.statistics import ndcg_of_gains, near_the_best

SMALL = {"dim": 16, "feed_forward": 16, "average_length": 4.0, "tuned": True}


def rows_of(pairs: Dataset) -> torch.Tensor:
    return torch.cat([pairs.rows["train"], pairs.rows["validation"]])


def test_what_is_chosen_is_no_worse_than_any_single_change_of_the_first(pairs: Dataset) -> None:
    network = build(DeepBoWConfig(**SMALL), pairs.description, 0)
    heads = network.sharing.bags
    chosen = tune(heads, network.embedding, pairs)
    read = _Pairs.of(network.embedding, pairs, rows_of(pairs), heads)
    by_role = {choice: read.ndcg(heads, Start(in_title=choice)) for choice in IN_TITLE}
    assert chosen.in_title == max(near_the_best(by_role))
    value = read.ndcg(heads, chosen).mean()
    assert value >= by_role[chosen.in_title].mean()
    first = next(iter(CHOICES))
    tried = (Start(in_title=chosen.in_title, **{first: choice}) for choice in CHOICES[first])
    assert value >= max(read.ndcg(heads, one).mean() for one in tried) - 1e-3


@pytest.mark.parametrize("start", [Start(), Start(k1=1.2, b=0.4, in_title=0.0, phrase=0.3)])
def test_the_order_that_is_measured_is_that_of_the_untrained_network(pairs: Dataset, start: Start) -> None:
    """But for inferred words, which the measure leaves out: here the network is kept from them too."""
    network = build(DeepBoWConfig(**SMALL), pairs.description, 0).eval()
    heads = network.sharing.bags
    put(heads, start)
    with torch.no_grad():
        heads.share.fill_(-1 / PACE)
        rows = rows_of(pairs)
        rows = rows[torch.argsort(pairs.keys["query"][rows], stable=True)]
        scores = network(pairs.batch(rows))[:, 0].numpy()
    own = ndcg_of_gains(gains_of(pairs, rows), scores, pairs.keys["query"][rows].numpy()).mean()
    read = _Pairs.of(network.embedding, pairs, rows, heads)
    assert read.ndcg(heads, start).mean() == pytest.approx(
        float(own), abs=2e-3
    )  # the gate lets 5 % of the silent branch by


def test_a_network_that_asks_for_it_begins_tuned(pairs: Dataset) -> None:
    plain, tuned = (build(DeepBoWConfig(**{**SMALL, "tuned": one}), pairs.description, 0) for one in (False, True))
    for network in (plain, tuned):
        network.begin(pairs)
    assert plain.sharing.bags.curve.tolist() == pytest.approx([1.2, 0.75])
    assert tuned.sharing.bags.curve[0] < 1.2
