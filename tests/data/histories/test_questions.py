"""Questions asked of histories: answers against counting by hand, and nothing of the future among the inputs."""

from __future__ import annotations

import numpy as np
import pytest

from core.data.histories.limits import MOST
from core.data.histories.next_events import CANDIDATES, PAUSE, ask_next
from core.data.histories.questions import soon, times_before
from core.data.registry import load_dataset, read_histories
from core.data.source import DatasetChoice
from core.data.sources.shop import tables
from core.data.sources.shop_histories import searches
from core.data.sources.uploaded.events import prepare_events
from core.errors import PrecedenceError

DAY = 86_400


@pytest.fixture(scope="module")
def shop():
    return read_histories("shop_histories")


@pytest.fixture(scope="module")
def questions(shop):
    return searches.ask_searches(shop)


def test_counting_before_and_soon_is_counting_by_hand():
    random = np.random.default_rng(0)
    user, kind, time = (random.integers(0, high, 400) for high in (5, 4, 1000))
    asked = tuple(random.integers(0, high, 200) for high in (5, 5, 1200))
    until = asked[2] + random.integers(1, 300, 200)
    for row in range(200):
        mine = (user == asked[0][row]) & (kind == asked[1][row])
        assert times_before(user, kind, time, asked)[row] == (mine & (time < asked[2][row])).sum()
        later = mine & (time > asked[2][row]) & (time < until[row])
        assert soon(user, kind, time, asked, until)[row] == later.any()


def test_answers_of_searches_are_those_of_the_raw_events(shop, questions):
    random = np.random.default_rng(1)
    events = tables.events("user_id", "time", "product_id", "behaviour")
    seconds = events["time"].astype("datetime64[s]").astype(int)
    brand = tables.products("brand")["brand"]
    level = tables.products("price_level")["price_level"]
    border = {0: 47, 1: 53, 2: 60}
    for row in random.integers(0, len(questions.item), 40):
        moment = questions.moment[row]
        now, who = questions.time[moment], questions.user[moment]
        end = min(now + 7 * DAY, searches.EPOCH + border[int(questions.split[moment])] * DAY)
        later = (events["user_id"] == who) & (seconds > now) & (seconds < end)
        strong = later & (events["behaviour"] != "click")
        own = brand[questions.item[row] - 1]
        answer = questions.answers["follows_brand"][row]
        if end - now < DAY:
            assert np.isnan(answer)
        else:
            assert answer == (brand[events["product_id"][strong]] == own).any()
        bought = np.flatnonzero(later & (events["behaviour"] == "purchase"))
        next_level = questions.answers["next_level"][row]
        if len(bought):
            first = bought[np.argmin(seconds[bought])]
            assert next_level == level[events["product_id"][first]] - 1
        else:
            assert np.isnan(next_level)


def test_weights_rise_with_what_was_done(questions):
    shown = tables.impressions("click", "cart", "purchase")
    weight = questions.answers["rank_weight"]
    assert (weight[shown["purchase"] == 1] == 8).all()
    assert (weight[(shown["cart"] == 1) & (shown["purchase"] == 0)] == 4).all()
    assert (weight[(shown["click"] == 1) & (shown["cart"] == 0)] == 2).all()
    assert (weight[shown["click"] == 0] == 1).all()


def test_splits_follow_each_other_in_time(questions):
    ends = [questions.time[questions.split == number] for number in range(3)]
    assert ends[0].max() < ends[1].min()
    assert ends[1].max() < ends[2].min()


def test_ranking_features_hold_none_of_the_hidden_truth(questions):
    assert set(questions.ranking) == set(searches.RANKING)
    assert len(questions.ranking) == 12


@pytest.mark.slow
def test_the_shop_of_histories_is_a_data_set_like_any_other():
    data = load_dataset(DatasetChoice(name="shop_histories"))
    assert data.description.form == "histories"
    assert data.labels.shape == (276_000, 5)
    one = data.batch(data.rows["train"][:1000])
    assert len(one.sequences[0]) == 100  # searches of ten products
    assert one.sequences[0].shape[1] == MOST
    ranked = data.mask[:, 1]
    assert ranked[:156_000].all()
    assert not ranked[156_000:].any()  # visits have no page to rank
    assert (data.weights[ranked, 1] >= 1).all()
    asked = data.sequences[-2][data.keys["query"].long()].any(1)
    assert not asked[156_000:].any()
    assert asked[:156_000].float().mean() > 0.95
    for name in ("shop", "user_age", "item"):
        at = [feature.name for feature in data.description.sparse].index(name)
        assert data.sparse[:, at].max() < data.description.sparse[at].size


def events_file(folder, users=60, sessions=12):
    random = np.random.default_rng(3)
    rows = ["user,item,time,type,category,brand,price"]
    for user in range(users):
        for session in range(sessions):
            start = 1_770_000_000 + session * 3 * DAY + int(random.integers(0, DAY))
            for step in range(3):
                item = int(random.integers(0, 40))
                rows.append(f"u{user},i{item},{start + 60 * step},click,c{item % 5},b{item % 7},{1 + item}")
    file = folder / "mine.csv"
    file.write_text("\n".join(rows))
    return file


def test_own_events_become_a_data_set(tmp_path, monkeypatch):
    monkeypatch.setenv("PRECEDENCE_HOME", str(tmp_path / "home"))
    folder, repairs = prepare_events(events_file(tmp_path), now=1_780_000_000)
    assert repairs.sentences() == []
    data = load_dataset(DatasetChoice(name="own", path=str(folder)))
    assert data.description.card.task_names() == ("ctr", "l2r", "ppp", "follow")  # no shops, so none to prefer
    assert len(data.labels) % CANDIDATES == 0
    with pytest.raises(PrecedenceError, match="sessions to ask about"):
        prepare_events(events_file(tmp_path, users=3, sessions=2), now=1_780_000_000)


def test_moments_begin_sessions_and_candidates_hold_what_comes(tmp_path, monkeypatch):
    monkeypatch.setenv("PRECEDENCE_HOME", str(tmp_path / "home"))
    from core.data.sources.uploaded.event_file import read_events

    histories, _ = read_events(events_file(tmp_path), 1_780_000_000)
    asked = ask_next(histories)
    inside = asked.answers["next"].reshape(-1, CANDIDATES)
    items = asked.item.reshape(-1, CANDIDATES)
    for moment in range(0, len(asked.user), 37):
        own = histories.of(int(asked.user[moment]))
        time, item = histories.time[own], histories.item[own]
        now = asked.time[moment]
        assert now in time
        before = time[time < now]
        assert now - before.max() > PAUSE
        session = set(item[(time >= now) & (time < now + PAUSE)].tolist())
        expected = [float(candidate in session) for candidate in items[moment]]
        assert inside[moment].tolist() == expected
    own_item = np.expm1(asked.ranking["own_item"])
    row = 5 * CANDIDATES
    mine = histories.of(int(asked.user[5]))
    earlier = histories.item[mine][histories.time[mine] < asked.time[5]]
    assert own_item[row] == pytest.approx((earlier == asked.item[row]).sum())
