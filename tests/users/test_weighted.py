"""Weighted histories: bags by hand, weights that find what matters, even weights where nothing can be learnt."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from core.data.histories.histories import DAY
from core.users.embedding import learnt_weights
from core.users.embedding.history_fields import fields_of
from core.users.embedding.weighted import WeightedHistories, Weights, events_before, learn
from tests.users.support import histories_of, two_kinds


def of_two_kinds_of_events(random):
    """Ninety users of nine tastes for sixty days: what they buy follows the taste; what they click on is a whim that
    lasts a week."""
    lines, kinds = [], []
    for user in range(90):
        whims = random.integers(0, 9, 9)
        for day in range(60):
            buys = random.random() < 0.5
            taste = user % 9 if buys else whims[day // 7]
            lines.append((f"u{user:02}", 24 * day + user % 24, f"c{taste}", f"b{random.integers(0, 20)}", 1))
            kinds.append(2 if buys else 1)
    made = histories_of(lines)
    names = {**made.names, "behaviour": np.array(["", "click", "purchase"], dtype=object)}
    return replace(made, behaviour=np.array(kinds, dtype=np.int16), names=names)


def test_bags_are_those_of_the_formula():
    histories = histories_of([("a", 0, "tea", "", 1), ("a", 24 * 40, "tea", "", 1), ("a", 24 * 40, "pen", "", 1),
                              ("b", 24 * 40, "pen", "", 1), ("c", 24 * 40, "cup", "", 1)])  # fmt: skip
    names = tuple(field.name for field in fields_of(histories))
    assert names[:2] == ("item", "category")
    even = Weights.even(names, ("", "click"))
    events = np.ones((len(names), 10, 2))
    events[names.index("category"), 6] = 3.0  # 30 to 60 days old
    weights = even.model_copy(update={"events": tuple(tuple(map(tuple, each)) for each in events.tolist())})
    model = WeightedHistories.of(histories, weights)
    vectors = model.vectors(histories)
    rare = np.log1p(3 / np.array([1, 2, 1]))  # tea, pen, cup

    def unit(bag):
        return np.array(bag) / np.linalg.norm(bag)

    by_item = unit([np.log1p(2) * rare[0], np.log1p(1) * rare[1], 0])
    by_category = unit([np.log1p(1 + 3) * rare[0], np.log1p(1) * rare[1], 0])
    expected = by_item[1] + by_category[1] + (by_item[1] if "word" in names else 0)
    assert vectors[0] @ vectors[1] == pytest.approx(expected, abs=1e-4)
    assert vectors[0] @ vectors[2] == pytest.approx(0, abs=1e-4)


def test_events_before_a_moment_are_those_of_a_loop():
    histories = two_kinds()
    users, moment = np.array([3, 17, 39]), int(histories.time.min()) + 3 * DAY
    row, place = events_before(histories, users, moment)
    expected = [(at, event) for at, user in enumerate(users)
                for event in range(*histories.offsets[user : user + 2]) if histories.time[event] < moment]  # fmt: skip
    assert list(zip(row.tolist(), place.tolist(), strict=True)) == expected


def test_the_kind_of_event_that_tells_the_future_is_found():
    histories = of_two_kinds_of_events(np.random.default_rng(0))
    weights = learn(histories, steps=30)
    events = np.array(weights.events)[weights.fields.index("category")]
    clicks, purchases = events[:5, 1], events[:5, 2]  # younger than 1, 2, 4, 7, 14 days
    assert clicks[:2].min() > 2 * clicks[3:].max()  # a whim is over after a week
    assert purchases.min() > 2 * clicks[3:].max()  # a taste is not
    taste = np.arange(90) % 9
    precision = []
    for each in (weights, Weights.even(weights.fields, weights.kinds)):
        vectors = WeightedHistories.of(histories, each).vectors(histories)
        vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
        likeness = vectors @ vectors.T - 2 * np.eye(90)
        near = np.argsort(-likeness, axis=1)[:, :10]
        precision.append((taste[near] == taste[:, None]).mean())
    assert precision[0] > precision[1] + 0.02


def test_the_same_histories_give_the_same_weights_and_too_few_even_ones():
    histories = two_kinds()
    assert learn(histories, steps=5) == learn(histories, steps=5)
    two = histories_of([("a", 0, "tea", "x", 1), ("b", 1, "pen", "y", 1)])
    weights = learn(two, steps=3)
    assert set(weights.mix) == {1.0}
    assert np.array(weights.events).min() == np.array(weights.events).max() == 1


def test_weights_are_kept_by_content_and_a_damaged_file_is_learnt_again(tmp_path, monkeypatch):
    monkeypatch.setenv("PRECEDENCE_HOME", str(tmp_path))
    times = []
    monkeypatch.setattr(learnt_weights, "learn", lambda given: times.append(1) or learn(given, steps=2))
    histories = two_kinds()
    first = learnt_weights.weights_for("own", histories)
    assert learnt_weights.weights_for("own", histories) == first
    assert len(times) == 1
    learnt_weights.weights_for("own", replace(histories, item=histories.item[::-1].copy()))
    assert len(times) == 2
    kept = tmp_path / "users" / "weights" / f"{learnt_weights.mark_of(histories)}.json"
    kept.write_bytes(b"\0" + kept.read_bytes())
    assert learnt_weights.weights_for("own", histories) == first
    assert len(times) == 3
