"""Attention by behaviour and age, against counting event by event."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch

from core.data.histories.fields import GAPS
from core.data.registry import read_histories
from core.users.embedding.attention import AGES, of_dataset, of_users, pull_of_queries
from core.users.embedding.model import load_start
from core.users.embedding.represent import attention

ENDS = {"< 1 h": 3600, "1–9 h": 9 * 3600, "9–24 h": 86_400, "1–2 d": 2 * 86_400, "2–7 d": 7 * 86_400,
        "7–30 d": 30 * 86_400, "> 30 d": 10**12}  # fmt: skip


def test_shares_are_means_of_single_events():
    model, shop = load_start("shop_histories"), read_histories("shop_histories")
    users, moment = [1, 2, 3, 5, 8], int(shop.time.max()) - 10 * 86_400
    found = of_users(model, shop, users, moment)
    assert found.ages == AGES
    total = np.zeros((4, len(AGES)))
    count = np.zeros((4, len(AGES)))
    for user in users:
        first, end = (int(place[0]) for place in shop.before(np.array([user]), np.array([moment])))
        weights = attention(model, shop, user, None, moment)
        for place, weight in zip(range(end - len(weights), end), weights, strict=True):
            kind = found.behaviours.index(str(shop.names["behaviour"][shop.behaviour[place]]))
            age = next(n for n, end_of in enumerate(ENDS.values()) if moment - shop.time[place] < end_of)
            total[kind, age] += weight * len(weights)
            count[kind, age] += 1
        assert first <= end
    assert np.array_equal(found.events, count)
    with np.errstate(invalid="ignore"):
        mean = total / count
        expected = mean / np.nansum(mean, axis=0)
    np.testing.assert_allclose(found.share, expected, atol=1e-5)
    assert len(GAPS) == 10


def test_a_split_counts_each_history_once(town):
    from core.models.build import build
    from core.models.dupn_config import DUPNConfig

    network = build(DUPNConfig(hidden=8, length=100), town.data.description, 0).eval()
    found = of_dataset(network, town.data, town.names["behaviour"].names)
    test = town.questions.split == 2
    first, end = town.histories.before(town.questions.user[test], town.questions.time[test])
    assert found.events.sum() == (end - first).sum()
    assert np.nansum(found.share, axis=0) == pytest.approx(1)


def test_the_pull_of_queries_is_the_mass_on_their_categories(town):
    from core.models.build import build
    from core.models.dupn_config import DUPNConfig

    names = [feature.name for feature in town.data.description.sequences]
    asked = [torch.full_like(ids, 2) if name == "query_category" else ids
             for name, ids in zip(names, town.data.sequences, strict=True)]  # fmt: skip
    data = replace(town.data, sequences=tuple(asked))  # everybody asks for the first category

    def pull(strength):
        network = build(DUPNConfig(hidden=8, length=100, query_match=True), town.data.description, 0).eval()
        with torch.no_grad():
            network.sharing.attention.fit.copy_(torch.tensor([strength, 0.0]))
        return pull_of_queries(network, data, "train")

    none, strong = pull(0.0), pull(3.0)
    assert none.searches == strong.searches > 0
    assert none.asked == pytest.approx(none.even, abs=0.05)  # weights that were just drawn see no difference
    assert strong.without == pytest.approx(none.without)
    assert none.asked + 0.2 < strong.asked < 1
