"""Recent items: which items users turned to lately, in a measure that is chosen on the log's own past (ours). No torch.

    b_f(u)[v] = log(1 + Σ_{t: v_t = v} 2^(−age_t / h)) · log(1 + U / U_v)^r          f: item, brand, category, word, …
    b_0(u)[j] = exp(−½ ((log(1 + Σ_t 2^(−age_t / h)) − j / 2) / SPREAD)²)             how active the user is
    e(u)      = the WIDTH strongest directions of [ √m_f · unit(b_f(u)) ]_f,  m_item = 1

t is an event before the moment, v_t its value of the field, U_v the users who have v of U. The half-life h, how much
rarity counts (r: 1 is tf-idf, 0 counts the frequent like the rare), and the shares m of the activity and of each other
field are chosen one after another from the few values of `GRID`, by what is wanted: how much of the items of the time
that follows do ten neighbours have in common (|A ∩ B| / |A ∪ B|, as `core.users.study.judging` counts it), at CUTS
moments of the log's past. That is a dozen choices, so that it cannot learn anybody by heart.

Why it beats item tf-idf on logs of purchases: overlap is counted in items, a frequent one in common is as good as a
rare one; what was bought a year ago says little; and whoever buys ten things overlaps little with who buys hundreds.
Figures: docs/results.md, "Neighbours of users". What is given back counts nowhere.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.data.histories.histories import DAY, Histories
from core.errors import PrecedenceError
from core.users.embedding.history_fields import Field, fields_of

WIDTH, MANY, WIDTH_OF_MANY = 512, 20_000, 128  # directions, fewer above so many users
CENTRES, SPREAD = np.arange(17) / 2, 0.7  # of log(1 + weighted events)
CUTS, HORIZON, JUDGED, LEAST = 3, 30 * DAY, 500, 30  # of the choice: moments, time that follows, users
NEAREST = 10


@dataclass(frozen=True)
class Measure:
    """What was chosen: half-life in days, rarity, and the shares beside the items'."""

    half_life: float = 180.0
    rarity: float = 0.25
    activity: float = 0.05
    brand: float = 0.0
    category: float = 0.0
    shop: float = 0.0
    word: float = 0.0

    def share(self, field: str) -> float:
        """m_f of a field of events."""
        shares = {"item": 1.0, "brand": self.brand, "category": self.category, "shop": self.shop, "word": self.word}
        return shares[field]


GRID: dict[str, tuple[float, ...]] = {
    "rarity": (0.0, 0.25, 0.5, 1.0),
    "half_life": (60.0, 180.0, 540.0),
    "activity": (0.0, 0.05, 0.2),
    "word": (0.0, 0.2, 0.5),
    "category": (0.0, 0.2, 0.5),
    "brand": (0.0, 0.2, 0.5),
    "shop": (0.0, 0.2, 0.5),
}
"""In the order in which they are chosen."""


def choose(histories: Histories) -> Measure:
    """The measure of these histories; the usual one where they are too few or too short to choose by."""
    histories = histories.without_returns()
    best, known = Measure(), {field.name for field in fields_of(histories)}
    trials = _trials(histories)
    if not trials:
        return best
    found = _worth(trials, best)
    for name, values in GRID.items():
        if name in ("word", "category", "brand", "shop") and name not in known:
            continue
        for value in values:
            other = replace(best, **{name: value})
            worth = found if other == best else _worth(trials, other)
            if worth > found:
                best, found = other, worth
    return best


@dataclass(frozen=True)
class _Trial:
    """A moment of the past: what was known, whom to judge, and what everybody did next."""

    before: Histories
    fields: list[Field]
    judged: NDArray[np.int64]  # users
    overlap: NDArray[np.float32]  # [judged, U]
    active: NDArray[np.bool_]  # [U] who did anything next


