"""Weighted histories: users counted as always, but how much an event counts is learnt from who did alike next (ours).

    b_f(u)[v]  = log(1 + Σ_{t: v_t = v} g_f(age_t, kind_t)) · log(1 + U / U_v)
    s(u, u')   = Σ_f m_f cos(b_f(u), b_f(u')) / Σ_f m_f                              likeness of two users
    loss       = −mean_u Σ_{u'} q(u' | u) log softmax_{u' ≠ u}(c · s(u, u'))

f is a field (item, brand, category, shop, words of the title), v one of its values, t an event before the moment, U_v
the users who have v. Learnt are the weights g_f > 0 of an event by its age (a bucket of AGES) and kind, the mix m_f > 0
of the fields, and c: some two hundred numbers, far too few to know anybody by heart, and each can be read. q(u' | u) is
the overlap |A ∩ B| / |A ∪ B| of what u and u' turn to within the horizon after the moment, their items and categories
in equal parts, made to add up to 1 over u'; moments are drawn at random, users are those active before and after. What
is given back counts nowhere.

It is DUPN's attention by kind and age (§5.3) with the sequence left out and neighbours for a target. Embeddings are the
WIDTH strongest directions of the bags, side by side as √m_f · unit(b_f).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict
from torch import Tensor
from torch.nn import functional as F

from core.data.histories.histories import DAY, Histories
from core.errors import PrecedenceError
from core.users.embedding.history_fields import Field, fields_of

AGES = np.array([1, 2, 4, 7, 14, 30, 60, 120, 240]) * DAY
"""Upper ends of the buckets of an event's age, in seconds; one more is open."""
WIDTH = 128
STEPS, USERS = 150, 128
RATE, LAST_RATE = 0.06, 0.006  # of Adam, falling in a straight line
FIRST = 0.3  # moments begin when this share of the events has happened
BLOCK = 500  # users at a time


