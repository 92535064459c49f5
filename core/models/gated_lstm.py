"""The property-gated LSTM (DUPN, arXiv 1805.10727, §3.2) as one run of the library's fused LSTM."""

from __future__ import annotations

import torch
from torch import Tensor, nn


class PropertyGatedLSTM(nn.Module):
    """States of a sequence whose events have an item part and a property part.

        i, f, o = σ(W_e e_t + W_p p_t + W_h h_{t−1} + b)
        c_t     = f·c_{t−1} + i·tanh(W_ec e_t + W_hc h_{t−1} + b_c)
        h_t     = o·tanh(c_t)

    where e_t [E] is the embedded item, p_t [P] the embedded property, h and c [H] the states, zero at first. The
    property opens and closes the gates and never enters the candidate.

    This is an ordinary LSTM on [e; p] whose candidate has no columns for p. Ours: the parameters are just those of the
    equations, and the library's weight is put together from them with a block of zeros in the candidate's place, so
    that the block can neither be learnt nor decayed into. Gates stand in the library's order i, f, candidate, o.
    """

    def __init__(self, items: int, properties: int, hidden: int) -> None:
        """`properties` = 0: an ordinary LSTM on the items alone."""
        super().__init__()
        bound = hidden**-0.5  # the range of nn.LSTM's own initialisation
        self.hidden = hidden
        self.properties = properties

        def uniform(*shape: int) -> nn.Parameter:
            return nn.Parameter(torch.empty(*shape).uniform_(-bound, bound))

        self.item_weight = uniform(4 * hidden, items)
        self.property_weight = uniform(3 * hidden, properties) if properties else None  # of i, f, o
        self.hidden_weight = uniform(4 * hidden, hidden)
        self.bias = uniform(4 * hidden)

    def input_weight(self) -> Tensor:
        """[4H, E + P] as the library wants it; zero where the candidate would see a property."""
        if self.property_weight is None:
            return self.item_weight
        inputs, output = self.property_weight.split((2 * self.hidden, self.hidden))
        block = torch.cat((inputs, torch.zeros_like(output), output))
        return torch.cat((self.item_weight, block), 1)

    def forward(self, items: Tensor, properties: Tensor | None) -> Tensor:
        """h [N, T, H] from items [N, T, E] and properties [N, T, P].

        A sequence shorter than T is padded behind its end: a state depends on no later event, so that padding changes
        none of the states before it; those at padded places are to be masked by whoever reads them.
        """
        x = items if properties is None or not self.properties else torch.cat((items, properties), -1)
        start = x.new_zeros(1, len(x), self.hidden)
        weights = [self.input_weight(), self.hidden_weight, self.bias, torch.zeros_like(self.bias)]
        # biases, one layer, no dropout, training, one direction, batch first
        states: Tensor = torch.lstm(x, (start, start), weights, True, 1, 0.0, torch.is_grad_enabled(), False, True)[0]
        return states

    def go_on(self, items: Tensor, properties: Tensor | None, hidden: Tensor, cell: Tensor) -> tuple[Tensor, Tensor]:
        """h and c [T, H] of one sequence's further events [T, E] and [T, P], from the state [H], [H] before them."""
        x = items if properties is None or not self.properties else torch.cat((items, properties), -1)
        weights = (self.input_weight(), self.hidden_weight, self.bias, torch.zeros_like(self.bias))
        hiddens, cells = x.new_empty(len(x), self.hidden), x.new_empty(len(x), self.hidden)
        h, c = hidden.unsqueeze(0), cell.unsqueeze(0)
        for t in range(len(x)):
            h, c = torch.lstm_cell(x[t : t + 1], (h, c), *weights)
            hiddens[t], cells[t] = h[0], c[0]
        return hiddens, cells


def stepwise(lstm: PropertyGatedLSTM, items: Tensor, properties: Tensor | None) -> Tensor:
    """The same by the equations, one event after another: the oracle, and what the fused form is timed against."""
    E, H = lstm.item_weight, lstm.hidden
    P = lstm.property_weight
    hidden = items.new_zeros(len(items), H)
    cell = items.new_zeros(len(items), H)
    states = []
    for t in range(items.shape[1]):

        def gate(at: int, property_at: int | None, t: int = t, hidden: Tensor = hidden) -> Tensor:
            rows = slice(at * H, (at + 1) * H)
            value = items[:, t] @ E[rows].T + hidden @ lstm.hidden_weight[rows].T + lstm.bias[rows]
            if property_at is None or P is None or properties is None:
                return value
            return value + properties[:, t] @ P[property_at * H : (property_at + 1) * H].T

        let_in, keep, show = (torch.sigmoid(gate(at, own)) for at, own in ((0, 0), (1, 1), (3, 2)))
        cell = keep * cell + let_in * torch.tanh(gate(2, None))
        hidden = show * torch.tanh(cell)
        states.append(hidden)
    return torch.stack(states, 1)