def _trials(histories: Histories) -> list[_Trial]:
    if not len(histories.time):
        return []
    first, end = int(histories.time.min()), int(histories.time.max()) + 1
    horizon = max(min(HORIZON, (end - first) // (2 * CUTS + 2)), 1)
    random, found = np.random.default_rng(0), []
    for cut in range(1, CUTS + 1):
        moment = end - cut * horizon
        before = histories.until(moment)
        items = _next(histories, moment, horizon)
        active = np.diff(items.indptr) > 0
        able = np.flatnonzero(active & (np.diff(before.offsets) > 0))
        if len(able) < LEAST:
            continue
        judged = np.sort(random.permutation(able)[:JUDGED])
        common = (items[judged] @ items.T).toarray()
        size = np.diff(items.indptr)
        overlap = common / np.maximum(size[judged][:, None] + size[None] - common, 1)
        found.append(_Trial(before, fields_of(before), judged, overlap.astype(np.float32), active))
    return [trial for trial in found if trial.overlap.any()]


def _next(histories: Histories, moment: int, horizon: int) -> Any:
    """Sparse [U, items] of 1 where a user turns to an item within the horizon."""
    from scipy import sparse

    inside = (histories.time >= moment) & (histories.time < moment + horizon)
    ones = np.ones(int(inside.sum()), dtype=np.float32)
    shape = (len(histories), len(histories.items))
    items = sparse.coo_array((ones, (histories.user[inside], histories.item[inside])), shape).tocsr()
    items.data[:] = 1  # coo has added up what stands twice
    return items


def _worth(trials: list[_Trial], measure: Measure) -> float:
    """What ten neighbours have in common of what follows, over what anybody has: the mean over the trials."""
    found = []
    for trial in trials:
        bags = _bags(trial.before, trial.fields, measure, 0)
        rows = np.arange(len(trial.judged))
        likeness = (bags[trial.judged] @ bags.T).toarray()
        likeness[rows, trial.judged] = -1
        near = np.argsort(-likeness, axis=1, kind="stable")[:, :NEAREST]
        there = trial.active[near]
        common = (np.take_along_axis(trial.overlap, near, axis=1) * there).sum(axis=1)
        some = there.any(axis=1)
        others = max(int(trial.active.sum()) - 1, 1)
        anyone = (trial.overlap.sum() - trial.overlap[rows, trial.judged].sum()) / (len(rows) * others)
        if some.any() and anyone > 0:
            found.append(float((common[some] / there[some].sum(axis=1)).mean() / anyone))
    return float(np.mean(found)) if found else 0.0


@dataclass(frozen=True)
class RecentItems:
    """The measure, and the directions of the users of a source: by them any user of the same source is embedded."""

    measure: Measure
    fields: list[Field]
    directions: NDArray[np.float32]  # [columns of all fields, width]

    @classmethod
    def of(cls, histories: Histories, measure: Measure | None = None) -> RecentItems:
        from sklearn.decomposition import TruncatedSVD  # two seconds to import

        histories = histories.without_returns()
        fields = fields_of(histories)
        if not fields:
            raise PrecedenceError(
                "These histories name fewer than two different items, so all users are alike in them."
            )
        chosen = measure or choose(histories)
        bags = _bags(histories, fields, chosen, 0)
        width = min(WIDTH if len(histories) <= MANY else WIDTH_OF_MANY, *bags.shape)
        exact = width < min(bags.shape) <= 2 * width
        found = TruncatedSVD(width, algorithm="arpack" if exact else "randomized", n_iter=3, random_state=0)
        directions = found.fit(bags).components_.T.astype(np.float32)
        # a direction's sign is arbitrary: fixed here, as in `counts`
        largest = directions[np.abs(directions).round(5).argmax(axis=0), np.arange(directions.shape[1])]
        return cls(chosen, fields, directions * np.sign(largest))

    def vectors(
        self, histories: Histories, first: int = 0, progress: Callable[[int], None] = lambda done: None
    ) -> NDArray[np.float32]:
        """Embeddings [U − first, width] of the users from `first` on, just after the newest event of all."""
        bags = _bags(histories.without_returns(), self.fields, self.measure, first)
        progress(len(histories))
        return np.asarray(bags @ self.directions, dtype=np.float32)


def _bags(histories: Histories, fields: list[Field], measure: Measure, first: int) -> Any:
    """Sparse rows [√m_f · unit(b_f)]_f [U − first, columns of all fields], just after the newest event of all."""
    from scipy import sparse
    from sklearn.preprocessing import normalize

    part = slice(int(histories.offsets[first]), None)
    age = int(histories.time.max(initial=0)) + 1 - histories.time[part]
    weight = (0.5 ** (age / DAY / measure.half_life)).astype(np.float32)
    owner, count = histories.user[part] - first, len(histories) - first
    parts = []
    for field in fields:
        share = measure.share(field.name)
        if not share:
            continue
        own = field.values[histories.item[part]]  # [E, w]
        known = own >= 0
        rows, values = np.broadcast_to(owner[:, None], own.shape)[known], own[known]
        weights = np.broadcast_to(weight[:, None], own.shape)[known]
        heard = sparse.coo_array((weights, (rows, values)), (count, len(field.idf))).tocsr()
        parts.append(normalize(heard.log1p().multiply(field.idf**measure.rarity).tocsr()) * np.float32(share**0.5))
    if measure.activity:
        total = np.bincount(owner, weights=weight, minlength=count)
        level = np.exp(-0.5 * ((np.log1p(total)[:, None] - CENTRES) / SPREAD) ** 2) * (total > 0)[:, None]
        parts.append(sparse.csr_array(normalize(level).astype(np.float32) * np.float32(measure.activity**0.5)))
    return sparse.hstack(parts, format="csr")
