"""The users page's URL: read and written alike, and what cannot be read told in a sentence."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import PrecedenceError
from core.users.embedding.composed import MadeEvent
from pages.users.address import MOST_CORNERS, UsersView, read_area, read_view, write_view
from pages.users.state import members

words = st.text("abc 12é咖<&=", min_size=1, max_size=12).filter(lambda text: text.strip() == text)
corners = st.tuples(*[st.integers(-9000, 9000).map(lambda value: value / 100)] * 2)
areas = st.one_of(st.just(()), st.lists(corners, min_size=3, max_size=MOST_CORNERS).map(tuple))
events = st.builds(MadeEvent, words, st.sampled_from(["click", "purchase"]), st.integers(0, 800).map(float))
places = st.builds(
    UsersView,
    source=st.sampled_from(["shop_histories", "journey_histories"]),
    model=st.sampled_from([None, "counts"]),
    similarity=st.sampled_from(["cosine", "inner_product"]),
    user=st.one_of(st.none(), words),
    trail=st.lists(words, max_size=5).map(tuple),
    query=st.one_of(st.just(""), words),
    made=st.lists(events, max_size=4).map(tuple),
    first=areas,
    second=areas,
    colour=st.sampled_from(["none", "price", "age"]),
)


@given(places)
def test_a_place_comes_back_from_its_url(place):
    again, problems = read_view(write_view(place))
    assert problems == []
    assert again == place


def test_the_first_place_has_an_empty_url():
    assert write_view(UsersView()) == {}


@pytest.mark.parametrize(
    ("name", "text", "says"),
    [
        ("source", "moon", "no source of users 'moon'"),
        ("model", "magic", "no model of users 'magic'"),
        ("similarity", "magic", "no similarity of users 'magic'"),
        ("first", "1,2;3,4", "three corners or more, not 2"),
        ("first", "1,2;nan,4;1,1", "is no place on the map"),
        ("second", "x;y;z", "is no place on the map"),
        ("made", "17|click|soon", "is no event"),
        ("made", "17", "is no event"),
        ("surprise", "1", "means nothing to this page"),
    ],
)
def test_what_cannot_be_read_is_told_and_left_out(name, text, says):
    place, problems = read_view({name: text, "user": "3"})
    assert place == UsersView(user="3")
    assert len(problems) == 1
    assert says in problems[0]
    assert problems[0].endswith(".")


def test_a_long_lasso_is_thinned():
    circle = [(10 * np.cos(turn), 10 * np.sin(turn)) for turn in np.linspace(0, 6.2, 1000)]
    area = read_area(circle)
    assert 3 <= len(area) <= MOST_CORNERS
    points = np.random.default_rng(0).uniform(-12, 12, (2000, 2))
    inside = np.zeros(2000, dtype=bool)
    inside[members(points, area)] = True
    radius = np.linalg.norm(points, axis=1)
    assert inside[radius < 9.8].all()
    assert not inside[radius > 10.1].any()


def test_an_area_that_is_none_is_refused():
    with pytest.raises(PrecedenceError, match="is no area on the map"):
        read_area("everything")


def test_members_by_hand():
    points = np.array([[0.5, 0.5], [1.5, 0.5], [0.5, -0.5], [0.1, 0.9]])
    assert members(points, ((0, 0), (1, 0), (1, 1), (0, 1))).tolist() == [0, 3]
    assert members(points, ((0, 0), (1, 0), (0, 1))).tolist() == []  # (.5, .5) lies on the edge, (.1, .9) too
    assert members(points, ()).tolist() == []
