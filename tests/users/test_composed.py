"""A user made by hand, and finding users and items by words."""

from __future__ import annotations

import numpy as np
import pytest

from core.errors import PrecedenceError
from core.users.embedding.composed import NAME, MadeEvent, with_user
from core.users.embedding.counts import Counts
from core.users.search import favourites, find_items, find_users
from core.users.traits.lift import Everyone
from tests.users.support import histories_of, two_kinds


def test_a_copy_of_a_user_by_hand_has_that_user_s_embedding():
    """The same events under another name: counts give the same vector, whoever stands beside it."""
    histories = two_kinds()
    own = histories.of(3)
    events = [
        MadeEvent(str(histories.items.name[item]), "click", (int(histories.time.max()) - int(time)) / 3600)
        for item, time in zip(histories.item[own], histories.time[own], strict=True)
    ]
    more = with_user(histories, list(reversed(events)))
    assert more.users[-1] == NAME
    assert len(more) == 41
    for name in ("item", "time", "behaviour", "scenario"):
        assert np.array_equal(getattr(more, name)[more.of(40)], getattr(histories, name)[own])
    assert np.array_equal(more.item[: len(histories.item)], histories.item)
    assert all(len(values) == 41 for values in more.profile.values())
    counts = Counts.of(histories)
    assert counts.vectors(more, first=40)[0] == pytest.approx(counts.vectors(histories)[3], abs=1e-5)


@pytest.mark.parametrize(
    ("event", "says"),
    [
        (MadeEvent("no such", "click", 1), "no item 'no such'"),
        (MadeEvent("", "click", 1), "no item ''"),
        (MadeEvent("0", "dance", 1), "no behaviour 'dance'; give click"),
        (MadeEvent("0", "click", -1), "-1 hours ago"),
        (MadeEvent("0", "click", float("nan")), "nan hours ago"),
    ],
)
def test_an_impossible_event_is_refused(event, says):
    with pytest.raises(PrecedenceError, match=says):
        with_user(two_kinds(), [event])


def test_no_event_and_too_many_are_refused():
    for events in ([], [MadeEvent("0", "click", 1)] * 101):
        with pytest.raises(PrecedenceError, match=f"has {len(events)} events; give 1 to 100"):
            with_user(two_kinds(), events)


def test_users_are_found_by_id_and_by_what_they_like():
    everyone = Everyone(two_kinds())
    assert find_users(everyone, " u7 ") == ["u7"]
    assert all(int(user[1:]) < 20 for user in find_users(everyone, "Tea"))
    assert all(int(user[1:]) >= 20 for user in find_users(everyone, "coffee", most=20))
    assert find_users(everyone, "spaceship") == []
    assert find_users(everyone, "  ") == []


def test_items_are_found_by_all_their_words_the_most_used_first():
    lines = [("u", 1, "tea", "Green", 3), ("u", 2, "tea", "Black", 3), ("u", 3, "tea", "Black", 3)]
    histories = histories_of([*lines, ("v", 1, "cup", "Black", 2)])
    titles = histories.items.title
    assert [titles[n] for n in find_items(histories, "tea")] == ["Black tea", "Green tea"]
    assert [titles[n] for n in find_items(histories, "BLACK cup")] == ["Black cup"]
    assert find_items(histories, "green cup") == []
    assert find_items(histories, "") == []


def test_favourites_are_the_largest_shares():
    everyone = Everyone(two_kinds())
    assert favourites(everyone, 0, most=1) == [("tea", pytest.approx(0.8))]
    assert favourites(everyone, 30, "brand") == [
        ("brand of coffee", pytest.approx(0.8)),
        ("brand of tea", pytest.approx(0.2)),
    ]


def test_one_event_is_enough_to_share_with_somebody_new():
    everyone = Everyone(two_kinds())
    more = with_user(everyone.histories, [MadeEvent(str(everyone.histories.items.name[1]), "click", 1)])
    shared = {trait.value for trait in Everyone(more, everyone.base).pair(40, 0, most=10)}
    assert "tea" in shared
