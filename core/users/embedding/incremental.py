"""One user read again after one more event, without rereading the history as far as the network allows it.

A state of the LSTM depends on the events up to it alone, so that states of the events in front that read as before are
kept, and the LSTM goes on from the first that reads otherwise. What makes an earlier event read otherwise:

- its age falls into another bucket of the paper's (`GAPS`): the gates see it, where the arm is gates or all. Old events
  seldom change bucket, and with the arms attention and none the LSTM sees no age at all;
- ages are read continuously (`model.time`) and enter the gates: then every event reads otherwise at every moment;
- the window slides: a history longer than the model's `length` loses its oldest event, and the first state with it.
  Then everything is read anew.

Attention, which every event enters with its present age, is always calculated anew: it is a small part.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

import numpy as np
import torch
from torch import Tensor

from core.data.histories.encode import Coded
from core.data.histories.histories import Histories
from core.models.dupn import UserRepresentation
from core.users.embedding.model import UserModel
from core.users.embedding.represent import Query, batch_of


@dataclass(frozen=True)
class ReadUser:
    """What a network made of one user's T events, and what it needs to go on from there."""

    representation: Tensor  # [2H]
    attention: Tensor  # [T], oldest first
    events: Tensor  # [T, E + P] what the LSTM saw of each event
    hidden: Tensor  # [T, H]
    cell: Tensor  # [T, H]
    kept: int  # events whose states were taken over from an earlier reading


@torch.no_grad()
def read_on(
    model: UserModel,
    histories: Histories,
    coded: Coded,
    user: int,
    moment: int,
    query: Query | None = None,
    before: ReadUser | None = None,
) -> ReadUser:
    """A user's events strictly before `moment` (seconds), going on from an earlier reading of the same user by the same
    model where there is one; equal to the full pass up to rounding."""
    sharing = cast(UserRepresentation, model.network.sharing)
    x = model.network.embedding(batch_of(model, histories, coded, np.array([user]), moment, query))
    count = int(x.known[0].sum())
    items = x.items[0, :count]
    properties = x.properties[0, :count] if sharing.in_gates else None
    events = items if properties is None else torch.cat((items, properties), -1)
    kept = _in_common(before.events, events) if before is not None else 0
    lstm = sharing.lstm
    hidden, cell = events.new_zeros(count, lstm.hidden), events.new_zeros(count, lstm.hidden)
    state = (events.new_zeros(lstm.hidden), events.new_zeros(lstm.hidden))
    if before is not None and kept:
        hidden[:kept], cell[:kept] = before.hidden[:kept], before.cell[:kept]
        state = hidden[kept - 1], cell[kept - 1]
    if kept < count:
        rest = None if properties is None else properties[kept:]
        hidden[kept:], cell[kept:] = lstm.go_on(items[kept:], rest, *state)
    padded = x.items.new_zeros(1, x.items.shape[1], lstm.hidden)
    padded[0, :count] = hidden
    users, weights = sharing.of_states(padded, x)
    return ReadUser(users[0], weights[0, :count], events, hidden, cell, kept)


def _in_common(one: Tensor, other: Tensor) -> int:
    """How many events in front are the same."""
    most = min(len(one), len(other))
    same = (one[:most] == other[:most]).all(-1)
    return most if bool(same.all()) else int((~same).int().argmax())
