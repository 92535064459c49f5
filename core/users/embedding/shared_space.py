"""One space of users and items by a trained DUPN: who is alike, and what comes next (ours).

    z(u)   = √ν unit(x_u)  ⊕  [ √m_f · unit(λ unit(Σ_t a_t φ_f(t)) + (1 − λ) unit(Σ_v w_v φ_f(v))) ]_f
    z(i)   = L c / (2 √ν) W e_i  ⊕  [ √m_f · unit(φ_f(i)) ]_f
    w_v    = log(1 + n_v) · log(1 + U / U_v)
    φ_f    = K_VL C⁻ᵀ, C Cᵀ = K_LL, K(v, v') = exp((cos(e_v, e_v') − 1) / τ)         of the main field
    φ_f(v) = unit(e_v)                                                               of the others

f is a field of events: the category (of histories without categories the item) is the main one, beside it words and
items. e are the network's trained vectors and a_t its attention without a query; v are the values among all of a user's
events, n_v of them, and U_v of U users have v. x_u and W e_i are where the next event places user and item and c is its
scale (`core.models.dupn_next`); L is the mean length of x over users. A network that does not foresee has no such part.
z(u) · z(i) says which item comes next, the cosine of z(u) and z(u') how alike two users are.

Attention knows the need of the moment and reads the latest events alone; the sum over all of them knows the taste. A
user is a kernel mean of events (Smola et al., ALT 2007), with the landmarks L of Nyström (Williams and Seeger, NIPS
2000): sixteen columns of a category do not keep hundreds apart, and what two users have in common is mostly the very
same category. What is given back counts nowhere. Figures and how it was chosen: docs/results.md, "Neighbours of users".
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from core.data.histories.encode import Coded
from core.data.histories.histories import RETURN, Histories
from core.models.dupn_embedding import WIDTHS
from core.models.dupn_own import LATER
from core.users.embedding.model import UserModel
from core.users.embedding.represent import CHUNK, Floats, batch_of, foresees, next_users, now
from core.users.neighbours.similarity import unit

ATTENTION = 0.4  # λ
SHARPNESS = 0.1  # τ
LANDMARKS = 256
SHARES = {"word": 0.5, "item": 0.1}  # m_f beside the main field's 1
NEXT = 0.1  # ν
MEASURED = 1_000  # users whose mean length is L


@dataclass(frozen=True)
class _Field:
    """Values [I, w] of each item's own (0: none), the features φ [size, d] and the rarity [size] of each value."""

    values: NDArray[np.int64]
    features: Floats
    rarity: Floats
    share: float

    def of_items(self) -> Floats:
        """√m · unit(φ) [I, d]."""
        total = self.features[self.values].sum(axis=1)
        return np.float32(self.share**0.5) * unit(total)

    def of_users(self, owner: NDArray[np.int64], item: NDArray[np.int64], attention: Floats, count: int) -> Floats:
        """The block of this field [count, d], from events [E]: whose, of which item, with how much attention."""
        values = self.values[item]
        known = values > 0
        rows = np.broadcast_to(owner[:, None], values.shape)[known]
        looked_at = self._bags(rows, values[known], np.broadcast_to(attention[:, None], values.shape)[known], count)
        every = self._bags(rows, values[known], np.ones(int(known.sum()), dtype=np.float32), count).log1p()
        every = every.multiply(self.rarity).tocsr()
        mixed = ATTENTION * unit(looked_at @ self.features) + (1 - ATTENTION) * unit(every @ self.features)
        return np.float32(self.share**0.5) * unit(mixed)

    def _bags(self, rows: NDArray[np.int64], values: NDArray[np.int64], weights: Floats, count: int) -> Any:
        from scipy import sparse

        return sparse.coo_array((weights, (rows, values)), (count, len(self.features))).tocsr()  # adds up what is twice


