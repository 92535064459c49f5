"""The trained start, and what a kept model says of users."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from core.data.histories.encode import Coded
from core.data.registry import read_histories
from core.errors import PrecedenceError
from core.users.embedding import model as models
from core.users.embedding.represent import (
    Query,
    attention,
    batch_of,
    guess_category,
    price_levels,
    represent_users,
    score_items,
)


@pytest.fixture(scope="module")
def start():
    return models.load_start("shop_histories")


@pytest.fixture(scope="module")
def shop():
    return read_histories("shop_histories")


def test_the_start_is_small_and_knows_what_it_is(start):
    folder = models.start_folder("shop_histories")
    assert sum(file.stat().st_size for file in folder.iterdir()) < 8e6
    assert set(start.about["tasks"]) == {"ctr", "l2r", "ppp", "follow", "shop", "next"}
    assert start.about["tasks"]["ctr"]["auc"] > 0.6
    assert models.start_folder("nothing") is None


def test_a_user_alone_or_among_others_is_the_same_point(start, shop):
    together = represent_users(start, shop, users=range(700))
    assert together.shape == (700, start.width)
    for user in (0, 13, 699):
        alone = represent_users(start, shop, users=[user])
        np.testing.assert_allclose(alone[0], together[user], atol=1e-5)
    assert np.unique(together.round(4), axis=0).shape[0] > 690


def test_representations_see_nothing_after_the_moment(start, shop):
    moment = int(np.quantile(shop.time, 0.6))
    users = [0, 5, 9]
    whole = represent_users(start, shop, users=users, moment=moment)
    np.testing.assert_allclose(whole, represent_users(start, shop.until(moment), users=users, moment=moment), atol=1e-6)


def test_attention_adds_up_and_follows_the_query(start, shop):
    user = int(np.flatnonzero(np.diff(shop.offsets) >= 40)[0])
    plain = attention(start, shop, user)
    assert len(plain) == min(start.config.length, np.diff(shop.offsets)[user])
    assert plain.sum() == pytest.approx(1, abs=1e-5)
    asked = [attention(start, shop, user, Query(text)) for text in ("sofa", "running shoes")]
    assert np.abs(asked[0] - asked[1]).max() > 1e-5


def test_items_never_seen_are_represented_all_the_same(start, shop):
    """At serving time there are items, brands and types that training never met: they are read as unknown."""
    items = replace(shop.items, name=np.array([f"new {n}" for n in range(len(shop.items))], dtype=object))
    names = {**shop.names, "brand": np.array(["", *(f"b{n}" for n in range(120))], dtype=object)}
    fresh = replace(shop, items=items, names=names)
    found = represent_users(start, fresh, users=range(50))
    assert np.isfinite(found).all()
    assert not np.allclose(found, represent_users(start, shop, users=range(50)), atol=1e-3)
    assert not Coded.of(fresh, start.vocabularies).item.any()


def test_price_levels_and_scores_are_probabilities(start, shop):
    levels = price_levels(start, shop, 3)
    assert levels.shape == (7,)
    assert levels.sum() == pytest.approx(1, abs=1e-5)
    scores = score_items(start, shop, 3, [1, 2, 3, 500], Query("sofa"))
    assert ((scores > 0) & (scores < 1)).all()
    reordered = score_items(start, shop, 3, [500, 3, 2, 1], Query("sofa"))
    np.testing.assert_allclose(scores, reordered[::-1], atol=1e-6)


def test_a_user_without_events_is_the_profile_alone(start, shop):
    found = represent_users(start, shop, users=[0], moment=0)
    hidden = start.config.hidden
    assert not found[0, :hidden].any()
    assert found[0, hidden:].any()


def test_a_category_is_guessed_from_the_words(start, shop):
    assert guess_category(start, shop, "sofa") == "sofa"
    assert guess_category(start, shop, "qqqq") == ""
    batch = batch_of(start, shop, Coded.of(shop, start.vocabularies), np.array([0]), 10**10, Query("sofa"))
    assert batch.sequences[-1].item() == start.vocabularies["category"].id("sofa")


def test_a_model_is_kept_and_found_again(start, shop, tmp_path):
    models.save_model(tmp_path / "kept", start)
    again = models.load_model(tmp_path / "kept")
    assert again.vocabularies == start.vocabularies
    assert again.config == start.config
    expected = represent_users(start, shop, users=range(5))
    np.testing.assert_array_equal(represent_users(again, shop, users=range(5)), expected)
    (tmp_path / "kept" / models.WEIGHTS).write_bytes(b"no weights")
    with pytest.raises(PrecedenceError, match="cannot be used"):
        models.load_model(tmp_path / "kept")


def test_a_missing_start_is_said_in_one_sentence():
    with pytest.raises(PrecedenceError, match="no trained start for journey"):
        models.load_start("journey")
