"""Which item comes next? Counted, by sequence networks of equal width, and by DUPN, on the same users.

The moment is the end of the data less the horizon; everything is learnt from the events before it. Judged are users
with events on both sides, by the first item that they turn to after it, among all items that were seen before it:

    recall@10 = share of users whose item is among the ten that score highest
    MRR@10    = mean of 1 / its place among them, 0 beyond

An item that was never seen before the moment counts as missed by everyone.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from core.data.histories.histories import Histories
from core.errors import PrecedenceError
from core.models.next_item import GRU4Rec, NextItem, SASRec
from core.statistics import NORMAL_95
from core.users.embedding.model import UserModel
from core.users.embedding.represent import foresees, score_items
from core.users.embedding.retrieval import likely_next
from core.users.embedding.shared_space import SharedSpace

WIDTH, LENGTH = 64, 50
STEPS, USERS, RATE = 400, 64, 3e-3
MOST_JUDGED = 1_000
PLACES = 10
OTHERS: dict[str, type[NextItem]] = {"gru4rec": GRU4Rec, "sasrec": SASRec}
Score = Callable[[NDArray[np.int64]], NDArray[np.float32]]
"""users [n] → scores [n, I] of items 1 … I"""


@dataclass(frozen=True)
class Judged:
    """A model's figures over users, with half of the 95 % interval of recall."""

    model: str
    recall: float
    half: float
    mrr: float
    users: int

    def as_fields(self) -> dict[str, Any]:
        return {
            "model": self.model,
            "recall_at_10": round(self.recall, 4),
            "low": round(max(self.recall - self.half, 0.0), 4),
            "high": round(self.recall + self.half, 4),
            "mrr_at_10": round(self.mrr, 4),
            "users": self.users,
        }


def judge(
    histories: Histories, moment: int, seed: int = 0, dupn: UserModel | None = None, steps: int = STEPS
) -> list[Judged]:
    """Popularity, the user's own items, the two sequence networks, and DUPN where a model is given."""
    histories = histories.without_returns()
    before = histories.until(moment)
    users, wanted = _asked(histories, before, moment, seed)
    scores: dict[str, Score] = {"popular": _popular(before), "own items": _own(before)}
    scores |= {name: _network(kind, before, seed, steps) for name, kind in OTHERS.items()}
    if dupn is not None:
        scores["dupn"] = _clicks(dupn, before, moment)
        if foresees(dupn):
            space = SharedSpace.of(dupn, before)
            scores["dupn, next event"] = lambda users: likely_next(space, before, users.tolist(), moment)
    return [_figures(name, score(users), wanted, before) for name, score in scores.items()]


def _asked(
    histories: Histories, before: Histories, moment: int, seed: int
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Users [n] with events on both sides of the moment, and the first item [n] of each after it."""
    seen = np.diff(before.offsets)
    first = histories.offsets[:-1] + seen
    able = np.flatnonzero((seen > 0) & (first < histories.offsets[1:]))
    if len(able) < 2:
        raise PrecedenceError(
            f"{len(able)} users have events on both sides of the moment, too few to judge by; give another --horizon."
        )
    users = np.sort(np.random.default_rng(seed).permutation(able)[:MOST_JUDGED])
    return users, histories.item[first[users]].astype(np.int64)


def _figures(name: str, scores: NDArray[np.float32], wanted: NDArray[np.int64], before: Histories) -> Judged:
    known = np.bincount(before.item, minlength=len(before.items))[1:] > 0
    scores = np.where(known, scores, -np.inf)
    own = scores[np.arange(len(wanted)), wanted - 1]
    place = 1 + (scores > own[:, None]).sum(axis=1) + ((scores == own[:, None]).sum(axis=1) - 1) / 2  # ties: the middle
    place = np.where(np.isfinite(own), place, np.inf)
    hit = place <= PLACES
    half = NORMAL_95 * float(hit.std(ddof=1)) / len(hit) ** 0.5
    return Judged(name, float(hit.mean()), half, float(np.where(hit, 1 / place, 0).mean()), len(hit))


def _popular(before: Histories) -> Score:
    counts = np.bincount(before.item, minlength=len(before.items))[1:].astype(np.float32)
    return lambda users: np.tile(counts, (len(users), 1))


def _own(before: Histories) -> Score:
    """How often the user turned to it; among the others how often everybody did."""
    counts = np.bincount(before.item, minlength=len(before.items))[1:].astype(np.float32)

    def score(users: NDArray[np.int64]) -> NDArray[np.float32]:
        found = np.tile(counts / (counts.sum() + 1), (len(users), 1))
        for row, user in enumerate(users):
            found[row] += np.bincount(before.item[before.of(int(user))], minlength=len(before.items))[1:]
        return found

    return score


def _network(kind: type[NextItem], before: Histories, seed: int, steps: int) -> Score:
    """A network that was trained on the sequences before the moment: windows of LENGTH + 1 events drawn at random."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        network = kind(len(before.items) - 1, WIDTH, LENGTH)
        share = np.bincount(before.item, minlength=len(before.items)) / max(len(before.item), 1)
        log_share = torch.log(torch.from_numpy(np.maximum(share, 1e-9)).float())
        optimiser = torch.optim.Adam(network.parameters(), lr=RATE)
        random = np.random.default_rng(seed)
        able = np.flatnonzero(np.diff(before.offsets) > 1)
        if not len(able):
            raise PrecedenceError("No user has two events before the moment, so there is no sequence to learn from.")
        for _ in range(steps):
            users = random.choice(able, min(USERS, len(able)), replace=False)
            loss = network.loss(_windows(before, users, LENGTH + 1, random), log_share)
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
        network.eval()
    return lambda users: network.scores(_windows(before, users, LENGTH)).numpy()


def _windows(
    before: Histories, users: NDArray[np.int64], length: int, random: np.random.Generator | None = None
) -> torch.Tensor:
    """Items [n, length] of users, padded behind with 0: the last ones, or with `random` a window drawn at random."""
    found: NDArray[np.int64] = np.zeros((len(users), length), dtype=np.int64)
    for row, user in enumerate(users):
        part = before.of(int(user))
        room = max(part.stop - part.start - length, 0)
        start = part.start + (room if random is None else int(random.integers(0, room + 1)))
        own = before.item[start : min(start + length, part.stop)]
        found[row, : len(own)] = own
    return torch.from_numpy(found)


def _clicks(model: UserModel, before: Histories, moment: int) -> Score:
    """DUPN's click head on every item; it was trained to say what is clicked on a page, not what comes next of all."""
    items = np.arange(1, len(before.items))
    return lambda users: np.stack([score_items(model, before, int(u), items.tolist(), moment=moment) for u in users])