@dataclass(frozen=True)
class SharedSpace:
    """A model, and what it has to know of all users of a source to place any of them and any of its items."""

    model: UserModel
    coded: Coded
    fields: tuple[_Field, ...]
    length: float  # L

    @classmethod
    def of(cls, model: UserModel, histories: Histories) -> SharedSpace:
        coded, length = Coded.of(histories, model.vocabularies), 1.0
        kept = histories.without_returns()
        main = "category" if coded.category[kept.item].any() else "item"
        values = {"word": coded.words, "item": coded.item[:, None], "category": coded.category[:, None]}
        fields = []
        for name, own in values.items():  # the main field grows at its end when it learns new names
            share = 1.0 if name == main else SHARES.get(name, 0.0)
            if share and own.any():
                vectors = _vectors(model, name)
                features = landmark_features(vectors) if name == main else vectors
                fields.append(_Field(own.astype(np.int64), features, _rarity(own, len(vectors), kept), share))
        if foresees(model):
            drawn = np.random.default_rng(0).permutation(len(histories))[:MEASURED]
            lengths = np.linalg.norm(next_users(model, histories, drawn.tolist()), axis=1)
            length = float(lengths.mean()) if lengths.any() else 1.0
        fields.sort(key=lambda field: field.share)
        return cls(model, coded, tuple(fields), length)

    def vectors(
        self,
        histories: Histories,
        users: Sequence[int] | None = None,
        moment: int | None = None,
        progress: Callable[[int], None] = lambda done: None,
    ) -> Floats:
        """z [U, width] of users (all of them by default) from their events before `moment`, by default the end.

        The histories may be others, or of more users, but of the same items.
        """
        chosen = np.arange(len(histories)) if users is None else np.asarray(users, dtype=np.int64)
        found = []
        for start in range(0, len(chosen), CHUNK):
            found.append(self._of(histories, chosen[start : start + CHUNK], now(histories, moment)))
            progress(start + len(found[-1]))
        return np.concatenate(found)

    @torch.no_grad()
    def _of(self, histories: Histories, users: NDArray[np.int64], moment: int) -> Floats:
        """z [n, width] of so few users that the network reads them at once."""
        sharing = self.model.network.sharing
        x = self.model.network.embedding(batch_of(self.model, histories, self.coded, users, moment, None))
        states = sharing.states(x)  # type: ignore[operator]
        weights, read = sharing.of_states(states, x)[1].numpy(), x.known.sum(1).numpy()  # type: ignore[operator]
        begin, end = histories.offsets[users], histories.before(users, np.full(len(users), moment))[1]
        counts = end - begin
        owner = np.repeat(np.arange(len(users)), counts)
        back = (counts.cumsum() - 1)[owner] - np.arange(len(owner))  # events after it, of the same user
        place = (end - 1)[owner] - back
        at = read[owner] - 1 - back  # among those that the network reads
        attention = np.where(at >= 0, weights[owner, np.maximum(at, 0)], 0).astype(np.float32)
        given_back = np.flatnonzero(histories.names["behaviour"] == RETURN)
        kept = ~np.isin(histories.behaviour[place], given_back)
        events = owner[kept], histories.item[place[kept]], attention[kept]
        blocks = [field.of_users(*events, len(users)) for field in self.fields]
        if foresees(self.model):
            blocks.insert(0, np.float32(NEXT**0.5) * unit(sharing.next_users(x, states).numpy()))  # type: ignore[operator]
        return np.hstack(blocks)

    def items(self, histories: Histories) -> Floats:
        """z [I, width] of items 1 … I of these histories."""
        blocks = [field.of_items()[1:] for field in self.fields]
        if foresees(self.model):
            scale = float(self.model.network.sharing.next_event.log_scale.detach().exp())  # type: ignore[union-attr, operator]
            places = item_places(self.model, histories, self.coded)
            blocks.insert(0, np.float32(LATER * scale * self.length / NEXT**0.5) * places)
        return np.hstack(blocks)


@torch.no_grad()
def item_places(model: UserModel, histories: Histories, coded: Coded) -> Floats:
    """[I, H] where the next event places items 1 … I: W e_i."""
    one = np.array([0])
    batch = batch_of(model, histories, coded, one, now(histories, None), None, np.arange(1, len(histories.items)))
    own = model.network.embedding(batch).candidate["item"][:, : model.network.embedding.item_width]
    found: Floats = model.network.sharing.place(own).numpy()  # type: ignore[operator]
    return found


def landmark_features(vectors: Floats) -> Floats:
    """φ [size, d] of the kernel above, from unit vectors [size, w] of ids, the most frequent first and none at 0.

    Landmarks are the first ids, so that of a vocabulary that grows the first columns stay. φ_v · φ_v' is K(v, v') where
    one of the two is a landmark, and less where neither is near any.
    """
    from scipy.linalg import solve_triangular

    exact = vectors.astype(np.float64)
    marks = exact[1 : LANDMARKS + 1]
    kernel = np.exp((exact @ marks.T - 1) / SHARPNESS)
    lower = np.linalg.cholesky(kernel[1 : len(marks) + 1] + 1e-4 * np.eye(len(marks)))  # two names may have one vector
    features = solve_triangular(lower, kernel.T, lower=True).T.astype(np.float32)
    features[0] = 0
    return np.ascontiguousarray(features)


def _vectors(model: UserModel, field: str) -> Floats:
    """unit(e_v) [size, w] of the ids of a field, zeros for the unknown one and for those that were not learnt yet."""
    embedding = model.network.embedding
    rows = model.network.table.detach().numpy()[embedding.starts[field] :][: embedding.sizes[field], : WIDTHS[field]]
    vectors = unit(rows)
    vectors[(rows == rows[0]).all(axis=1)] = 0  # `grow_network` begins a new name as the unknown one
    return vectors


def _rarity(values: NDArray[Any], size: int, histories: Histories) -> Floats:
    """log(1 + U / U_v) [size] of each value of items [I, w]."""
    turned_to = np.unique(histories.user * len(values) + histories.item)  # once for each user and item
    user, own = turned_to // len(values), values[turned_to % len(values)]
    pairs = np.unique((user[:, None] * size + own).ravel())
    return np.log1p(len(histories) / np.maximum(np.bincount(pairs % size, minlength=size), 1)).astype(np.float32)
