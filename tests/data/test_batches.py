"""The shuffler: every epoch a permutation, every batch full, every resumed run the same."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from core.data.batches import Shuffler
from core.errors import PrecedenceError


def generator(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


@settings(max_examples=40, deadline=None)
@given(count=st.integers(1, 60), batch_size=st.integers(1, 80), steps=st.integers(0, 40), seed=st.integers(0, 9))
def test_resumed_shuffler_gives_the_same_batches(count: int, batch_size: int, steps: int, seed: int) -> None:
    rows = torch.arange(100, 100 + count)
    first = Shuffler(rows, batch_size, generator(seed))
    for _ in range(steps):
        first.next()
    state = first.state_dict()
    expected = [first.next().clone() for _ in range(25)]
    second = Shuffler(rows, batch_size, generator(seed + 77))
    second.load_state_dict(state)
    assert all(torch.equal(left, second.next()) for left in expected)


@settings(max_examples=40, deadline=None)
@given(count=st.integers(1, 60), batch_size=st.integers(1, 80))
def test_an_epoch_gives_each_row_at_most_once_in_full_batches(count: int, batch_size: int) -> None:
    rows = torch.arange(count) * 3
    shuffler = Shuffler(rows, batch_size, generator())
    size = min(count, batch_size)
    for _ in range(3):
        epoch = [shuffler.next() for _ in range(shuffler.batches_per_epoch)]
        assert all(len(batch) == size for batch in epoch)
        seen = torch.cat(epoch)
        assert len(seen.unique()) == len(seen) == count - count % size
        assert torch.isin(seen, rows).all()


def test_epochs_differ_and_no_row_is_favoured() -> None:
    shuffler = Shuffler(torch.arange(10), 3, generator())
    counts = torch.zeros(10)
    epochs = []
    for _ in range(2000):
        epoch = torch.cat([shuffler.next() for _ in range(3)])
        counts[epoch] += 1
        epochs.append(tuple(epoch.tolist()))
    assert len(set(epochs)) > 1900
    # each row is left out with probability 1/10: mean 1800, standard deviation 13.4
    assert (counts - 1800).abs().max() < 5 * 13.4


def test_a_checkpoint_holds_no_permutation() -> None:
    shuffler = Shuffler(torch.arange(500_000), 1024, generator())
    state = shuffler.state_dict()
    assert state["epoch_start"].numel() < 10_000
    assert set(state) == {"epoch_start", "position"}


def test_nothing_to_train_on_is_refused() -> None:
    with pytest.raises(PrecedenceError, match="0 rows"):
        Shuffler(torch.arange(0), 4, generator())
    with pytest.raises(PrecedenceError, match="batch of 0"):
        Shuffler(torch.arange(3), 0, generator())
