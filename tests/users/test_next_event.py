"""The next event as a task of DUPN on a small town: it trains beside the others, finds items, grows with new names."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch

from core.data.dataset import with_cost
from core.data.histories.next_task import with_task
from core.models.dupn_config import DUPNConfig
from core.users.embedding.model import UserModel, load_model, save_model
from core.users.embedding.represent import foresees, next_own, score_items
from core.users.embedding.retrieval import likely_next
from core.users.embedding.shared_space import SharedSpace
from core.users.study.next_item import judge
from core.users.study.transfer import joint, train
from core.users.study.update import encoded, grow_names, grow_network, update
from tests.users.test_training import TASKS, events_of, run_of

MODEL = DUPNConfig(hidden=16, length=20, attention=(8,), tower=(8,), dropout=0.0, kinds_apart=True)


@pytest.fixture(scope="module")
def foreseeing(town):
    data = with_cost(town.data, with_task(town.data.description.card))
    config = run_of(stage_steps=60, model=MODEL.model_dump())
    trainer, finished = train(joint(config, (*TASKS, "next")), data)
    trainer.network.eval()
    model = UserModel(trainer.network, MODEL, data.description, town.names, {})
    return model, finished


def test_it_trains_beside_the_others_and_is_better_than_chance(foreseeing):
    model, finished = foreseeing
    assert foresees(model)
    assert finished.tasks["next"].loss < 0.9
    assert finished.tasks["ctr"].metric > 0.6


@pytest.mark.parametrize("method", ["nmt", "pcgrad"])
def test_it_stands_under_priorities_and_under_methods_of_gradients(town, method):
    order = ("next", "ctr") if method == "nmt" else ("ctr", "next")
    config = run_of(model=MODEL.model_dump(), method={"kind": method}, priority=order)
    _, events = events_of(config, with_cost(town.data, with_task(town.data.description.card)))
    assert set(events[-1].tasks) == set(order)


def test_users_lie_near_their_next_items(town, foreseeing):
    model, _ = foreseeing
    histories = town.histories
    moment = int(histories.time.max()) + 1 - 5 * 86_400
    found = {each.model: each for each in judge(histories, moment, dupn=model, steps=2)}
    assert found["dupn, next event"].recall > found["popular"].recall + 0.1
    users = [0, 5]
    space = SharedSpace.of(model, histories)
    chance = likely_next(space, histories, users, moment)
    assert chance.shape == (2, len(histories.items) - 1)
    assert chance.sum(1) == pytest.approx(1, abs=1e-5)
    fits = np.exp(space.vectors(histories, users, moment) @ space.items(histories).T)
    weights, before = next_own(model, histories, users, moment), histories.until(moment)
    for row, user in enumerate(users):
        items = before.item[before.of(user)][-MODEL.length :]
        own = np.bincount(items, weights[row, : len(items)], len(histories.items))[1:]
        by_hand = len(own) * fits[row] / fits[row].sum() + own
        np.testing.assert_allclose(chance[row], by_hand / by_hand.sum(), rtol=1e-4)


def test_one_head_alone_says_what_it_says_among_all(town, foreseeing):
    model, _ = foreseeing
    network = model.network
    x = network.embedding(town.data.batch(torch.arange(40)))
    with torch.no_grad():
        every = network.sharing(x)
        assert torch.equal(network.sharing.of_tasks(x, [3])[0], every[3])
    assert score_items(model, town.histories, 0, [1, 2]).shape == (2,)


def test_a_kept_model_foresees_as_before(town, foreseeing, tmp_path):
    model, _ = foreseeing
    save_model(tmp_path, model)
    again = load_model(tmp_path)
    moment = int(town.histories.time.max())
    np.testing.assert_array_equal(
        likely_next(SharedSpace.of(again, town.histories), town.histories, [3], moment),
        likely_next(SharedSpace.of(model, town.histories), town.histories, [3], moment),
    )


def test_the_daily_update_goes_on_with_it(town, foreseeing):
    model, _ = foreseeing
    histories = town.histories
    fresh = np.array(["", *(f"new {n}" if n % 3 == 0 else f"i{n}" for n in range(60))], dtype=object)
    other = replace(histories, items=replace(histories.items, name=fresh))
    grown = grow_names(model.vocabularies, other, 100)
    data = encoded(model, other, town.questions, grown)
    assert bool(data.mask[:, -1].all())
    wider = UserModel(grow_network(model.network, model, data.description), MODEL, data.description, grown, {})
    moment = int(histories.time.max())
    np.testing.assert_allclose(
        likely_next(SharedSpace.of(wider, other), other, [3], moment),
        likely_next(SharedSpace.of(model, other), other, [3], moment),
        atol=1e-5,
    )
    day = int(town.questions.time[town.questions.split == 1].min() // 86_400 * 86_400)
    config = run_of(stage_steps=5, evaluate_every=5, model=MODEL.model_dump())
    done = update(model, config, histories, town.questions, day)
    assert "next" in done.after["tomorrow"]