class Weights(BaseModel):
    """What was learnt: `events` [fields][ages][kinds] and `mix` [fields], by the names of fields and kinds."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    fields: tuple[str, ...]
    kinds: tuple[str, ...]
    events: tuple[tuple[tuple[float, ...], ...], ...]
    mix: tuple[float, ...]

    @classmethod
    def even(cls, fields: tuple[str, ...], kinds: tuple[str, ...]) -> Weights:
        """Every event and every field counts the same."""
        ones = tuple(tuple((1.0,) * len(kinds) for _ in range(len(AGES) + 1)) for _ in fields)
        return cls(fields=fields, kinds=kinds, events=ones, mix=(1.0,) * len(fields))


def learn(
    histories: Histories, steps: int = STEPS, seed: int = 0, progress: Callable[[int, int], None] = lambda at, of: None
) -> Weights:
    """The weights of these histories; even ones where they are too few or too short to learn from."""
    histories = histories.without_returns()
    fields, kinds = fields_of(histories), tuple(str(name) for name in histories.names["behaviour"])
    if not fields:
        raise PrecedenceError("These histories name fewer than two different items, so all users are alike in them.")
    even = Weights.even(tuple(field.name for field in fields), kinds)
    ahead = _Ahead(histories, seed)
    logs = torch.zeros(len(fields), len(AGES) + 1, len(kinds), requires_grad=True)
    mix, sharpness = torch.zeros(len(fields), requires_grad=True), torch.tensor(2.3, requires_grad=True)
    optimiser = torch.optim.Adam([logs, mix, sharpness], lr=RATE)
    for step in range(steps):
        drawn = ahead.draw()
        progress(step + 1, steps)
        if drawn is None:
            continue
        users, moment, wanted = drawn
        bags = _weighed(histories, fields, users, moment, logs)
        likeness = sum(share * (bag @ bag.T) for share, bag in zip(torch.softmax(mix, 0), bags, strict=True))
        scores = torch.exp(sharpness) * likeness - 1e9 * torch.eye(len(users))
        has = wanted.sum(1) > 0
        loss = -(wanted[has] * torch.log_softmax(scores[has], 1)).sum(1).mean()
        optimiser.param_groups[0]["lr"] = RATE + (LAST_RATE - RATE) * step / max(steps - 1, 1)
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
    if ahead.found == 0:
        return even
    with torch.no_grad():
        share = torch.softmax(mix, 0) * len(fields)
        events = tuple(tuple(tuple(round(v, 4) for v in row) for row in table) for table in logs.exp().tolist())
        return even.model_copy(update={"events": events, "mix": tuple(round(v, 4) for v in share.tolist())})


class _Ahead:
    """Draws moments, users who are active before and after them, and who of these will do alike."""

    def __init__(self, histories: Histories, seed: int) -> None:
        self.histories, self.user = histories, histories.user
        self.random = np.random.default_rng(seed)
        time = histories.time
        self.span = horizon(histories)
        self.first = int(np.quantile(time, FIRST)) if len(time) else 0
        self.last = max(int(time.max(initial=0)) - self.span // 2, self.first + 1)
        self.starts = time[np.minimum(histories.offsets[:-1], max(len(time) - 1, 0))] if len(time) else time
        self.found = 0

    def draw(self) -> tuple[NDArray[np.int64], int, Tensor] | None:
        """Users [n], the moment, and q [n, n]; None where nobody has anything in common."""
        histories, moment = self.histories, int(self.random.integers(self.first, self.last))
        inside = np.flatnonzero((histories.time >= moment) & (histories.time < moment + self.span))
        people = np.unique(self.user[inside])
        people = np.sort(self.random.permutation(people[self.starts[people] < moment])[:USERS])
        if len(people) < 3:
            return None
        inside = inside[np.isin(self.user[inside], people)]
        row = np.searchsorted(people, self.user[inside])
        wanted: NDArray[np.float32] = np.zeros((len(people), len(people)), dtype=np.float32)
        for values in (histories.item[inside], histories.category[inside]):
            overlap = _overlap(row[values > 0], values[values > 0], len(people))
            wanted += overlap / np.maximum(overlap.sum(1, keepdims=True), 1e-9)
        total = wanted.sum(1, keepdims=True)
        if not total.any():
            return None
        self.found += 1
        return people, moment, torch.from_numpy(wanted / np.maximum(total, 1e-9))


def horizon(histories: Histories) -> int:
    """Seconds ahead that learning looks: a month, or an eighth of a log that is shorter than eight months."""
    span = int(histories.time.max() - histories.time.min()) if len(histories.time) else 0
    return max(min(30 * DAY, span // 8), 1)


def _overlap(row: NDArray[np.int64], value: NDArray[Any], count: int) -> NDArray[np.float32]:
    """[count, count] |A ∩ B| / |A ∪ B| of the values of each two rows, 0 with oneself."""
    from scipy import sparse

    ones = np.ones(len(row), dtype=np.float32)
    has = sparse.coo_array((ones, (row, value)), (count, int(value.max(initial=0)) + 1)).tocsr()
    has.data[:] = 1  # coo has added up what stands twice
    size = np.diff(has.indptr)
    common = (has @ has.T).toarray()
    np.fill_diagonal(common, 0)
    return (common / np.maximum(size[:, None] + size[None, :] - common, 1)).astype(np.float32)


def _weighed(
    histories: Histories, fields: list[Field], users: NDArray[np.int64], moment: int, logs: Tensor
) -> list[Tensor]:
    """unit(b_f) [n, size] of each field, from the events of users [n] strictly before the moment."""
    row, place = events_before(histories, users, moment)
    age = torch.from_numpy(np.searchsorted(AGES, moment - histories.time[place]))
    kind = torch.from_numpy(histories.behaviour[place].astype(np.int64))
    rows, items, found = torch.from_numpy(row), histories.item[place], []
    for at, field in enumerate(fields):
        own = torch.from_numpy(field.values[items])  # [E, w]
        known, size = own >= 0, len(field.idf)
        weight = logs[at][age, kind].exp()[:, None].expand_as(own)[known]
        heard = torch.zeros(len(users) * size).index_add(0, (rows[:, None] * size + own)[known], weight)
        bag = torch.log1p(heard.view(len(users), size)) * torch.from_numpy(field.idf)
        found.append(F.normalize(bag, dim=1))
    return found


def events_before(
    histories: Histories, users: NDArray[np.int64], moment: int
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Whose (0 … n − 1) and which [E] events of users [n] are strictly before the moment."""
    first, last = histories.offsets[users], histories.offsets[users + 1]
    parts = [
        np.arange(start, start + np.searchsorted(histories.time[start:end], moment))
        for start, end in zip(first, last, strict=True)
    ]
    row = np.repeat(np.arange(len(users)), [len(part) for part in parts])
    return row, np.concatenate(parts) if parts else row


