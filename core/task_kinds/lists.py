"""Ranking: gains within lists, as a loss of every row, its weight and a metric. Rows of a list have one number.

A row's gain y ∈ [0, 1] says how much it is worth at the top of its list. With s the rows' scores, all of a list alike:

    l_i = log Σ_{j in the list, label known} e^{s_j} − s_i        loss of row i
    n_i = y_i / Σ_{j in the list} y_j                             its weight; 0 where the list has no gain

so that Σ n_i l_i / Σ n_i is the mean over lists of the cross-entropy between the shares of gain and the softmax of the
scores: ListNet's top-one loss (Cao et al., ICML 2007, §4) with shares in the place of a second softmax, which bounds
NDCG with linear gains (Bruch et al., ICTIR 2019, §3).
"""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from core.statistics import ndcg_of_gains

AT = 10  # places from the top that count


def list_log_loss(scores: Tensor, known: Tensor, lists: Tensor) -> Tensor:
    """l [n] of scores [n] in lists [n], numbers from 0 to at most n − 1; 0 where the label is not `known` [n] bool."""
    out = scores.new_full(scores.shape, -torch.inf)
    fixed = torch.where(known, scores.detach(), out)
    highest = out.scatter_reduce(0, lists, fixed, "amax")[lists]
    highest = torch.where(highest.isfinite(), highest, torch.zeros_like(highest))
    above = torch.where(known, scores - highest, torch.zeros_like(scores))
    total = torch.zeros_like(scores).index_add(0, lists, above.exp() * known)[lists]
    return torch.where(known, torch.where(known, total, torch.ones_like(total)).log() - above, torch.zeros_like(scores))


def list_weights(gains: Tensor, known: Tensor, lists: Tensor) -> Tensor:
    """n [rows], the share of each row's gain in that of its list; lists [rows] of any numbers."""
    gains = gains * known
    _, place = lists.unique(return_inverse=True)
    total = torch.zeros_like(gains).index_add(0, place, gains)[place]
    return torch.where(total > 0, gains / torch.where(total > 0, total, torch.ones_like(total)), gains)


def mean_list_entropy(known: Tensor, weight: Tensor, lists: Tensor) -> Tensor:
    """[] the loss of equal scores: the mean of log(known rows) over lists with a gain, at least that of two rows."""
    _, place = lists.unique(return_inverse=True)
    size = torch.zeros_like(weight).index_add(0, place, known.to(weight))[place].clamp_min(1)
    mean = (size.log() * weight).sum() / weight.sum().clamp_min(1e-12)
    return mean.clamp_min(1e-6)


def ndcg_of_lists(scores: Tensor, gains: Tensor, lists: Tensor) -> float | None:
    """Mean NDCG@10 with linear gains over the lists with a gain; None where there is none."""
    found = ndcg_of_each_list(scores, gains, lists)
    return float(found.mean()) if len(found) else None


def ndcg_of_each_list(scores: Tensor, gains: Tensor, lists: Tensor) -> NDArray[np.float64]:
    """NDCG@10 of each list with a gain, by the lists' numbers."""
    gain, score = (values.detach().cpu().double().numpy() for values in (gains, scores))
    return ndcg_of_gains(gain, score, lists.cpu().numpy())
