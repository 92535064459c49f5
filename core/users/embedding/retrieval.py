"""What comes next, by the space that users and items share and by the user's own events (`core.models.dupn_next`)."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from core.data.histories.histories import Histories
from core.users.embedding.model import UserModel
from core.users.embedding.represent import Floats, next_own, now
from core.users.embedding.shared_space import SharedSpace


def likely_next(space: SharedSpace, histories: Histories, users: Sequence[int], moment: int | None = None) -> Floats:
    """[U, I] probability p(i | u) of items 1 … I to be each user's next after `moment`, see `core.models.dupn_own`; of
    a model that foresees."""
    fits = space.vectors(histories, users, moment) @ space.items(histories).T
    fits = np.exp(fits - fits.max(axis=1, keepdims=True))
    own = _own(space.model, histories, users, now(histories, moment))
    together: Floats = fits.shape[1] * fits / fits.sum(axis=1, keepdims=True) + own
    return together / together.sum(axis=1, keepdims=True)


def _own(model: UserModel, histories: Histories, users: Sequence[int], moment: int) -> Floats:
    """[U, I] o(u, i) of items 1 … I, from the events that the network reads."""
    weights, chosen = next_own(model, histories, users, moment), np.asarray(users, dtype=np.int64)
    first, last = histories.before(chosen, np.full(len(chosen), moment), model.config.length)
    found = np.zeros((len(chosen), len(histories.items)), dtype=np.float32)
    for row, (begin, end) in enumerate(zip(first, last, strict=True)):
        np.add.at(found[row], histories.item[begin:end], weights[row, : end - begin])
    return found[:, 1:]
