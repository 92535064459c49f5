"""Histories of the shop and of the Complete Journey, cut before a moment."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from core.data.histories.encode import Coded, encode, encode_profile, encode_queries
from core.data.histories.field_vocabulary import FieldVocabulary, counted, vocabularies
from core.data.histories.fields import EVENT, GAPS
from core.data.histories.histories import WORDS
from core.data.histories.limits import MOST
from core.data.registry import read_histories
from core.data.sources.shop import tables
from core.errors import PrecedenceError

DAY = 86_400


@pytest.fixture(scope="module")
def shop():
    return read_histories("shop_histories")


@pytest.fixture(scope="module")
def coded(shop):
    return Coded.of(shop, vocabularies(shop))


def test_every_event_of_the_shop_is_there_in_order(shop):
    raw = tables.events("user_id", "time", "product_id", "behaviour")
    assert len(shop.time) == len(raw["time"])
    assert np.array_equal(np.bincount(raw["user_id"], minlength=len(shop)), np.diff(shop.offsets))
    for user in (0, 17, 3999):
        own = shop.of(user)
        assert (np.diff(shop.time[own]) >= 0).all()
        theirs = raw["user_id"] == int(shop.users[user])
        given = list(zip(raw["time"][theirs].astype("datetime64[s]").astype(int), raw["product_id"][theirs],
                         raw["behaviour"][theirs], strict=True))  # fmt: skip
        found = [
            (t, int(shop.items.name[i]), shop.names["behaviour"][b])
            for t, i, b in zip(shop.time[own], shop.item[own], shop.behaviour[own], strict=True)
        ]
        assert sorted(found) == sorted(given)


def test_only_events_strictly_before_the_moment_are_seen(shop, coded):
    """Changing anything at or after the moment changes nothing that is encoded: no leakage."""
    random = np.random.default_rng(0)
    user = random.integers(0, len(shop), 300)
    moment = random.integers(shop.time.min() + 20 * DAY, shop.time.max(), 300)
    moment[:100] = shop.time[shop.offsets[user[:100]]]  # exactly at an event, which then is not seen
    now = encode(shop, coded, user, moment)
    for at in range(0, 300, 50):
        later = (shop.user == user[at]) & (shop.time >= moment[at])
        other = replace(
            shop,
            item=np.where(later, 1 + (shop.item + 7) % 6000, shop.item).astype(np.int32),
            behaviour=np.where(later, 1, shop.behaviour).astype(np.int16),
        )
        again = encode(other, coded, user[at : at + 1], moment[at : at + 1])
        for name in EVENT:
            assert np.array_equal(now[name][at], again[name][0])


def test_a_history_is_the_last_hundred_events_oldest_first(shop, coded):
    longest = int(np.diff(shop.offsets).argmax())
    own = shop.of(longest)
    assert own.stop - own.start > MOST
    found = encode(shop, coded, np.array([longest]), np.array([shop.time[own][-1] + 60]))
    expected = coded.item[shop.item[own][-MOST:]]
    assert np.array_equal(found["item"][0], expected)
    assert found["words"].shape == (1, MOST * WORDS)
    assert np.array_equal(found["words"][0, -WORDS:], coded.words[shop.item[own][-1]])


def test_short_histories_are_padded_on_the_right(shop, coded):
    few = int(np.flatnonzero(np.diff(shop.offsets) == 5)[0])
    found = encode(shop, coded, np.array([few]), np.array([shop.time.max() + 1]))
    for name in EVENT:
        width = WORDS if name == "words" else 1
        assert not found[name][0, 5 * width :].any()
    assert (found["gap"][0, :5] > 0).all()
    nobody = encode(shop, coded, np.array([few]), np.array([0]))
    assert not any(values.any() for values in nobody.values())


def test_times_become_gap_hour_and_weekday(shop, coded):
    one = replace(
        shop, users=shop.users[:1], offsets=np.array([0, 3]), time=np.array([1_772_366_400] * 3),
        item=shop.item[:3], shop=shop.shop[:3], behaviour=shop.behaviour[:3], scenario=shop.scenario[:3],
    )  # fmt: skip
    for bucket, edge in enumerate(GAPS):  # Sunday 2026-03-01, 12:00
        before, at = (encode(one, coded, np.array([0]), one.time[:1] + gap) for gap in (edge - 1, edge))
        assert before["gap"][0, 0] == bucket + 1
        assert at["gap"][0, 0] == bucket + 2
        assert before["hour"][0, 0] == 13
        assert before["weekday"][0, 0] == 7


def test_vocabularies_are_of_training_events_alone(shop):
    early = shop.until(int(shop.time.min()) + 10 * DAY)
    known = vocabularies(early)["item"]
    seen = np.bincount(early.item, minlength=len(shop.items))
    for number in (1, 50, 900, 4000):
        name = shop.items.name[number]
        assert (known.id(name) > 0) == (seen[number] >= 3)
    ids = known.ids(shop.items.name)
    kept = ids[ids > 0]
    assert len(set(kept.tolist())) == len(kept) == known.size - 1


def test_a_vocabulary_grows_behind_its_old_names_and_hashes_when_large():
    words = counted(["a", "b", "c", ""], np.array([5, 9, 1, 4]), fewest=2)
    assert words.names == ("b", "a")
    grown = words.grown(["z", "a", "z", ""])
    assert grown.names == ("b", "a", "z")
    assert [grown.id(name) for name in ("b", "a", "z", "new", "")] == [1, 2, 3, 0, 0]
    hashed = counted([str(n) for n in range(100)], np.ones(100), largest=10)
    ids = hashed.ids(np.array([str(n) for n in range(1000)]))
    assert hashed.size == 11
    assert set(ids.tolist()) == set(range(1, 11))
    assert hashed.grown(["new"]) == hashed
    assert FieldVocabulary().size == 2


def test_profiles_and_queries_become_ids(shop):
    known = vocabularies(shop, ["sofa", "sofa", "purple"])
    profile = encode_profile(shop, known, np.array([0, 1]))
    assert set(profile) == {"user_age", "user_city", "user_membership", "user_language"}
    age = known["user_age"].names[profile["user_age"][0] - 1]
    assert age == tables.users("age")["age"][0]
    asked = encode_queries(["purple sofa", "nothingknown"], ["sofa", "no such"], known)
    assert sorted(asked["query_words"][0][:2].tolist()) == sorted(
        [known["word"].id("sofa"), known["word"].id("purple")]
    )
    assert asked["query_category"].ravel().tolist() == [known["category"].id("sofa"), 0]
    assert not asked["query_words"][1].any()


@pytest.mark.slow
def test_the_complete_journey_is_read_with_its_properties():
    journey = read_histories("journey_histories")
    assert len(journey) == 2469
    assert journey.names["behaviour"].tolist() == ["", "national brand", "private label"]
    for user in range(0, len(journey), 500):
        assert (np.diff(journey.time[journey.of(user)]) >= 0).all()
    level = journey.items.price_level[1:]
    assert level.min() >= 0
    assert level.max() == 7
    assert (np.bincount(level)[1:] > 5000).all()


def test_unknown_names_are_refused(shop):
    with pytest.raises(PrecedenceError, match="nothing has no histories; choose shop_histories, journey_histories"):
        read_histories("nothing")
    with pytest.raises(PrecedenceError, match="no user 'x'"):
        shop.number_of("x")
    assert shop.number_of("12") == 12
