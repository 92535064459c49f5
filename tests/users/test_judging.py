"""Judging neighbours: the shop's tastes against a loop over pairs, the next week by hand."""

from __future__ import annotations

import json

import numpy as np
import pytest

from core.__main__ import main
from core.data.sources.shop.tables import hidden_truth
from core.errors import PrecedenceError
from core.users.neighbours.index import NeighbourIndex
from core.users.study.judging import WEEK, closest_tastes, nearest_rows, next_overlap, same_segment, taste_precision
from core.users.study.peers import nearest_by_items
from tests.users.support import NOON, histories_of, two_kinds


def test_nearest_rows_leave_oneself_out():
    vectors = np.random.default_rng(0).normal(size=(50, 8))
    near = nearest_rows(NeighbourIndex.build([str(n) for n in range(50)], vectors), 5)
    units = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    likeness = units @ units.T
    np.fill_diagonal(likeness, -2)
    assert np.array_equal(near, np.argsort(-likeness, axis=1)[:, :5])


def test_random_neighbours_are_at_chance_and_the_same_tastes_are_far_above():
    random = np.random.default_rng(1)
    near = random.integers(0, 4000, (4000, 10))
    for lift in (*taste_precision(near).values(), same_segment(near), closest_tastes(near)):
        assert lift.lift == pytest.approx(1, abs=0.35)
    truth = hidden_truth()
    rows = (truth["kind"] == "user") & (truth["name"] == "taste")
    tastes: dict[int, set[str]] = {}
    for user, text in zip(truth["id"][rows].astype(int), truth["text"][rows], strict=True):
        tastes.setdefault(user, set()).add(str(text))
    for user in range(5):  # the best neighbours there can be, by a loop over pairs
        common = [len(tastes[user] & tastes[other]) if other != user else -1 for other in range(4000)]
        near[user] = np.argsort(common, kind="stable")[::-1][:10]
        expected = np.mean([common[other] >= 2 for other in near[user]])
        assert expected == 1
    best = taste_precision(np.vstack([near[:5], near[5:]]))
    assert best[2].neighbours > taste_precision(random.integers(0, 4000, (4000, 10)))[2].neighbours


def test_the_next_week_by_hand():
    """Three users buy in the week: {tea, cup}, {tea}, {pen}; overlaps ½, 0, 0. Each has one neighbour."""
    day = 24
    lines = [("a", 0, "pen", "b", 1), ("b", 0, "pen", "b", 1), ("c", 0, "tea", "b", 1), ("d", 0, "tea", "b", 1)]
    lines += [("a", 8 * day, "tea", "b", 1), ("a", 8 * day, "cup", "b", 1), ("b", 8 * day, "tea", "b", 1)]
    lines += [("c", 9 * day, "pen", "b", 1)]
    histories = histories_of(lines)
    moment = int(histories.time.min()) + WEEK
    lift = next_overlap(histories, np.array([[1], [0], [3], [0]]), moment)
    assert lift.users == 2  # c's neighbour did nothing in the week, and neither did d
    assert lift.neighbours == pytest.approx(0.5)
    assert lift.anyone == pytest.approx((0.25 + 0.25 + 0) / 3)
    assert lift.lift == pytest.approx(3)


def test_what_nobody_shares_cannot_be_judged_by():
    lines = [(user, 24 * day, f"thing of {user}", "b", 1) for user in "abc" for day in (0, 9)]
    histories = histories_of(lines)
    near = np.array([[1], [0], [0]])
    with pytest.raises(PrecedenceError, match="3 users did anything in the last 7 days"):
        next_overlap(histories, near, int(histories.time.min()) + WEEK)
    by_item = next_overlap(histories_of([*lines, ("b", 216, "thing of a", "b", 1)]), near, NOON, 30 * WEEK, "item")
    assert by_item.neighbours == pytest.approx((0.5 + 0.5 + 0) / 3)


def test_plain_item_neighbours_are_those_of_a_loop():
    histories = two_kinds()
    near = nearest_by_items(histories, 5)
    bags = np.zeros((40, len(histories.items)))
    np.add.at(bags, (histories.user, histories.item), 1)
    bags = np.log1p(bags) * np.log1p(40 / np.maximum((bags > 0).sum(axis=0), 1))
    bags /= np.linalg.norm(bags, axis=1, keepdims=True)
    likeness = bags @ bags.T
    np.fill_diagonal(likeness, -1)
    own = np.take_along_axis(likeness, near, axis=1)
    assert own == pytest.approx(-np.sort(-likeness, axis=1)[:, :5], abs=1e-6)


def test_a_file_without_kinds_is_judged_by_its_items(tmp_path, capsys):
    rows = ["user,item,time"]
    for user in range(30):  # two groups that buy from different shelves, week after week
        rows += [f"u{user},{'tea' if user < 15 else 'pen'}{(user + 3 * day) % 5},{1_700_000_000 + 86_400 * day}"
                 for day in range(40)]  # fmt: skip
    file = tmp_path / "log.csv"
    file.write_text("\n".join(rows) + "\n")
    assert main(["users", "judge", "--events", str(file), "--horizon", "10d", "--json"]) == 0
    found = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert found["by"] == "item"
    models = [row["model"] for row in found["neighbours"]]
    assert models[0] == "tfidf"
    assert {"recent", "counts"} <= set(models)
    for row in found["neighbours"]:
        assert row["low"] <= row["overlap"] <= row["high"]
        assert row["times_chance"] > 1.5
    assert main(["users", "judge", "--events", str(file), "--horizon", "soon"]) != 0
