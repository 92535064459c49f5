"""A bound that is to hold on rows not seen keeps a distance: the validation rows know a difference only so well.

    v_i = m_i(θ) − c_i + z · se_i(θ),   se_i = √( n/(n−1) · Σ_b (d_b − d̄ w_b)² ) / Σ_b w_b

where
    z       `method.margin`: how many standard errors
    d_b     w_b (l_b(θ) − l_b(θ_i)) of part b of the validation rows, both models on the same rows: a list's rows
            together where the data have lists, else a row; of NDCG the difference of a list's, w_b = 1
    d̄       Σ_b d_b / Σ_b w_b
    θ_i     the protected model, whose own loss is known by the same rows: only the difference is unsure

The normal approximation of a one-sided confidence bound on the paired difference (z = 1: 84 %, 1.64: 95 %), as chance
constraints are made (Ben-Tal, El Ghaoui & Nemirovski 2009, *Robust Optimization*, §2). That a model is chosen for being
within the bound makes it a little luckier than that. A tolerance below the standard error buys nothing.
"""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from core.models.losses import total
from core.models.network import Network
from core.training.bounds import Bounds, Protected
from core.training.measure import Reading, predict, row_losses


def distances(bounds: Bounds, network: Network) -> list[float]:
    """[K] z · se of each protected task, in the unit of its bound; 0 of the others."""
    out = [0.0] * len(bounds.tolerances)
    if not bounds.protected:
        return out
    rows = bounds.validation_rows
    by_metric = bounds.kind == "metric"
    now = predict(network, bounds.dataset, rows) if by_metric else row_losses(
        network, bounds.losses, bounds.dataset, rows
    )  # fmt: skip
    for task, held in bounds.protected.items():
        error = _of_lists(bounds, task, held, now) if by_metric else _of_losses(bounds, task, held, now)
        out[task] = bounds.margin * error
    return out


def keep_distance(bounds: Bounds, reading: Reading) -> None:
    """Violations of single batches keep the distance that this reading of all validation rows has."""
    for task, held in bounds.protected.items():
        held.distance = reading.distance[task] if reading.distance else 0.0


def _of_losses(bounds: Bounds, task: int, held: Protected, each: Tensor) -> float:
    """Of the mean loss, from the row losses [n, K] under the network."""
    assert held.validation_noise is not None
    weight = bounds.dataset.weight[bounds.validation_rows, task].to(each.dtype)
    whole = total(weight)
    mean = each[:, task].sum() / whole
    apart = each[:, task] - mean * weight - held.validation_noise  # [n] its sum is 0
    lists = bounds.dataset.groups(bounds.validation_rows)
    if lists is not None:
        _, place = lists.unique(return_inverse=True)
        apart = torch.zeros(int(place.max()) + 1, dtype=apart.dtype, device=apart.device).index_add_(0, place, apart)
    return (len(apart) / max(1, len(apart) - 1) * (apart.square().sum()) / whole.square()).sqrt().item()


def _of_lists(bounds: Bounds, task: int, held: Protected, given: Tensor) -> float:
    """Of the mean over lists of a metric, from the predictions [n, C] of the network."""
    assert held.validation_given is not None
    now = _each_list(bounds, task, given[:, bounds.losses.columns[task]])
    apart = now - _each_list(bounds, task, held.validation_given)
    return float(apart.std(ddof=1) / len(apart) ** 0.5) if len(apart) > 1 else 0.0


def _each_list(bounds: Bounds, task: int, given: Tensor) -> NDArray[np.float64]:
    """[lists] the metric of each list of the validation rows with a gain, from predictions [n, c]."""
    rows, of_lists = bounds.validation_rows, bounds.losses.functions[task].of_lists
    known, lists = bounds.dataset.mask[rows, task], bounds.dataset.groups(rows)
    assert of_lists is not None
    assert lists is not None
    return of_lists.each(given[known, 0], bounds.dataset.labels[rows, task][known], lists[known])
