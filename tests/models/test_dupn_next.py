"""What comes next as a task of DUPN: the cost of the formula, users and items in one space, counts by kind."""

from __future__ import annotations

import math

import pytest
import torch

from core.data.dataset import with_cost
from core.data.histories.next_task import with_task
from core.data.registry import card
from core.data.source import DatasetChoice
from core.errors import PrecedenceError
from core.models.build import build
from core.models.dupn_config import DUPNConfig
from core.models.dupn_embedding import SAME
from core.models.dupn_next import NextEvent, users_before
from core.models.dupn_own import LAST
from core.models.losses import TaskLosses
from core.settings.address import from_query, to_query
from tests.models.test_dupn import DESCRIPTION, B, N, dataset, network, whole

NAMES = ("ctr", "l2r", "ppp", "follow", "shop", "next")


def foreseeing(**settings):
    about = DESCRIPTION.model_copy(update={"card": with_task(DESCRIPTION.card)})
    model = build(DUPNConfig(**{"dropout": 0, **settings}), about, 0).double()
    data = with_cost(dataset(), about.card)
    model.begin(data)
    return model, data


def test_the_task_joins_the_others_where_the_choice_asks_for_it():
    asked = from_query({"dataset.name": "shop_histories", "dataset.next_event": "true"})
    assert card(asked.dataset).task_names() == NAMES
    assert from_query(to_query(asked)) == asked
    plain = DatasetChoice(name="shop_histories")
    assert card(plain).task_names() == NAMES[:-1]
    assert "next_event" not in plain.model_dump()
    with pytest.raises(PrecedenceError, match="no histories in which a next event"):
        card(DatasetChoice(name="shop", next_event=True))
    assert from_query({"dataset.name": "shop_histories", "dataset.next_event": "true", "priority": "ctr,next"}).priority


def test_users_before_are_the_attention_over_what_was_until_then():
    torch.manual_seed(0)
    scores, states = torch.randn(2, 5).double(), torch.randn(2, 5, 3).double()
    found = users_before(scores, states)
    for t in range(5):
        weights = torch.softmax(scores[:, : t + 1], 1)
        torch.testing.assert_close(found[:, t], (weights.unsqueeze(2) * states[:, : t + 1]).sum(1))


def test_the_cost_is_that_of_the_formula():
    torch.manual_seed(0)
    cost = NextEvent(6, 3, 12).double()
    cost.log_share.copy_(torch.log(torch.tensor([1e-9, 0.3, 0.3, 0.2, 0.1, 0.1])))
    items = torch.tensor([[1, 2, 3], [4, 2, 0], [5, 0, 0]])
    known = items > 0
    scores, states = torch.randn(3, 3).double(), torch.randn(3, 3, 4).double()
    places = torch.randn(6, 4).double()[items]
    found = cost(scores, states, places, items, known)
    asked = [(0, 1), (0, 2), (1, 1)]  # item 2 stands there twice, once for each of two users
    each = {}
    for row, t in asked:
        weights = torch.softmax(scores[row, :t] + cost.recency * torch.arange(t), 0)
        user = weights @ states[row, :t]
        logit = {
            (r, s): cost.log_scale.exp() * user @ places[r, s] - cost.log_share[items[r, s]]
            for r, s in asked
            if (r, s) == (row, t) or items[r, s] != items[row, t]
        }
        sums = torch.stack(list(logit.values())).logsumexp(0)
        each[row, t] = (sums - logit[row, t]) / math.log(3)
    expected = torch.stack([(each[0, 1] + each[0, 2]) / 2, each[1, 1], torch.zeros(()).double()])
    torch.testing.assert_close(found, expected)


def test_rows_of_a_history_share_its_cost_and_its_query_does_not_enter():
    model, data = foreseeing()
    batch = whole(data)
    found = model(batch)[:, -1]
    for history in range(N):
        assert len(set(found[batch.keys["history"] == history].tolist())) == 1
    with torch.no_grad():
        model.sharing.query.weight.mul_(3)
    other = model(batch)
    torch.testing.assert_close(other[:, -1], found)
    losses = TaskLosses(data)
    assert losses(other, batch)[-1].item() == pytest.approx(found.mean().item())


def test_only_the_latest_events_are_foreseen_and_frequent_items_are_corrected_for():
    model, data = foreseeing()
    ids = data.sequences[model.embedding.sequence["history_item"]].flatten().long()
    counts = torch.bincount(ids[ids > 0], minlength=model.embedding.sizes["item"]).double()
    share = model.sharing.next_event.log_share.exp()
    torch.testing.assert_close(share, (counts + 1) / (counts.sum() + len(counts)))
    known = torch.ones(1, 30, dtype=torch.bool)
    states = torch.randn(1, 30, 4).double().requires_grad_()
    places = torch.randn(1, 30, 4).double().requires_grad_()
    items = torch.arange(1, 31).unsqueeze(0)
    NextEvent(40, 3, 12).double()(torch.zeros(1, 30).double(), states, places, items, known).sum().backward()
    assert places.grad.abs().sum(2)[0].nonzero().flatten().tolist() == list(range(30 - LAST, 30))


def test_the_five_tasks_are_as_without_it():
    model, data = foreseeing()
    plain = network()
    plain.load_state_dict(model.state_dict(), strict=False)
    torch.testing.assert_close(model(whole(data))[:, :-1], plain(whole(dataset())))
    assert plain.sharing.next_event is None


def test_a_model_from_before_own_events_counted_goes_on_without_them():
    model, data = foreseeing()
    assert model.sharing.next_own(model.embedding(whole(data))).max().item() > 0
    weights = {name: value for name, value in model.state_dict().items() if not name.endswith("next_event.own")}
    model.load_state_dict(weights)
    assert model.sharing.next_own(model.embedding(whole(data))).max().item() == 0


def test_without_places_of_items_there_is_no_next_event():
    with pytest.raises(PrecedenceError, match=r"model\.matching"):
        foreseeing(matching=False)


def test_heads_count_kinds_apart_where_properties_enter_the_attention():
    data = dataset()
    batch = whole(data)
    plain, model = network(), network(kinds_apart=True)
    kinds = model.embedding.sizes["behaviour"] - 1
    x = model.embedding(batch)
    z, before = model.represent(batch)[0], plain.represent(batch)[0]
    assert z.shape[1] == before.shape[1] + 2 * kinds * len(SAME)
    counts = z[:, -64 - (1 + 2 * kinds) * len(SAME) : -64].view(B, len(SAME), 1 + 2 * kinds)
    for row in range(B):
        user = int(batch.keys["history"][row])
        for at in range(len(SAME)):
            same = x.same["item"][row, at] & x.known[user]
            for kind in range(1, kinds + 1):
                own = same & (x.behaviour[user] == kind)
                for old, column in ((True, kind), (False, kinds + kind)):
                    count = int((own & ((x.gap[user] > 8) == old)).sum())
                    assert counts[row, at, column].item() == pytest.approx(math.log1p(count))
    for arm in ("none", "gates"):
        assert network(kinds_apart=True, arm=arm).represent(batch)[0].shape == before.shape
