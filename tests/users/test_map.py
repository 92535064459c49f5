"""The map: what it keeps, against scikit-learn's own judgement and against maps that are known to be good or bad."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.manifold import trustworthiness

from core.errors import PrecedenceError
from core.users.spaces.map import make_map, place, quality, unit


def islands(users=240, seed=0):
    random = np.random.default_rng(seed)
    centres = random.normal(size=(6, 20))
    which = np.arange(users) % 6
    return which, (centres[which] + 0.25 * random.normal(size=(users, 20))).astype(np.float32)


def test_quality_is_what_scikit_learn_says():
    _, vectors = islands()
    units = unit(vectors)
    points = np.random.default_rng(1).normal(size=(240, 2)).astype(np.float32)
    for picture in (points, units[:, :2].copy()):
        kept, chance, trusted = quality(units, picture, np.arange(240), 10)
        assert trusted == pytest.approx(trustworthiness(units, picture, n_neighbors=10))
        assert chance == pytest.approx(10 / 239)
        assert 0 <= kept <= 1
    assert quality(units, points, np.arange(240), 10)[0] == pytest.approx(10 / 239, abs=0.02)


def test_a_perfect_map_keeps_everything():
    angle = np.random.default_rng(0).uniform(0, 2, 200).astype(np.float32)
    circle = np.stack([np.cos(angle), np.sin(angle)], axis=1)
    assert quality(circle, circle, np.arange(200), 5)[::2] == pytest.approx(
        (1.0, 1.0), abs=0.01
    )  # up to ties in float32


@pytest.mark.slow
def test_islands_stay_islands_and_newcomers_land_on_theirs():
    which, vectors = islands()
    made = make_map(vectors)
    assert made.points.shape == (240, 2)
    assert made.kept > 5 * made.chance
    assert made.trustworthiness > 0.9
    assert f"{made.kept:.0%}" in made.words
    again = make_map(vectors)
    assert np.array_equal(made.points, again.points)
    fresh = islands(60, seed=0)[1] + 0.05
    centres = np.stack([made.points[which == island].mean(axis=0) for island in range(6)])
    placed = place(fresh, vectors, made.points)
    nearest = np.linalg.norm(placed[:, None] - centres, axis=2).argmin(axis=1)
    assert (nearest == np.arange(60) % 6).mean() > 0.95


def test_a_user_stands_where_it_stood():
    _, vectors = islands()
    points = np.random.default_rng(1).normal(size=(240, 2)).astype(np.float32)
    twins = np.repeat(vectors[:4], 5, axis=0)
    assert place(vectors[:4], twins, np.repeat(points[:4], 5, axis=0)) == pytest.approx(points[:4], abs=1e-5)


def test_too_few_users_are_refused():
    with pytest.raises(PrecedenceError, match="3 users are too few"):
        make_map(np.eye(3, dtype=np.float32))
