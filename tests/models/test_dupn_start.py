"""Where DUPN's vectors begin: against a dense decomposition, and on histories whose tastes are known."""

from __future__ import annotations

import numpy as np
import torch

from core.models.dupn_start import LENGTH, counted_vectors

LISTS, EVENTS, NAMES, KINDS = 300, 40, 60, 5


def lists(seed=0) -> torch.Tensor:
    """Histories of one kind of names each, now and then of another; the last name is in none, padding at the end."""
    random = np.random.default_rng(seed)
    own = random.integers(0, KINDS, (LISTS, 1))
    kind = np.where(random.random((LISTS, EVENTS)) < 0.85, own, random.integers(0, KINDS, (LISTS, EVENTS)))
    ids = 1 + kind + KINDS * random.integers(0, NAMES // KINDS, (LISTS, EVENTS))
    ids[random.random((LISTS, EVENTS)) < 0.3] = 0
    return torch.from_numpy(np.where(ids == NAMES, 0, ids).astype(np.uint8))


def test_vectors_are_those_of_a_dense_decomposition():
    ids, width = lists().numpy().astype(int), 4
    bags = np.stack([np.bincount(row[row > 0], minlength=NAMES + 1) for row in ids]).astype(float)
    bags = np.log1p(bags) * np.log1p(len(ids) / np.maximum((bags > 0).sum(0), 1))
    bags /= np.linalg.norm(bags, axis=1, keepdims=True)
    _, strength, directions = np.linalg.svd(bags - bags.mean(0), full_matrices=False)
    expected = (directions[:width] * strength[:width, None]).T
    held = np.unique(ids[ids > 0])
    expected = expected[held] / np.linalg.norm(expected[held], axis=1, keepdims=True)
    found = counted_vectors(lists(), NAMES + 1, width).numpy() / LENGTH
    # directions are unique but for their sign, which does not show in the vectors' products
    np.testing.assert_allclose(found[held] @ found[held].T, expected @ expected.T, atol=1e-3)
    assert not np.delete(found, held, axis=0).any()


def test_names_of_one_kind_lie_together():
    found = counted_vectors(lists(), NAMES + 1, 8).numpy()[1:NAMES] / LENGTH
    kind = np.arange(NAMES - 1) % KINDS
    likeness, same = found @ found.T, kind[:, None] == kind[None, :]
    assert likeness[same].mean() > 0.6
    assert likeness[~same].mean() < 0.1


def test_few_names_or_none_fill_what_they_can():
    few = counted_vectors(torch.tensor([[1, 2, 0], [1, 1, 0], [2, 0, 0]]), 3, 8)
    assert few.shape == (3, 8)
    assert few.isfinite().all()
    assert not few[0].any()
    assert not counted_vectors(torch.zeros(4, 5, dtype=torch.int32), 6, 8).any()
    again = [counted_vectors(lists(), NAMES + 1, 8) for _ in range(2)]
    assert torch.equal(*again)
