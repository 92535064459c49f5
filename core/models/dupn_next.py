"""What comes next, as a task of DUPN beside the paper's five: users are moved near the items that they turn to (ours).

A user after t events is Σ_{s≤t} a_s h_s, where a is the attention without a query, the later an event the larger; an
item is where it stands among the pooled states, W e. So users, items and what a user turns to next lie in one space.
What a user had before may come again: `dupn_own` says how much that counts beside.
"""

from __future__ import annotations

import math
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from core.data.dataset import Dataset
from core.data.histories.fields import HISTORY
from core.models.dupn_embedding import Embedded, HistoryEmbedding
from core.models.dupn_own import LAST, own_weights
from core.models.dupn_start import LENGTH

TOGETHER = 100
"""Histories whose events are one another's alternatives: as many as a batch of a thousand rows has, so that a loss read
on more rows at once means the same."""


class NextEvent(nn.Module):
    """The cost of a history: how badly its latest events were foreseen, as a share of what chance would cost.

        cost = mean over t of −log [ exp(f(u_t, i_t)) / Σ_j exp(f(u_t, i_j)) ] / log M
        f(u, i) = c u · W e_i − log q_i
        u_t = Σ_{s<t} a_s h_s,  a_s ∝ exp(score_s + κ s)

    where u_t [H] is the user before event t, i_t its item, j runs over the M events of the batch that are predicted,
    but others of the same item, q_i is the share of item i among the events of training histories (the correction of
    Yi et al., RecSys 2019: what is frequent stands in the sum more often), and c and κ are learnt; κ, since ages in the
    attention are those at the end and not before event t. 0 where no event is known with one before it.
    """

    log_share: Tensor  # [items] log q
    own: Tensor  # [kinds, ages] w, see `dupn_own`

    def __init__(self, items: int, kinds: int, ages: int) -> None:
        super().__init__()
        self.log_scale = nn.Parameter(torch.tensor([4 / LENGTH**2]).log())
        self.recency = nn.Parameter(torch.tensor([0.5]))
        self.register_buffer("log_share", torch.zeros(items))
        self.register_buffer("own", torch.zeros(kinds, ages))

    @torch.no_grad()
    def begin(self, embedding: HistoryEmbedding, dataset: Dataset) -> None:
        """log q of each item, and w, from the histories of training rows."""
        own = torch.unique(dataset.keys[HISTORY][dataset.rows["train"]]).long()
        names = ("history_item", "history_behaviour", "history_gap")
        ids, kinds, ages = (dataset.sequences[embedding.sequence[name]][own].long().cpu() for name in names)
        counts = torch.bincount(ids[ids > 0], minlength=len(self.log_share)).to(self.log_share)
        self.log_share.copy_(((counts + 1) / (counts.sum() + len(counts))).log())
        kinds_ages = (self.own.shape[0], self.own.shape[1])
        self.own.copy_(own_weights(ids, kinds, ages, kinds_ages, int((counts > 0).sum())))

    def own_of(self, x: Embedded) -> Tensor:
        """[N, T] w of each event, 0 where none is known."""
        return self.own[x.behaviour, x.gap] * x.known

    def _load_from_state_dict(self, state_dict: dict[str, Any], prefix: str, *args: Any) -> None:
        """A model that was kept before own events counted goes on without them."""
        state_dict.setdefault(f"{prefix}own", torch.zeros_like(self.own))
        super()._load_from_state_dict(state_dict, prefix, *args)

    def forward(self, scores: Tensor, states: Tensor, places: Tensor, items: Tensor, known: Tensor) -> Tensor:
        """Costs [N] of histories: scores of attention [N, T], states and places of items [N, T, H], ids [N, T], known
        [N, T]."""
        before = self.users(scores, states, known)[:, :-1]  # [N, T − 1, H]
        last = known.sum(1, keepdim=True) - 1
        at = torch.arange(1, known.shape[1], device=known.device)
        asked = known[:, 1:] & (items[:, 1:] > 0) & (at > last - LAST)
        parts = zip(*(each.split(TOGETHER) for each in (before, places[:, 1:], items[:, 1:], asked)), strict=True)
        return torch.cat([self._of(*part) for part in parts])

    def users(self, scores: Tensor, states: Tensor, known: Tensor) -> Tensor:
        """[N, T, H] the user after each event."""
        later = self.recency * torch.arange(scores.shape[1], device=scores.device)
        return users_before((scores + later).masked_fill(~known, -1e9), states)

    def _of(self, before: Tensor, places: Tensor, items: Tensor, asked: Tensor) -> Tensor:
        """Costs of histories whose events are one another's alternatives."""
        own = items[asked]  # [M]
        if len(own) < 2:
            return before.new_zeros(len(before))
        right = torch.arange(len(own), device=own.device)
        found = self.log_scale.exp() * before[asked] @ places[asked].T - self.log_share[own]
        other = (own == own.unsqueeze(1)) & (right != right.unsqueeze(1))
        each = F.cross_entropy(found.masked_fill(other, -1e9), right, reduction="none") / math.log(len(own))
        costs = before.new_zeros(asked.shape).masked_scatter(asked, each)
        return costs.sum(1) / asked.sum(1).clamp_min(1)


def users_before(scores: Tensor, states: Tensor) -> Tensor:
    """[N, T, H] Σ_{s≤t} a_s h_s after each event t, a the softmax over the events up to t: running sums."""
    weight = torch.exp(scores - scores.detach().amax(1, keepdim=True)).clamp_min(1e-30).unsqueeze(2)
    return (weight * states).cumsum(1) / weight.cumsum(1)
