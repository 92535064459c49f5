"""Attention by kind of behaviour and age of the event, over many users: the paper's own check (DUPN, arXiv 1805.10727).

A cell is the mean attention of one event of that kind and age, divided by the sum over kinds at that age, so that the
kinds of an age add up to 1. How the paper normalised is not said; its values at one age add up to about 1 too.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import torch

from core.data.histories.encode import Coded
from core.data.histories.histories import Histories
from core.users.ages import AGES
from core.users.model import UserModel
from core.users.represent import CHUNK, batch_of, now
from core.users.spaces import AttentionTable

USERS = 2000  # at most, drawn at random
FEWEST = 30  # events of a cell


def attention_table(
    model: UserModel, histories: Histories, seed: int = 0, progress: Callable[[int], None] = lambda done: None
) -> AttentionTable:
    """Without a query, at the end of the histories, for USERS users."""
    random = np.random.default_rng(seed)
    users = np.sort(random.choice(len(histories), min(USERS, len(histories)), replace=False))
    coded, moment = Coded.of(histories, model.vocabularies), now(histories, None)
    kinds = [str(name) for name in histories.names["behaviour"][1:]]
    total, events = np.zeros((len(kinds) + 1, len(AGES))), np.zeros((len(kinds) + 1, len(AGES)), dtype=np.int64)
    for start in range(0, len(users), CHUNK):
        part = users[start : start + CHUNK]
        x = model.network.embedding(batch_of(model, histories, coded, part, moment, None))
        with torch.no_grad():
            weights = model.network.sharing.of_histories(x)[1].numpy()  # type: ignore[operator]
        for row, (user, known) in enumerate(zip(part, x.known.numpy(), strict=True)):
            own = weights[row][known]  # the latest events, oldest first
            place = slice(int(histories.offsets[user + 1]) - len(own), int(histories.offsets[user + 1]))
            age = np.searchsorted([limit for limit, _ in AGES[:-1]], moment - histories.time[place], side="right")
            np.add.at(total, (histories.behaviour[place], age), own * len(own))  # 1: an equal share
            np.add.at(events, (histories.behaviour[place], age), 1)
        progress(start + len(part))
    mean = np.where(events >= FEWEST, total / np.maximum(events, 1), np.nan)[1:]
    known_kinds = np.isfinite(mean).sum(axis=0) > 1
    share = np.where(known_kinds, mean / np.nansum(np.where(known_kinds, mean, 1.0), axis=0), np.nan)
    return AttentionTable(
        kinds=kinds,
        ages=[name for _, name in AGES],
        share=[[float(value) if np.isfinite(value) else None for value in row] for row in share],
        events=events[1:].tolist(),
        users=len(users),
    )
