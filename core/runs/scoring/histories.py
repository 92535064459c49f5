"""Users scored by a DUPN: their events in, what each task says of candidates out. Imports torch."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import torch

from core.data.dataset import Batch
from core.data.histories.encode import Coded, encode, encode_profile, encode_queries
from core.data.histories.field_vocabulary import FieldVocabularies, FieldVocabulary
from core.data.histories.fields import HISTORY, QUERY
from core.data.histories.histories import Histories
from core.data.histories.limits import events_kept
from core.data.histories.next_events import ranking_features
from core.data.histories.questions import VOCABULARIES
from core.data.new_rows import Findings
from core.data.parquet import Array
from core.data.prepared import standardised
from core.errors import PrecedenceError
from core.models.network import Network
from core.training.bundle import Bundle, answers
from core.users.embedding.represent import candidate_columns, now

OWN, POPULAR = 10, 10
"""Candidates of a user where none are named: the last different items, and everybody's most frequent ones."""
USERS_A_PASS = 256


@dataclass(frozen=True)
class Asked:
    """R candidates, user after user: numbers of the histories."""

    user: Array  # [R] int64
    item: Array  # [R] int64


class HistoryScorer:
    """A bundle of form "histories" with its vocabularies and the scales of its ranking features."""

    def __init__(self, bundle: Bundle, network: Network, name: str) -> None:
        held = bundle.vocabularies.get(VOCABULARIES)
        if held is None:
            raise PrecedenceError(
                f"The model {name} was kept without its vocabularies, as its histories were deleted while it trained; "
                "train it again."
            )
        self.bundle, self.network = bundle, network
        content = json.loads(held)
        fields = {field: FieldVocabulary(tuple(each["names"]), int(each["buckets"])) for field, each in content.items()}
        self.vocabularies = FieldVocabularies(fields)

    def score(self, histories: Histories, asked: Asked) -> tuple[dict[str, Array], Findings]:
        """By task what it says of each candidate [R, …], a moment after the newest event of all.

        Ranking features are counted from the events where training counted them so; others, as of a search page, are
        taken as average ones.
        """
        coded, moment = Coded.of(histories, self.vocabularies), now(histories, None)
        findings, parts = Findings(len(asked.user)), []
        dense = self._ranking(histories, asked, moment, findings)
        if unknown := int((coded.item[asked.item] == 0).sum()):
            findings.unseen["item"] = unknown
        for rows in _by_users(asked.user):
            batch = self._batch(histories, coded, asked.user[rows], asked.item[rows], moment, dense[rows])
            with torch.no_grad():
                parts.append(answers(self.network(batch), self.bundle))
        if not parts:
            raise PrecedenceError("There are 0 candidates to score; give users with events.")
        return {task: torch.cat([part[task] for part in parts]).numpy() for task in parts[0]}, findings

    def _ranking(self, histories: Histories, asked: Asked, moment: int, findings: Findings) -> Array:
        """[R, D] standardised as in training; 0 where nothing is known."""
        names = [one.name for one in self.bundle.description.dense]
        time = np.full(len(asked.user), moment)
        shop = histories.items.shop[asked.item].astype(np.int64)
        found = ranking_features(histories, asked.user, time, asked.item, shop)
        preparation = self.bundle.preparation
        scales = {one.name: (one.mean, one.deviation) for one in (preparation.numbers if preparation else ())}
        out = np.zeros((len(asked.user), len(names)), dtype=np.float32)
        for at, name in enumerate(names):
            if name in found and name in scales:
                out[:, at] = standardised(found[name].astype(np.float32), scales[name])
            else:
                findings.absent.append(name)
        return out

    def _batch(self, histories: Histories, coded: Coded, user: Array, item: Array, moment: int, dense: Array) -> Batch:
        description = self.bundle.description
        users, row = np.unique(user, return_inverse=True)
        lists = {f"history_{name}": ids for name, ids in encode(histories, coded, users, np.full(len(users), moment),
                 events_kept(description)).items()} | encode_queries([""], [""], self.vocabularies)  # fmt: skip
        columns = {name: ids[row] for name, ids in encode_profile(histories, self.vocabularies, users).items()}
        columns |= candidate_columns(histories, coded, item)
        empty, tasks = np.zeros(len(row), dtype=np.int64), len(description.card.tasks)
        sparse = np.stack([columns.get(one.name, empty) for one in description.sparse], 1)
        return Batch(
            sparse=torch.from_numpy(sparse).long(),
            dense=torch.from_numpy(dense),
            sequences=tuple(torch.from_numpy(lists[one.name]).long() for one in description.sequences),
            labels=torch.zeros(len(row), tasks),
            mask=torch.zeros(len(row), tasks, dtype=torch.bool),
            keys={HISTORY: torch.from_numpy(row).long(), QUERY: torch.zeros(len(row), dtype=torch.long)},
        )


def usual_candidates(histories: Histories) -> Asked:
    """Of each user the last OWN different items, the newest first, and the POPULAR most frequent ones of all."""
    often = np.bincount(histories.item, minlength=len(histories.items))
    often[0] = 0
    popular = [int(at) for at in np.argsort(-often, kind="stable")[:POPULAR] if often[at]]
    user, item = [], []
    for number in range(len(histories)):
        own = list(dict.fromkeys(histories.item[histories.of(number)][::-1].tolist()))[:OWN]
        chosen = list(dict.fromkeys([*own, *popular]))
        user += [number] * len(chosen)
        item += chosen
    return Asked(np.array(user, dtype=np.int64), np.array(item, dtype=np.int64))


def _by_users(user: Array) -> Iterator[slice]:
    """Rows of at most so many users at a time; `user` is in order."""
    starts = np.flatnonzero(np.r_[True, user[1:] != user[:-1]]) if len(user) else np.zeros(0, int)
    ends = [*starts[USERS_A_PASS::USERS_A_PASS], len(user)]
    first = 0
    for end in ends if len(user) else ():
        yield slice(first, int(end))
        first = int(end)
