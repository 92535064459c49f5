"""Networks for the next item: causal, with the loss of the formula, better than counting where order says all."""

from __future__ import annotations

import pytest
import torch

from core.errors import PrecedenceError
from core.models.next_item import GRU4Rec, SASRec
from core.users.study.next_item import judge
from tests.users.support import histories_of

KINDS = [GRU4Rec, SASRec]


@pytest.mark.parametrize("kind", KINDS)
def test_a_state_depends_on_no_later_event_and_on_no_padding(kind):
    torch.manual_seed(0)
    network = kind(9, 8, 6).eval()
    whole = network.states(torch.tensor([[1, 2, 3, 4, 5, 6]]))
    other = network.states(torch.tensor([[1, 2, 3, 9, 0, 0]]))
    assert torch.allclose(whole[:, :3], other[:, :3], atol=1e-6)
    short = network.states(torch.tensor([[1, 2, 3]]))[:, 2] @ network.vectors.weight[1:].T
    assert torch.allclose(network.scores(torch.tensor([[1, 2, 3, 0, 0, 0]])), short, atol=1e-6)


@pytest.mark.parametrize("kind", KINDS)
def test_the_loss_is_that_of_the_formula(kind):
    torch.manual_seed(0)
    network = kind(5, 8, 6).eval()
    items = torch.tensor([[1, 2, 3], [4, 2, 0]])
    log_share = torch.log(torch.tensor([1e-9, 0.1, 0.4, 0.2, 0.2, 0.1]))
    states = network.states(items[:, :-1])
    there = [2, 3]  # the items that come next somewhere in the batch
    terms = []
    for row, place, target in ((0, 0, 2), (0, 1, 3), (1, 0, 2)):
        scores = torch.stack([states[row, place] @ network.vectors.weight[j] - log_share[j] for j in there])
        terms.append(-torch.log_softmax(scores, 0)[there.index(target)])
    assert network.loss(items, log_share).item() == pytest.approx(torch.stack(terms).mean().item(), rel=1e-5)


def walks():
    """Forty users who go round 24 items in one order, each from a place of its own."""
    lines = [(f"u{user:02}", 10 * step, f"c{(user + step) % 24}", "", 1) for user in range(40) for step in range(12)]
    return histories_of(lines)


def test_order_is_learnt_where_counting_knows_nothing():
    histories = walks()
    moment = int(histories.time.max()) + 1 - 15 * 3600
    found = {each.model: each for each in judge(histories, moment, steps=40)}
    assert list(found) == ["popular", "own items", "gru4rec", "sasrec"]
    assert found["popular"].users == 40
    for name in ("gru4rec", "sasrec"):
        assert found[name].recall > 0.9
        assert found[name].mrr > found["own items"].mrr + 0.3


def test_a_moment_with_nobody_on_both_sides_is_refused():
    histories = walks()
    with pytest.raises(PrecedenceError, match="too few to judge"):
        judge(histories, int(histories.time.min()))