@dataclass(frozen=True)
class WeightedHistories:
    """The weights, and the directions of the users of a source: by them any user of the same source is embedded."""

    weights: Weights
    fields: list[Field]
    directions: NDArray[np.float32]  # [columns of all fields, width]

    @classmethod
    def of(cls, histories: Histories, weights: Weights) -> WeightedHistories:
        from sklearn.decomposition import TruncatedSVD  # two seconds to import

        histories = histories.without_returns()
        fields = [field for field in fields_of(histories) if field.name in weights.fields]
        bags = _all_bags(histories, fields, weights, 0)
        width = min(WIDTH, *bags.shape)
        exact = width < min(bags.shape) <= 4 * WIDTH
        found = TruncatedSVD(width, algorithm="arpack" if exact else "randomized", random_state=0)
        directions = found.fit(bags.astype(np.float64)).components_.T.astype(np.float32)
        # a direction's sign is arbitrary: fixed here, as in `counts`
        largest = directions[np.abs(directions).round(5).argmax(axis=0), np.arange(directions.shape[1])]
        return cls(weights, fields, directions * np.sign(largest))

    def vectors(
        self, histories: Histories, first: int = 0, progress: Callable[[int], None] = lambda done: None
    ) -> NDArray[np.float32]:
        """Embeddings [U − first, width] of the users from `first` on, just after the newest event of all."""
        bags = _all_bags(histories.without_returns(), self.fields, self.weights, first, progress)
        return np.asarray(bags @ self.directions, dtype=np.float32)


@torch.no_grad()
def _all_bags(
    histories: Histories,
    fields: list[Field],
    weights: Weights,
    first: int,
    progress: Callable[[int], None] = lambda done: None,
) -> Any:
    """Sparse rows √m_f · unit(b_f) [U − first, columns of all fields] as of just after the newest event of all."""
    from scipy import sparse

    place = [weights.fields.index(field.name) for field in fields]
    logs = torch.log(torch.tensor(weights.events)[place])
    kinds = histories.names["behaviour"]
    known = {name: at for at, name in enumerate(weights.kinds)}
    logs = logs[:, :, [known.get(str(name), 0) for name in kinds]]  # a kind that was not there counts as unknown does
    moment = int(histories.time.max(initial=0)) + 1
    parts = []
    for begin in range(first, len(histories), BLOCK):
        users = np.arange(begin, min(begin + BLOCK, len(histories)))
        bags = _weighed(histories, fields, users, moment, logs)
        shares = [weights.mix[at] ** 0.5 for at in place]
        parts.append(
            sparse.hstack([sparse.csr_array(share * bag.numpy()) for share, bag in zip(shares, bags, strict=True)])
        )
        progress(int(users[-1]) + 1)
    return sparse.vstack(parts, format="csr") if parts else sparse.csr_array((0, sum(len(f.idf) for f in fields)))
