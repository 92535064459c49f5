"""Users and items in the one space that the next event is learnt in (`core.models.dupn_next`)."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch

from core.data.histories.encode import Coded
from core.data.histories.histories import Histories
from core.users.embedding.model import UserModel
from core.users.embedding.represent import Floats, batch_of, next_users, now


@torch.no_grad()
def item_vectors(model: UserModel, histories: Histories) -> Floats:
    """[I, H] where items 1 … I stand among users: W e_i."""
    sharing = model.network.sharing
    coded, one = Coded.of(histories, model.vocabularies), np.array([0])
    batch = batch_of(model, histories, coded, one, now(histories, None), None, np.arange(1, len(histories.items)))
    own = model.network.embedding(batch).candidate["item"][:, : model.network.embedding.item_width]
    found: Floats = sharing.place(own).numpy()  # type: ignore[operator]
    return found


def score_next(model: UserModel, histories: Histories, users: Sequence[int], moment: int) -> Floats:
    """[U, I] how well items 1 … I fit as each user's next after `moment`: u · W e_i."""
    return next_users(model, histories, users, moment) @ item_vectors(model, histories).T


def likely_next(model: UserModel, histories: Histories, user: int, moment: int | None = None) -> Floats:
    """[I] probability of items 1 … I to come next, among all of them: softmax of c u · W e_i."""
    scale = float(model.network.sharing.next_event.log_scale.detach().exp())  # type: ignore[union-attr, operator]
    scores = torch.from_numpy(score_next(model, histories, [user], now(histories, moment)))[0]
    found: Floats = torch.softmax(scale * scores, 0).numpy()
    return found
