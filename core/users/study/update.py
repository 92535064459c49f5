"""The daily update (DUPN, §4.6): fine-tune on the newest day, recent rows counting more, nothing old forgotten.

Rows of the newest day and of the days before it are trained on together, each with the weight 2^(−age / half-life), so
that the new day leads and the old ones hold (ours: the paper says that recent data weigh more, not how). Answers that
take a week to come in (price level, brand, shop) are not known of rows younger than that, and do not teach. Names seen
for the first time get ids behind the old ones; their rows of the table begin as a copy of "unknown", which is how they
were read until then.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import torch

from core.data.dataset import Dataset
from core.data.description import DatasetDescription
from core.data.histories.field_vocabulary import FieldVocabularies, vocabularies
from core.data.histories.histories import DAY, Histories
from core.data.histories.questions import Questions, write_questions
from core.data.prepared import read_folder
from core.errors import PrecedenceError
from core.models.build import build
from core.models.losses import TaskLosses
from core.models.network import Network
from core.settings.run import RunConfig
from core.temporary import temporary_folder
from core.training.measure import read
from core.users.embedding.model import UserModel
from core.users.study.transfer import joint, train

LATE = ("ppp", "follow", "shop")
"""Tasks whose answers take up to a week."""
SHARES, OWN = "sharing.next_event.log_share", "sharing.next_event.own"
OLD_ROWS = 5_000  # older than anything trained on in the update: where forgetting would show


@dataclass(frozen=True)
class Updated:
    """The model after the update, and what it did."""

    model: UserModel
    rows: dict[str, int]  # of the newest day, replayed, of tomorrow, old
    grown: dict[str, int]  # field → new names
    before: dict[str, dict[str, float]]  # tomorrow | old → task → loss
    after: dict[str, dict[str, float]]

    def change(self, where: str) -> float:
        """Mean relative change of the tasks' losses, negative is better."""
        now, then = self.after[where], self.before[where]
        return float(np.mean([now[task] / then[task] - 1 for task in now]))


def update(
    model: UserModel,
    config: RunConfig,
    histories: Histories,
    questions: Questions,
    day: int,
    replay_days: int = 10,
    half_life: float = 3.0,
    most_new: int = 2_000,
) -> Updated:
    """Fine-tunes on the moments of one day, whose first second is `day`; judged on the day after and on old days.

    Where nothing older than ten days before it was asked, the oldest of the replayed days stand for the old ones.

    `replay_days` = 0 trains on the newest day alone, to compare with. `most_new` names a field at most.
    """
    age = (day + DAY - questions.time[questions.moment]) / DAY  # in days at the end of the newest day, [R]
    chosen = {
        "newest": np.flatnonzero((age > 0) & (age <= 1)),
        "replayed": np.flatnonzero((age > 1) & (age <= 1 + replay_days)),
        "tomorrow": np.flatnonzero((age > -1) & (age <= 0)),
        "old": np.flatnonzero(age > 11),
    }
    for name in ("newest", "tomorrow"):
        if not len(chosen[name]):
            raise PrecedenceError(f"There are no rows of {name} for the day that begins at {day}; choose another day.")
    old = chosen["old"] if len(chosen["old"]) else chosen["replayed"]
    chosen["old"] = old[np.random.default_rng(0).permutation(len(old))[:OLD_ROWS]]
    grown = grow_names(model.vocabularies, histories.until(day + DAY), most_new)
    data = encoded(model, histories, questions, grown)
    network = grow_network(model.network, model, data.description)
    wider = replace(model, network=network, description=data.description, vocabularies=grown)
    before = {where: _losses(network, data, chosen[where]) for where in ("tomorrow", "old")}
    weighted = replace(data, **_weighted(data, age, half_life), rows=_rows(chosen))
    trainer, _ = train(joint(config, data.description.card.task_names()), weighted, start=network.state_dict())
    trainer.network.eval()
    after = {where: _losses(trainer.network, data, chosen[where]) for where in ("tomorrow", "old")}
    return Updated(
        model=replace(wider, network=trainer.network, about={**model.about, "newest_day": day}),
        rows={name: len(rows) for name, rows in chosen.items()},
        grown={name: grown[name].size - model.vocabularies[name].size for name in grown.fields},
        before=before,
        after=after,
    )


