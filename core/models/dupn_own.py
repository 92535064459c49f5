"""How much what a user had before speaks for the same item to come again, by kind and age of event (ours).

Vectors of 64 numbers do not keep thousands of items apart, and what a user had comes again far more often than they can
say. So the next item is, as in RepeatNet (Ren et al., AAAI 2019), one of the user's own or one that vectors find:

    p(i | u) = [ I · softmax_i ( LATER · f(u, i) ) + o(u, i) ] / [ I + Σ_j o(u, j) ]
    o(u, i)  = Σ_{s: i_s = i} w[kind_s, age_s]

where f(u, i) is what `dupn_next` learns, I the number of items, s the user's events; w ≥ 0 says how many items an own
event outweighs: some fifty numbers, counted before training and no part of a loss.
"""

from __future__ import annotations

import torch
from torch import Tensor

LAST = 10
"""Events of a history that are predicted, the latest ones, each from those before it."""
LATER = 0.5
"""Vectors learn to foresee the very next event, mostly within the minute; what comes after a while is less sure."""
HISTORIES = 10_000  # counted, evenly spaced
ROUNDS = 100
FEW = 0.1  # ε


@torch.no_grad()
def own_weights(items: Tensor, kinds: Tensor, ages: Tensor, shape: tuple[int, int], count: int) -> Tensor:
    """w [kinds, ages] of most likelihood where vectors know nothing, from histories [N, T] of ids of `count` items.

        w_b ← ( w_b Σ_t m_tb / (1 + m_t · w) + ε v_b ) / ( Σ_t n_tb / (I + n_t · w) + ε )

    where t runs over those of the latest events of the histories that are younger by a bucket of age than the event
    before (what comes first after a while, not within the minute), n_tb counts the events of kind and age b before t,
    m_tb those of them with its item. ε keeps w, where b is hardly met, near v, which is the same of all ages of a kind
    together, and v near 1, which is next to nothing. Ages are those at the end of the history.
    """
    every = torch.linspace(0, max(len(items) - 1, 0), min(HISTORIES, len(items))).long()
    items, kinds, ages = items[every], kinds[every], ages[every]
    bins, length = kinds * shape[1] + ages, (ages > 0).sum(1)
    older: list[Tensor] = []
    same: list[Tensor] = []
    for back in range(1, LAST + 1):
        rows = (length > back).nonzero().squeeze(1)
        at = length[rows] - back
        target = items[rows, at].unsqueeze(1)
        later = (ages[rows, at] < ages[rows, at - 1]).unsqueeze(1)
        own = later & (ages[rows] > ages[rows, at].unsqueeze(1)) & (items[rows] > 0) & (target > 0)
        for held, found in ((own, older), (own & (items[rows] == target), same)):
            counts = torch.zeros(len(rows), shape[0] * shape[1])
            found.append(counts.scatter_add_(1, bins[rows], held.to(counts.dtype)))
    n, m = (torch.cat(found).view(-1, *shape) for found in (older, same))
    of_kind = _most_likely(n.sum(2), m.sum(2), count, torch.ones(shape[0]))
    prior = of_kind.unsqueeze(1).expand(shape).flatten()
    return _most_likely(n.flatten(1), m.flatten(1), count, prior).view(shape)


def _most_likely(n: Tensor, m: Tensor, count: int, prior: Tensor) -> Tensor:
    """w [b] from n and m [t, b] by the rounds above; each is at least as likely as the one before."""
    w = prior
    for _ in range(ROUNDS):
        seen = (m / (1 + m @ w).unsqueeze(1)).sum(0)
        w = (w * seen + FEW * prior) / ((n / (count + n @ w).unsqueeze(1)).sum(0) + FEW)
    return w
