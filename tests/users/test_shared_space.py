"""Users and items in one space by a trained DUPN: by hand, and what it is for."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch

from core.data.dataset import with_cost
from core.data.histories.histories import RETURN
from core.data.histories.next_task import with_task
from core.models.dupn_own import LATER
from core.users.embedding import shared_space
from core.users.embedding.model import UserModel
from core.users.embedding.represent import attention, next_users
from core.users.embedding.shared_space import (
    ATTENTION,
    NEXT,
    SHARES,
    SHARPNESS,
    SharedSpace,
    item_places,
    landmark_features,
)
from core.users.neighbours.index import NeighbourIndex
from core.users.study.judging import nearest_rows
from core.users.study.transfer import joint, train
from tests.users.test_training import MODEL, TASKS, run_of


@pytest.fixture(scope="module")
def foreseeing(town):
    data = with_cost(town.data, with_task(town.data.description.card))
    trainer, _ = train(joint(run_of(stage_steps=40), (*TASKS, "next")), data)
    return UserModel(trainer.network.eval(), MODEL, data.description, town.names, {})


def by_hand(model, histories, user):
    """z of a user of the town, field by field and event by event."""
    network, names = model.network, model.vocabularies
    table = network.table.detach().numpy().astype(float)

    def one(vector):
        return vector / np.linalg.norm(vector)

    def vector(field, width, number):
        return one(table[network.embedding.starts[field] + number, :width])

    events = np.arange(*histories.offsets[user : user + 2])
    weights = np.r_[np.zeros(len(events) - MODEL.length), attention(model, histories, user)]
    items = histories.items
    blocks = [NEXT**0.5 * one(next_users(model, histories, [user])[0])]
    for field, width, share in (("item", 32, SHARES["item"]), ("word", 28, SHARES["word"]), ("category", 16, 1.0)):
        own = {"item": items.name[:, None], "category": histories.names["category"][items.category][:, None]}.get(
            field, histories.names["word"][items.words]
        )
        ids = [[names[field].id(str(name)) for name in row if name] for row in own]
        of_users = [{number for at in histories.item[histories.of(u)] for number in ids[at]} for u in range(120)]
        size = 1 + len(names[field].names)
        features = {number: vector(field, width, number) for number in range(1, size)}
        if field == "category":
            every = np.array(list(features.values()))
            kernel = np.exp((every @ every.T - 1) / SHARPNESS) + 1e-4 * np.eye(len(every))
            # what has the same products as the features, in other axes
            features = dict(enumerate(np.linalg.cholesky(kernel), start=1))
        looked, count = 0, {}
        for event, weight in zip(events, weights, strict=True):
            for number in ids[histories.item[event]]:
                looked = looked + weight * features[number]
                count[number] = count.get(number, 0) + 1
        summed = sum(
            np.log1p(n) * np.log1p(120 / sum(number in held for held in of_users)) * features[number]
            for number, n in count.items()
        )
        blocks.append(share**0.5 * one(ATTENTION * one(looked) + (1 - ATTENTION) * one(summed)))
    return np.concatenate(blocks)


def test_users_stand_where_the_equations_put_them(town, foreseeing):
    found = SharedSpace.of(foreseeing, town.histories).vectors(town.histories, [4, 77])
    wanted = np.stack([by_hand(foreseeing, town.histories, user) for user in (4, 77)])
    assert found.shape == wanted.shape
    np.testing.assert_allclose(found @ found.T, wanted @ wanted.T, rtol=2e-3)
    plain = slice(0, -6)  # all but the categories have the same axes
    np.testing.assert_allclose(found[:, plain], wanted[:, plain], atol=1e-4)


def test_one_product_says_what_comes_next_and_what_is_alike(town, foreseeing):
    space = SharedSpace.of(foreseeing, town.histories)
    users, items = space.vectors(town.histories), space.items(town.histories)
    assert items.shape == (len(town.histories.items) - 1, users.shape[1])
    towards = next_users(foreseeing, town.histories)
    scale = foreseeing.network.sharing.next_event.log_scale.exp().item()
    mean = np.linalg.norm(towards, axis=1).mean()
    turned = mean * towards / np.linalg.norm(towards, axis=1, keepdims=True)
    ahead = LATER * scale * turned @ item_places(foreseeing, town.histories, space.coded).T
    width = towards.shape[1]
    np.testing.assert_allclose(users @ items.T, ahead + users[:, width:] @ items[:, width:].T, rtol=1e-3, atol=1e-4)
    assert np.linalg.norm(items[:, width:], axis=1) == pytest.approx((1 + sum(SHARES.values())) ** 0.5, abs=1e-3)


def test_neighbours_have_the_same_taste(town, foreseeing):
    histories = town.histories
    most = np.array([np.bincount(histories.category[histories.of(user)]).argmax() for user in range(len(histories))])
    vectors = SharedSpace.of(foreseeing, histories).vectors(histories)
    near = nearest_rows(NeighbourIndex.build([str(user) for user in histories.users], vectors))
    assert (most[near] == most[:, None]).mean() > 0.8  # by chance one in six


def test_without_categories_items_are_the_main_field(town, foreseeing):
    items = town.histories.items
    bare = replace(town.histories, items=replace(items, category=np.zeros_like(items.category)))
    space = SharedSpace.of(foreseeing, bare)
    assert [field.share for field in space.fields] == [SHARES["word"], 1.0]
    assert np.isfinite(space.vectors(bare)).all()


def test_a_moment_hides_what_comes_after_it_and_returns_count_nowhere(town, foreseeing):
    histories = town.histories
    space, moment = SharedSpace.of(foreseeing, histories), int(np.median(histories.time))
    before = histories.until(moment)
    np.testing.assert_allclose(space.vectors(histories, [3], moment), space.vectors(before, [3], moment), atol=1e-6)
    kinds = histories.names["behaviour"].copy()
    kinds[4] = RETURN
    given_back = replace(histories, names={**histories.names, "behaviour": kinds})
    kept = histories.behaviour != 4
    rarity = SharedSpace.of(foreseeing, given_back).fields[0].rarity
    np.testing.assert_allclose(rarity, SharedSpace.of(foreseeing, histories.keep(kept)).fields[0].rarity)
    nobody = histories.keep(np.zeros(len(histories.time), dtype=bool))
    assert not space.vectors(nobody, [0]).any()


def test_features_multiply_to_the_kernel_and_grow_at_their_end(monkeypatch):
    torch.manual_seed(0)
    vectors = torch.nn.functional.normalize(torch.randn(40, 5), dim=1).numpy()
    vectors[0] = 0
    kernel = np.exp((vectors[1:] @ vectors[1:].T - 1) / SHARPNESS)
    features = landmark_features(vectors)
    np.testing.assert_allclose(features[1:] @ features[1:].T, kernel, atol=3e-4)
    assert not features[0].any()
    fewer = landmark_features(vectors[:31])
    np.testing.assert_allclose(features[:31, : fewer.shape[1]], fewer, atol=1e-5)
    monkeypatch.setattr(shared_space, "LANDMARKS", 20)
    some = landmark_features(vectors)
    assert some.shape == (40, 20)
    np.testing.assert_allclose(some[1:21] @ some[1:].T, kernel[:20], atol=3e-3)
