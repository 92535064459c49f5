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
from core.errors import PrecedenceError
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

    def in_words(self) -> str:
        return (
            f"{self.neighbours:.4f} against {self.anyone:.4f}, {self.lift:.2f} × ({self.low:.2f}–{self.high:.2f}), "
            f"{self.users:,} users"
        )

    def as_fields(self) -> dict[str, float]:
        """Of a command's JSON: `overlap` with its 95 % interval, and how many times chance that is."""
        return {
            "overlap": round(self.neighbours, 6),
            "low": round(self.low * self.anyone, 6),
            "high": round(self.high * self.anyone, 6),
            "chance": round(self.anyone, 6),
            "times_chance": round(self.lift, 4),
            "users": self.users,
        }


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


def hidden_likeness(near: NDArray[np.int64]) -> dict[str, Lift]:
    """All that the shop's hidden truth says of neighbours."""
    tastes = {f"tastes_{least}": lift for least, lift in taste_precision(near).items()}
    return tastes | {"closest_tastes": closest_tastes(near), "segment": same_segment(near)}


def next_overlap(
    histories: Histories, near: NDArray[np.int64], moment: int, horizon: int = WEEK, facet: str = "category"
) -> Lift:
    """How much of the categories (or items) of the time after `moment` neighbours have in common, against any two.

    For two users it is |A ∩ B| / |A ∪ B| of what they turned to within `horizon` seconds; users who did nothing in it
    are left out, as users and as neighbours. Chance is the mean over all pairs of the others.
    """
    from scipy import sparse

    histories = histories.without_returns()
    inside = (histories.time >= moment) & (histories.time < moment + horizon)
    values = getattr(histories, facet)
    shape = (len(histories), int(values.max(initial=0)) + 1)
    inside &= values > 0
    ones = np.ones(int(inside.sum()), dtype=np.float32)
    has = sparse.coo_array((ones, (histories.user[inside], values[inside])), shape).tocsr()  # adds up what stands twice
    has.data[:] = 1
    size = np.diff(has.indptr)
    active = np.flatnonzero(size)
    common = (has @ has.T).toarray()
    overlap = common / np.maximum(size[:, None] + size[None, :] - common, 1)
    np.fill_diagonal(overlap, 0)
    there: Array = size[near] > 0
    own = np.take_along_axis(overlap, near, axis=1)
    judged = (size > 0) & there.any(axis=1)
    mean = (own * there).sum(axis=1)[judged] / there.sum(axis=1)[judged]
    chance = float(overlap[np.ix_(active, active)].sum()) / max(len(active) * (len(active) - 1), 1)
    if len(mean) < 2 or chance <= 0:
        raise PrecedenceError(
            f"{len(active)} users did anything in the last {horizon / 86_400:g} days, and they have too little in "
            "common to judge neighbours by; give a longer --horizon, or events of more users."
        )
    return _lift(mean, chance)


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
