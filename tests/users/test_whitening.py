"""The directions that users are compared in."""

from __future__ import annotations

import numpy as np

from core.users.whitening import Whitening


def test_users_of_the_fit_have_variance_one_in_every_direction_and_none_together():
    random = np.random.default_rng(0)
    turned = np.linalg.qr(random.normal(size=(6, 6)))[0]
    vectors = (random.normal(size=(500, 6)) * [1, 2, 3, 4, 5, 6] @ turned + 5).astype(np.float32)
    found = Whitening.of(vectors)(vectors)
    np.testing.assert_allclose(found.mean(0), 0, atol=1e-4)
    np.testing.assert_allclose(np.cov(found, rowvar=False), np.eye(6), atol=0.05)


def test_a_direction_without_users_is_not_blown_up():
    random = np.random.default_rng(1)
    vectors = np.c_[random.normal(size=(300, 3)), np.full(300, 2.0)].astype(np.float32)
    found = Whitening.of(vectors)
    assert np.isfinite(found.directions).all()
    moved = found(vectors + np.array([0, 0, 0, 0.01], np.float32)) - found(vectors)
    assert np.abs(moved).max() < 1


def test_lengths_of_directions_do_not_count():
    random = np.random.default_rng(2)
    vectors = random.normal(size=(400, 5)).astype(np.float32)
    longer = vectors * np.array([1, 10, 1, 5, 1], np.float32)
    likeness = [own @ own.T for own in (Whitening.of(each)(each) for each in (vectors, longer))]
    np.testing.assert_allclose(*likeness, rtol=0.05, atol=0.2)
