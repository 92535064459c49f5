"""What a daily update moved: users, their neighbours, and the items that lie elsewhere afterwards."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.data.histories.histories import Histories
from core.users.embedding.model import UserModel
from core.users.embedding.shared_space import SharedSpace
from core.users.neighbours.index import NeighbourIndex
from core.users.neighbours.similarity import unit
from core.users.study.judging import NEAREST, nearest_rows

MOST_USERS = 2_000  # drawn at random where there are more
MOST_TOLD = 5


@dataclass(frozen=True)
class Moved:
    """Two models on the same histories. A user's way is 1 − the cosine of its two embeddings; items likewise."""

    users: int
    way: float  # median over users
    kept: float  # share of a user's ten nearest that stay among them
    farthest: tuple[tuple[str, float], ...]  # users, by way
    items: tuple[tuple[str, float], ...]  # titles of those known to both, by way
    new_items: int  # that the model before did not know

    def in_words(self) -> str:
        """Two sentences."""
        said = (
            f"Of a user's ten nearest {self.kept:.0%} stayed; the median user moved by {self.way:.3f} "
            "(1 − cosine of before and after)."
        )
        if self.items:
            said += f" Farthest went the items {', '.join(title for title, _ in self.items[:3])}."
        return said

    def as_fields(self) -> dict[str, Any]:
        return {
            "users": self.users,
            "way": round(self.way, 5),
            "kept": round(self.kept, 4),
            "farthest": [[name, round(way, 4)] for name, way in self.farthest],
            "items": [[title, round(way, 4)] for title, way in self.items],
            "new_items": self.new_items,
        }


def moved(before: UserModel, after: UserModel, histories: Histories, seed: int = 0) -> Moved:
    """What stands elsewhere under the model after, of users as they are at the end of these histories."""
    able = np.flatnonzero(np.diff(histories.offsets) > 0)
    chosen = np.sort(np.random.default_rng(seed).permutation(able)[:MOST_USERS])
    places = [SharedSpace.of(model, histories).vectors(histories, chosen.tolist()) for model in (before, after)]
    names = [str(user) for user in histories.users[chosen]]
    count = min(NEAREST, len(names) - 1)
    near = [nearest_rows(NeighbourIndex.build(names, place), count) for place in places]
    kept = [len(np.intersect1d(one, other)) for one, other in zip(*near, strict=True)]
    way = _way(*places)
    items, new = _items(before, after, histories)
    order = np.argsort(-way, kind="stable")[:MOST_TOLD]
    return Moved(
        users=len(names),
        way=float(np.median(way)),
        kept=float(np.mean(kept)) / max(count, 1),
        farthest=tuple((names[at], float(way[at])) for at in order),
        items=items,
        new_items=new,
    )


def _way(one: NDArray[np.float32], other: NDArray[np.float32]) -> NDArray[np.float32]:
    """1 − cosine of each two rows; columns that the model before did not have yet stand at the end of the other's."""
    one = np.pad(one, ((0, 0), (0, other.shape[1] - one.shape[1])))
    return np.asarray(1 - (unit(one) * unit(other)).sum(axis=1), dtype=np.float32)


def _items(before: UserModel, after: UserModel, histories: Histories) -> tuple[tuple[tuple[str, float], ...], int]:
    """The items whose rows of the table turned farthest, and how many the model before did not know."""
    seen = np.unique(histories.item)
    ids = [model.vocabularies["item"].ids(histories.items.name[seen]) for model in (before, after)]
    both = (ids[0] > 0) & (ids[1] > 0)
    rows = []
    for model, own in zip((before, after), ids, strict=True):
        network = model.network
        rows.append(network.table.detach().numpy()[network.embedding.starts["item"] + own[both]])
    way = _way(*rows)
    order = np.argsort(-way, kind="stable")[:MOST_TOLD]
    titles = histories.items.title[seen[both]]
    return tuple((str(titles[at]), float(way[at])) for at in order), int(((ids[0] == 0) & (ids[1] > 0)).sum())