def first_day(questions: Questions) -> int:
    """The first second of the first day after training on which something is asked, as on the day after it."""
    days = np.unique(questions.time // DAY)
    after = int(questions.time[questions.split == 1].min()) // DAY
    for day in days[days >= after]:
        if day + 1 in days:
            return int(day) * DAY
    raise PrecedenceError(
        "No two days after training follow one another with sessions to ask about, so there is no daily update to "
        "judge; give events that go on from day to day."
    )


def until(histories: Histories, day: int) -> Histories:
    """What is known at the end of the day that begins at `day`."""
    return histories.until(day + DAY)


def grow_names(known: FieldVocabularies, histories: Histories, most_new: int) -> FieldVocabularies:
    """The vocabularies with the names of these events added, at most so many a field, most frequent first."""
    now = vocabularies(histories)
    fields = {}
    for name, vocabulary in known.fields.items():
        fresh = [each for each in now[name].names if not vocabulary.id(each)] if name in now.fields else []
        fields[name] = vocabulary.grown(fresh[:most_new])
    return FieldVocabularies(fields)


def grow_network(network: Network, model: UserModel, description: DatasetDescription) -> Network:
    """The same network over larger vocabularies: old rows of the table as they are, new ones copies of "unknown"."""
    larger = build(model.config, description, 0)
    weights = dict(network.state_dict())
    old, new = network.embedding, larger.embedding
    table = larger.table.detach().clone()
    for field, start in new.starts.items():
        rows = network.table.detach()[old.starts[field] : old.starts[field] + old.sizes[field]]
        table[start : start + len(rows)] = rows
        table[start + len(rows) : start + new.sizes[field]] = rows[0]
    weights["embedding.table.weight"] = table
    if SHARES in weights:  # a new item is as rare as the rarest
        known = weights[SHARES]
        rare = known.min().expand(new.sizes["item"] - len(known))
        weights[SHARES] = torch.cat((known, rare))
        own = weights[OWN]  # a new kind counts as an unknown one
        weights[OWN] = torch.cat((own, own[:1].expand(new.sizes["behaviour"] - len(own), -1)))
    larger.load_state_dict(weights)
    return larger.eval()


def encoded(model: UserModel, histories: Histories, questions: Questions, names: FieldVocabularies) -> Dataset:
    """The questions under these vocabularies, as tensors."""
    with temporary_folder() as folder:
        write_questions(folder / "set", model.description.card, histories, names, questions)
        return read_folder(folder / "set")


def _weighted(data: Dataset, age: Any, half_life: float) -> dict[str, Any]:
    """Labels' mask and weights as they are known at the end of the newest day, older rows counting less."""
    late = torch.tensor([task.name in LATE for task in data.description.card.tasks])
    young = torch.from_numpy(age <= 7)
    mask = data.mask & ~(young.unsqueeze(1) & late)
    decay = torch.from_numpy(0.5 ** (np.maximum(age, 0) / half_life)).to(data.labels.dtype)
    return {"mask": mask, "weights": data.weight * mask * decay.unsqueeze(1)}


def _rows(chosen: Mapping[str, Any]) -> dict[str, torch.Tensor]:
    learnt = np.sort(np.r_[chosen["newest"], chosen["replayed"]])
    tensors = {"train": learnt, "validation": chosen["newest"], "test": chosen["tomorrow"]}
    return {name: torch.from_numpy(rows) for name, rows in tensors.items()}


def _losses(network: Network, data: Dataset, rows: Any) -> dict[str, float]:
    names = data.description.card.task_names()
    reading = read(network, TaskLosses(data), data, torch.from_numpy(np.sort(rows)))
    return dict(zip(names, reading.loss, strict=True))
