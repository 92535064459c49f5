"""The fused property-gated LSTM against the paper's equations, one step after another, in double precision."""

from __future__ import annotations

import pytest
import torch

from core.models.gated_lstm import PropertyGatedLSTM, stepwise

N, T, E, P, H = 5, 17, 12, 6, 8


@pytest.fixture
def lstm():
    torch.manual_seed(3)
    return PropertyGatedLSTM(E, P, H).double()


def inputs(seed=1):
    random = torch.Generator().manual_seed(seed)
    items = torch.randn(N, T, E, generator=random, dtype=torch.float64, requires_grad=True)
    properties = torch.randn(N, T, P, generator=random, dtype=torch.float64, requires_grad=True)
    return items, properties


def reference(lstm, items, properties):
    """The equations written out once more, with a matrix of its own for each gate."""
    names = ("i", "f", "c", "o")
    item = dict(zip(names, lstm.item_weight.split(H), strict=True))
    hidden = dict(zip(names, lstm.hidden_weight.split(H), strict=True))
    bias = dict(zip(names, lstm.bias.split(H), strict=True))
    gated = dict(zip(("i", "f", "o"), lstm.property_weight.split(H), strict=True))
    out = []
    for e, p in zip(items, properties, strict=True):
        h = c = torch.zeros(H, dtype=torch.float64)
        rows = []
        for t in range(T):
            i, f, o = (
                torch.sigmoid(item[g] @ e[t] + gated[g] @ p[t] + hidden[g] @ h + bias[g]) for g in ("i", "f", "o")
            )
            c = f * c + i * torch.tanh(item["c"] @ e[t] + hidden["c"] @ h + bias["c"])
            h = o * torch.tanh(c)
            rows.append(h)
        out.append(torch.stack(rows))
    return torch.stack(out)


def test_states_are_those_of_the_equations(lstm):
    items, properties = inputs()
    expected = reference(lstm, items, properties)
    torch.testing.assert_close(lstm(items, properties), expected, atol=1e-10, rtol=0)
    torch.testing.assert_close(stepwise(lstm, items, properties), expected, atol=1e-10, rtol=0)


def test_gradients_are_those_of_the_equations(lstm):
    items, properties = inputs()
    toward = torch.randn(N, T, H, dtype=torch.float64, generator=torch.Generator().manual_seed(2))
    wanted = [items, properties, *lstm.parameters()]
    fused = torch.autograd.grad((lstm(items, properties) * toward).sum(), wanted)
    exact = torch.autograd.grad((reference(lstm, items, properties) * toward).sum(), wanted)
    for own, theirs in zip(fused, exact, strict=True):
        torch.testing.assert_close(own, theirs, atol=1e-9, rtol=1e-9)


def test_single_precision_is_within_a_millionth(lstm):
    items, properties = inputs()
    expected = reference(lstm, items, properties)
    single = lstm.float()(items.float(), properties.float())
    assert (single.double() - expected).abs().max() < 1e-6


def test_the_candidate_never_sees_the_property(lstm):
    """With the gates held open by their biases the states do not move at all, whatever the property is."""
    with torch.no_grad():
        for gate in (0, 1, 3):
            rows = slice(gate * H, (gate + 1) * H)
            lstm.item_weight[rows] = lstm.hidden_weight[rows] = 0
            lstm.bias[rows] = 50.0  # σ(50 ± a few) is 1 to double precision
    items, properties = inputs()
    before = lstm(items, properties)
    after = lstm(items, properties + torch.randn_like(properties))
    torch.testing.assert_close(before, after, atol=1e-12, rtol=0)
    assert before.abs().max() > 0.1
    block = lstm.input_weight()[2 * H : 3 * H, E:]
    assert torch.equal(block, torch.zeros_like(block))


def test_no_step_of_an_optimiser_lets_the_property_into_the_candidate(lstm):
    optimiser = torch.optim.AdamW(lstm.parameters(), lr=0.1, weight_decay=0.1)
    items, properties = (each.detach() for each in inputs())
    for _ in range(5):
        optimiser.zero_grad()
        lstm(items, properties).square().sum().backward()
        optimiser.step()
    assert not lstm.input_weight()[2 * H : 3 * H, E:].any()
    assert lstm.input_weight()[:H, E:].any()


def test_padding_changes_no_state_before_it(lstm):
    items, properties = inputs()
    whole = lstm(items, properties)
    short = lstm(items[:, :9], properties[:, :9])
    torch.testing.assert_close(whole[:, :9], short, atol=1e-12, rtol=0)


def test_without_a_property_it_is_the_librarys_own_lstm():
    torch.manual_seed(0)
    own, library = PropertyGatedLSTM(E, 0, H).double(), torch.nn.LSTM(E, H, batch_first=True).double()
    with torch.no_grad():
        library.weight_ih_l0.copy_(own.item_weight)
        library.weight_hh_l0.copy_(own.hidden_weight)
        library.bias_ih_l0.copy_(own.bias)
        library.bias_hh_l0.zero_()
    items, _ = inputs()
    torch.testing.assert_close(own(items, None), library(items)[0], atol=1e-12, rtol=0)
