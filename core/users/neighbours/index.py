"""An index of user embeddings: build, ask, add, replace."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from core.errors import PrecedenceError
from core.users.neighbours import faiss_indexes
from core.users.neighbours.faiss_indexes import Engine
from core.users.neighbours.similarity import COSINE, Similarity, Vectors


@dataclass(frozen=True)
class Neighbour:
    """A user near another; `similarity` is the score of the index's similarity: higher is nearer."""

    user: str
    similarity: float


@dataclass
class NeighbourIndex:
    """Users by embedding. `rows` maps a user to the id that faiss knows; made by `build` or `storage.load`."""

    similarity: Similarity
    engine: Engine
    users: list[str]
    faiss_index: Any
    recall: float | None = None  # of the ten nearest, measured when an approximate index was built; None: exact
    rows: dict[str, int] = field(init=False)
    _searched: Any = field(default=None, init=False)  # the copy on the GPU, or the index itself; None: to be made

    def __post_init__(self) -> None:
        self.rows = {user: row for row, user in enumerate(self.users)}

    @classmethod
    def build(
        cls, users: Sequence[str], vectors: ArrayLike, similarity: Similarity = COSINE, engine: Engine | None = None
    ) -> NeighbourIndex:
        """The index of `vectors` [U, width], one a user, exact or approximate by their number unless `engine` says."""
        names = list(users)
        checked = _checked(names, vectors, None, similarity)
        if not names:
            raise PrecedenceError("There are 0 users to index; give at least one user with its embedding.")
        chosen = engine or faiss_indexes.engine_for(len(names))
        index = (
            faiss_indexes.exact(checked.shape[1], similarity)
            if chosen == "exact"
            else faiss_indexes.inverted(checked, similarity)
        )
        index.add_with_ids(checked, np.arange(len(names), dtype=np.int64))
        recall = None if chosen == "exact" else faiss_indexes.tune(index, checked, similarity)
        return cls(similarity, chosen, names, index, recall)

    def __len__(self) -> int:
        return len(self.users)

    @property
    def width(self) -> int:
        return int(self.faiss_index.d)

    def add(self, users: Sequence[str], vectors: ArrayLike) -> None:
        """Adds users without a rebuild; one who is there already gets the new embedding in place of the old.

        The engine stays what it was: an exact index that grows past EXACT_USERS stays right and becomes slow, an
        approximate one keeps its lists.
        """
        names = list(users)
        checked = _checked(names, vectors, self.width, self.similarity)
        known = np.array([self.rows[user] for user in names if user in self.rows], dtype=np.int64)
        if len(known):
            self.faiss_index.remove_ids(known)
        for user in names:
            if user not in self.rows:
                self.rows[user] = len(self.users)
                self.users.append(user)
        self.faiss_index.add_with_ids(checked, np.array([self.rows[user] for user in names], dtype=np.int64))
        self._searched = None

    def neighbours(self, user: str, count: int = 10) -> list[Neighbour]:
        """The users nearest to one who is in the index, nearest first, without the user."""
        found = self.search(self.vector(user)[None], count + 1)[0]
        return [each for each in found if each.user != user][:count]

    def search(self, vectors: ArrayLike, count: int = 10) -> list[list[Neighbour]]:
        """The users nearest to each embedding of `vectors` [Q, width], nearest first."""
        if count < 1:
            raise PrecedenceError(f"{count} neighbours cannot be looked for; ask for one or more.")
        queries = _checked(None, vectors, self.width, self.similarity)
        if self._searched is None:
            self._searched = faiss_indexes.on_gpu(self.faiss_index)
        answers, rows = self._searched.search(queries, min(count, len(self)))
        scores = self.similarity.score(answers)
        return [
            [Neighbour(self.users[row], float(score)) for row, score in zip(own, said, strict=True) if row >= 0]
            for own, said in zip(rows, scores, strict=True)
        ]

    def vector(self, user: str) -> Vectors:
        """The embedding [width] that is stored for a user, as the similarity prepared it."""
        if user not in self.rows:
            raise PrecedenceError(f"There is no user {user[:60]!r} in the index; give one of its {len(self)} users.")
        stored: Vectors = self.faiss_index.reconstruct(self.rows[user])
        return stored

    def vectors(self) -> Vectors:
        """The embeddings [U, width] of all users as they are stored, in the order of `users`."""
        stored: Vectors = self.faiss_index.reconstruct_batch(np.arange(len(self), dtype=np.int64))
        return stored


def _checked(users: list[str] | None, vectors: ArrayLike, width: int | None, similarity: Similarity) -> Vectors:
    """Embeddings as faiss takes them: float32, finite, one a user, prepared for the similarity."""
    try:
        checked = np.ascontiguousarray(vectors, dtype=np.float32)
    except (TypeError, ValueError) as error:
        raise PrecedenceError(f"The embeddings are no table of numbers ({error}); give one row a user.") from error
    if checked.ndim != 2 or (width is not None and checked.shape[1] != width) or checked.shape[1] == 0:
        expected = "[users, width]" if width is None else f"[users, {width}]"
        raise PrecedenceError(f"The embeddings have the shape {list(checked.shape)}; expected {expected}.")
    if not np.isfinite(checked).all():
        row = int(np.flatnonzero(~np.isfinite(checked).all(axis=1))[0])
        who = f"user {users[row][:60]!r}" if users and row < len(users) else f"row {row}"
        raise PrecedenceError(f"The embedding of {who} holds a value that is not finite; embed that user again.")
    if users is not None:
        if len(users) != len(checked):
            raise PrecedenceError(f"There are {len(users)} users and {len(checked)} embeddings; give one each.")
        if len(set(users)) != len(users):
            twice = next(user for at, user in enumerate(users) if user in users[:at])
            raise PrecedenceError(f"User {twice[:60]!r} stands more than once; give each user once.")
    return np.ascontiguousarray(similarity.prepare(checked), dtype=np.float32)
