"""Are neighbours really alike? Judged by what no embedding has seen: the shop's hidden tastes, and the week to come.

Hidden tastes are the five strongest category tastes by which the simulator made a user act; they are read here alone.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.data.histories.histories import Histories
from core.data.parquet import Array
from core.data.sources.shop.tables import hidden_truth
from core.statistics import NORMAL_95
from core.users.neighbours.index import NeighbourIndex

NEAREST = 10
WEEK = 7 * 86_400
SHARED = (1, 2, 3)  # of the five tastes


@dataclass(frozen=True)
class Lift:
    """A mean over users of what their neighbours have in common with them, over what any two users have."""

    neighbours: float
    anyone: float
    lift: float
    low: float  # 95 % interval of the lift, users being the units
    high: float
    users: int


def nearest_rows(index: NeighbourIndex, count: int = NEAREST) -> NDArray[np.int64]:
    """[U, count] numbers of everybody's nearest users."""
    vectors = index.vectors()
    found = np.empty((len(vectors), count), dtype=np.int64)
    for row, near in enumerate(index.search(vectors, count + 1)):
        own = index.users[row]
        others = [index.rows[each.user] for each in near if each.user != own][:count]
        found[row] = others
    return found


def taste_precision(near: NDArray[np.int64]) -> dict[int, Lift]:
    """Precision@10 on the shop: the share of neighbours who have at least so many of the five hidden tastes in common.

    `near` [U, 10] numbers in the order of user ids. Chance is the same share over all pairs of users.
    """
    truth = hidden_truth()
    rows = (truth["kind"] == "user") & (truth["name"] == "taste")
    kinds, kind = np.unique(truth["text"][rows].astype(str), return_inverse=True)
    has = np.zeros((len(near), len(kinds)), dtype=np.float32)
    has[truth["id"][rows].astype(np.int64), kind] = 1
    common = has @ has.T
    np.fill_diagonal(common, -1)
    own = np.take_along_axis(common, near, axis=1)
    return {
        least: _lift((own >= least).mean(axis=1), float((common >= least).sum() / (len(near) * (len(near) - 1))))
        for least in SHARED
    }


def closest_tastes(near: NDArray[np.int64], part: float = 0.01) -> Lift:
    """Precision@10 on the shop: the share of neighbours who are among the 1 % of users closest in hidden tastes.

    Closeness is the cosine of the five strongest tastes with their strengths; chance is 1 %.
    """
    truth = hidden_truth()
    rows = (truth["kind"] == "user") & (truth["name"] == "taste")
    kinds, kind = np.unique(truth["text"][rows].astype(str), return_inverse=True)
    strength = np.zeros((len(near), len(kinds)), dtype=np.float32)
    strength[truth["id"][rows].astype(np.int64), kind] = truth["value"][rows]
    strength /= np.linalg.norm(strength, axis=1, keepdims=True)
    likeness = strength @ strength.T
    np.fill_diagonal(likeness, -1)
    most = round(part * (len(near) - 1))
    limit = -np.partition(-likeness, most - 1, axis=1)[:, most - 1]
    own = np.take_along_axis(likeness, near, axis=1)
    chance = float((likeness >= limit[:, None]).sum(axis=1).mean()) / (len(near) - 1)  # 1 %, and a little for ties
    return _lift((own >= limit[:, None]).mean(axis=1), chance)


def same_segment(near: NDArray[np.int64]) -> Lift:
    """Precision@10 for the shop's eight hidden segments."""
    truth = hidden_truth()
    rows = (truth["kind"] == "user") & (truth["name"] == "segment")
    segment = np.empty(len(near), dtype=object)
    segment[truth["id"][rows].astype(np.int64)] = truth["text"][rows]
    sizes = np.unique(segment.astype(str), return_counts=True)[1]
    chance = float((sizes * (sizes - 1)).sum() / (len(near) * (len(near) - 1)))
    return _lift((segment[near] == segment[:, None]).mean(axis=1), chance)


def next_week(histories: Histories, near: NDArray[np.int64], moment: int) -> Lift:
    """How much of the categories of the week after `moment` neighbours have in common, against any two users.

    For two users it is |A ∩ B| / |A ∪ B| of the categories of that week; users who did nothing in it are left out.
    """
    inside = (histories.time >= moment) & (histories.time < moment + WEEK)
    has = np.zeros((len(histories), int(histories.category.max(initial=0)) + 1), dtype=np.float32)
    has[histories.user[inside], histories.category[inside]] = 1
    has[:, 0] = 0
    active = has.sum(axis=1) > 0
    size = has.sum(axis=1)
    common = has @ has.T
    union = np.maximum(size[:, None] + size[None, :] - common, 1)
    overlap = common / union
    np.fill_diagonal(overlap, 0)
    there: Array = active[near]
    own = np.take_along_axis(overlap, near, axis=1)
    judged = active & there.any(axis=1)
    mean = (own * there).sum(axis=1)[judged] / there.sum(axis=1)[judged]
    people = int(active.sum())
    anyone = overlap[np.ix_(active, active)].sum(axis=1) / (people - 1)
    return _lift(mean, float(anyone.mean()))


def _lift(values: NDArray[np.float64], chance: float) -> Lift:
    """The mean of users' values over what chance gives, which is known over all pairs and so has no error here."""
    mean, error = float(values.mean()), float(values.std(ddof=1) / np.sqrt(len(values)))
    return Lift(
        mean,
        chance,
        mean / chance,
        (mean - NORMAL_95 * error) / chance,
        (mean + NORMAL_95 * error) / chance,
        len(values),
    )
