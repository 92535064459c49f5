"""Behaviour in the simulated shop has causes: each is seen in the events, and regressions gain by them."""

from __future__ import annotations

import numpy as np
import pytest

from core.bench.shop import regressions, tension
from core.bench.shop_regressions import KINDS, counts, kinds, pairs
from core.bench.shop_tables import aftermath, between, carts, drift, returns
from core.data.registry import histories_and_questions
from core.data.sources.shop.files import make_shop


@pytest.fixture(scope="module")
def shop():
    return make_shop()


def test_counting_between_moments_is_counting_by_hand():
    random = np.random.default_rng(0)
    keys, times = random.integers(0, 4, 200), random.integers(0, 900, 200)
    asked, first = random.integers(0, 5, 100), random.integers(-50, 900, 100)
    last = first + random.integers(0, 200, 100)
    expected = [((keys == k) & (times >= f) & (times < t)).sum() for k, f, t in zip(asked, first, last, strict=True)]
    assert between(keys, times, asked, first, last).tolist() == expected


@pytest.mark.slow
def test_a_purchase_satiates_its_category_and_wakes_its_companions(shop):
    rows = {row["from_day"]: row for row in aftermath(shop)}
    before, after = rows[-3.0], rows[3.0]
    assert after["same_lasting"] < before["same_lasting"] / 10
    assert all(rows[day]["same_lasting"] < before["same_lasting"] / 10 for day in (7.0, 14.0, 21.0))
    # what is used up is wanted again after about sixteen days
    assert rows[14.0]["same_used_up"] > 3 * after["same_used_up"]
    assert rows[14.0]["same_used_up"] > 10 * rows[14.0]["same_lasting"]
    # companions within a week, and not before
    assert after["companion"] > 10 * after["other"]
    assert rows[-7.0]["companion"] < 2 * rows[-7.0]["other"]


@pytest.mark.slow
def test_a_cart_is_bought_within_days_and_a_click_seldom(shop):
    rows = {row["after"]: row for row in carts(shop)}
    assert rows["cart"]["bought_within_3"] > 0.5
    assert rows["cart"]["bought_within_7"] > 2 * rows["click"]["bought_within_7"]


@pytest.mark.slow
def test_bookmarks_last_and_clicks_of_searches_and_advertisements_do_not(shop):
    rows = {row["after"]: row for row in returns(shop)}
    late = {name: row["days_28_35"] for name, row in rows.items()}
    assert late["bookmark"] > late["recommendation click"] > 1.5 * late["search click"]
    assert rows["search click"]["days_2_7"] > 3 * late["search click"]
    assert late["advertisement click"] < 2 * rows["advertisement click"]["chance_28_35"]


@pytest.mark.slow
def test_tastes_of_those_who_drift_move_from_the_first_to_the_last(shop):
    early, *_, late = drift(shop)
    assert late["drifting_first"] < 0.7 * early["drifting_first"]
    assert late["drifting_last"] > 1.5 * early["drifting_last"]
    assert late["steady_first"] == pytest.approx(early["steady_first"], abs=0.05)


@pytest.mark.slow
def test_the_tension_of_relevance_and_clicks_is_as_strong_as_stated(shop):
    none, stated, most = (tension(shop, strength)["correlation"] for strength in (0.0, 0.7, 1.0))
    assert none == pytest.approx(0.32, abs=0.03)
    assert stated == pytest.approx(-0.07, abs=0.02)
    assert most < stated


@pytest.mark.slow
def test_kinds_and_the_query_gain_a_hundredth_before_any_network_is_trained():
    rows = {row["task"]: row for row in regressions(0)}
    assert set(rows) == {"ctr", "l2r", "ppp", "follow", "shop", "ctr of searches"}
    for name, row in rows.items():
        assert row["gain"] >= 0.01, name
        assert row["low"] > 0.003, name


def test_features_count_what_lies_before_the_moment_by_kind():
    histories, questions = histories_and_questions("shop_histories")
    rows = np.arange(0, len(questions.item), 4_001)
    seen = pairs(histories, questions, rows)
    assert (histories.time[seen.event] < questions.time[questions.moment[rows]][seen.row]).all()
    assert (histories.user[seen.event] == questions.user[questions.moment[rows]][seen.row]).all()
    number = kinds(histories)[seen.event]
    found = np.expm1(counts(seen, np.ones(len(number), dtype=bool), number, len(KINDS), len(rows)))
    for row in range(0, len(rows), 10):
        mine = number[seen.row == row]
        assert found[row] == pytest.approx([(mine == kind).sum() for kind in range(len(KINDS))])
