"""What own events say of the item that comes next: counted weights find the chances that histories were drawn by."""

from __future__ import annotations

import pytest
import torch

from core.models.dupn_own import own_weights

ITEMS, SHAPE = 400, (3, 12)
OLD, NEW = 9, 5  # buckets of age


def drawn(rate: float, histories: int = 6_000) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """One old event of kind 1 and one of kind 2, then a new one that is kind 1's item at the rate, else any."""
    random = torch.Generator().manual_seed(0)
    items = torch.randint(1, ITEMS + 1, (histories, 3), generator=random)
    again = torch.rand(histories, generator=random) < rate
    items[again, 2] = items[again, 0]
    kinds = torch.tensor([1, 2, 1]).expand(histories, 3)
    ages = torch.tensor([OLD, OLD, NEW]).expand(histories, 3)
    return items, kinds, ages


def test_the_weights_are_those_that_the_histories_were_drawn_by():
    w = own_weights(*drawn(0.5), SHAPE, ITEMS)
    # p(again) = (1 + w₁) / (I + w₁ + w₂): of rate 1/2 w₁ is about I, and w₂ about 1, as of any item
    assert w[1, OLD].item() == pytest.approx(ITEMS, rel=0.1)
    assert w[2, OLD].item() < 5


def test_a_kind_after_which_nothing_comes_again_counts_less_than_nothing_special():
    items, kinds, ages = drawn(0.0)
    items[:, 2] = items[:, 0] % ITEMS + 1
    w = own_weights(items, kinds, ages, SHAPE, ITEMS)
    assert w[1, OLD].item() < 0.5


def test_events_as_old_as_what_follows_them_and_unknown_items_say_nothing():
    items, kinds, _ = drawn(0.5)
    assert own_weights(items, kinds, torch.full_like(items, NEW), SHAPE, ITEMS).tolist() == torch.ones(SHAPE).tolist()
    w = own_weights(torch.zeros_like(items), kinds, drawn(0.5)[2], SHAPE, ITEMS)
    assert w.tolist() == torch.ones(SHAPE).tolist()
    assert own_weights(*(torch.zeros(0, 3).long(),) * 3, SHAPE, ITEMS).shape == SHAPE


def test_an_age_that_is_hardly_met_counts_as_its_kind_does():
    w = own_weights(*drawn(0.5), SHAPE, ITEMS)
    assert w[1, 3].item() == pytest.approx(w[1, OLD].item(), rel=0.1)
    assert w[0, OLD].item() == pytest.approx(1)  # no event is of kind 0
