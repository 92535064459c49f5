"""Where the attention goes: by the kind of an event and its age, as in figure 8 of DUPN (§5.3)."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from core.data.dataset import Dataset
from core.data.histories.encode import Coded
from core.data.histories.fields import ASKED, EVENT, GAPS, HISTORY, QUERY
from core.data.histories.histories import Histories
from core.models.network import Network
from core.users.embedding.model import UserModel
from core.users.embedding.represent import CHUNK, batch_of, now, weights_of_events

AGES = ("< 1 h", "1–9 h", "9–24 h", "1–2 d", "2–7 d", "7–30 d", "> 30 d")
"""The buckets of an event's age, the youngest three and the hours between taken together."""
_ENDS = np.array([GAPS[3], GAPS[5], GAPS[6], GAPS[7], GAPS[8], GAPS[9]])
_OF_BUCKET = np.r_[0, np.searchsorted(_ENDS, np.r_[np.array(GAPS), 10**12], side="left")]  # gap id → age
PAPER = {"purchase": (0.30, 0.46), "cart": (0.24, 0.31), "click": (0.26, 0.16), "bookmark": (0.25, 0.02)}
"""Shares that the paper's figure shows at the youngest and at the oldest age; cart stays between its two values."""


@dataclass(frozen=True)
class ByAge:
    """Attention at A ages by kind of behaviour. A share is the mean attention to an event of that kind and age, divided
    by the sum of the kinds' means at that age: .25 each where the attention makes no difference between four kinds.
    Attention to an event is its weight times the events of its history, so that long histories count like short."""

    behaviours: tuple[str, ...]
    ages: tuple[str, ...]
    share: NDArray[np.float64]  # [behaviours, ages], NaN where there is no such event
    events: NDArray[np.int64]  # [behaviours, ages]


@torch.no_grad()
def of_dataset(network: Network, dataset: Dataset, behaviours: tuple[str, ...], split: str = "test") -> ByAge:
    """Over the histories of a split, each once, under the queries that were asked."""
    rows = dataset.rows[split]
    history = dataset.keys[HISTORY][rows]
    first = torch.from_numpy(np.unique(history.numpy(), return_index=True)[1])
    found = []
    for part in rows[first].split(CHUNK):
        batch = dataset.batch(part)
        found.append(weights_of_events(network, batch))
    return _shares(behaviours, *(np.concatenate(each) for each in zip(*found, strict=True)))


def of_users(model: UserModel, histories: Histories, users: list[int], moment: int | None = None) -> ByAge:
    """Over users as they are at a moment, without a query."""
    coded = Coded.of(histories, model.vocabularies)
    found = []
    for start in range(0, len(users), CHUNK):
        chosen = np.asarray(users[start : start + CHUNK], dtype=np.int64)
        found.append(
            weights_of_events(model.network, batch_of(model, histories, coded, chosen, now(histories, moment), None))
        )
    names = model.vocabularies["behaviour"].names
    return _shares(names, *(np.concatenate(each) for each in zip(*found, strict=True)))


@dataclass(frozen=True)
class Pull:
    """How much of the attention of a search falls on events of the query's category, means over `searches`.

    Only histories that hold such events and others count. `without`: the same histories without a query; `even`: where
    every event got the same.
    """

    asked: float
    without: float
    even: float
    searches: int


@torch.no_grad()
def pull_of_queries(network: Network, dataset: Dataset, split: str = "test", most: int = 2_000) -> Pull:
    """Over the searches of a split, each once."""
    rows = dataset.rows[split]
    first = torch.from_numpy(np.unique(dataset.keys[HISTORY][rows].numpy(), return_index=True)[1])
    names = [feature.name for feature in dataset.description.sequences]
    found: list[Tensor] = []
    for part in rows[first].split(CHUNK):
        batch = dataset.batch(part)
        ids = dict(zip(EVENT, network.embedding.event_ids(batch), strict=True))
        lists = dict(zip(names, batch.sequences, strict=True))
        unasked = [torch.zeros_like(values) if name in ASKED else values for name, values in lists.items()]
        silent = replace(batch, sequences=tuple(unasked))
        x = network.embedding(batch)
        asked = lists["query_category"][batch.keys[QUERY][batch.keys[HISTORY].argsort()], 0]
        own = (ids["category"] == asked.unsqueeze(1)) & x.known & (asked > 0).unsqueeze(1)
        mixed = own.any(1) & (x.known & ~own).any(1)
        shares = [
            (network.sharing.of_histories(read)[1] * own).sum(1)[mixed]  # type: ignore[operator]
            for read in (x, network.embedding(silent))
        ]
        found.append(torch.stack([*shares, (own.sum(1) / x.known.sum(1).clamp_min(1))[mixed]], 1))
        if sum(map(len, found)) >= most:
            break
    every = torch.cat(found)
    if not len(every):
        return Pull(math.nan, math.nan, math.nan, 0)
    means: list[float] = every.mean(0).tolist()
    return Pull(round(means[0], 4), round(means[1], 4), round(means[2], 4), len(every))


def _shares(
    behaviours: tuple[str, ...], weight: NDArray[np.float64], behaviour: NDArray[np.int64], gap: NDArray[np.int64]
) -> ByAge:
    """From events [n]: weight, id of the behaviour (1 … as in `behaviours`), id of the gap."""
    kinds, ages = len(behaviours), len(AGES)
    known = (behaviour > 0) & (behaviour <= kinds)
    cell = (behaviour[known] - 1) * ages + _OF_BUCKET[gap[known]]
    count = np.bincount(cell, minlength=kinds * ages).reshape(kinds, ages)
    total = np.bincount(cell, weights=weight[known], minlength=kinds * ages).reshape(kinds, ages)
    with np.errstate(invalid="ignore"):
        mean = total / count
        return ByAge(behaviours, AGES, mean / np.nansum(mean, axis=0), count)
