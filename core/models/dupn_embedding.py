"""DUPN's input: events, query, user and candidates of a batch, embedded from one table."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from core.data.dataset import Batch
from core.data.description import DatasetDescription
from core.data.histories.fields import ASKED, CANDIDATE, EVENT, HISTORY, QUERY, field_of
from core.data.histories.histories import WORDS
from core.errors import PrecedenceError

WIDTHS = {"item": 32, "shop": 24, "brand": 24, "category": 16, "word": 28,
          "scenario": 16, "behaviour": 16, "gap": 8, "hour": 4, "weekday": 4}  # fmt: skip
"""Embedding widths: the paper's, with its 16 for time divided into gap, time of day and day of the week (ours)."""
PROFILE_WIDTH = 32  # of each column of the user's profile (ours)
ITEM = ("item", "shop", "brand", "category", "words")
PROPERTY = ("scenario", "behaviour", "gap", "hour", "weekday")


@dataclass(frozen=True)
class Embedded:
    """A batch of B rows that share N histories of at most T events, embedded. Row b asks about history row[b]."""

    items: Tensor  # [N, T, 124]
    properties: Tensor  # [N, T, 48]
    known: Tensor  # [N, T] bool, False where padded
    query: Tensor  # [N, 28 + 16] mean of the query's words, and its guessed category
    asked: Tensor  # [N] bool, whether there is a query
    profile: Tensor  # [N, 32 · columns]
    row: Tensor  # [B] int64
    candidate: dict[str, Tensor]  # item [B, 124], brand [B, 24], shop [B, 24], ranking [B, D]


class HistoryEmbedding(nn.Module):
    """All fields in one table as wide as the widest; a narrower field uses its first columns.

    Events and candidates share the rows of a field, and so do words of items and of queries. An event is known where
    its gap is not 0; several words are averaged, which is a multi-hot vector times the table, scaled (ours).
    """

    def __init__(self, description: DatasetDescription, length: int) -> None:
        super().__init__()
        self.length = length
        self.sequence = {feature.name: at for at, feature in enumerate(description.sequences)}
        self.sparse = {feature.name: at for at, feature in enumerate(description.sparse)}
        wanted = [*(f"history_{name}" for name in EVENT), *ASKED]
        missing = [name for name in wanted if name not in self.sequence]
        if description.form != "histories" or missing:
            raise PrecedenceError(
                f"The network 'dupn' reads histories of behaviour, and {description.card.title} has none; choose a "
                "data set of histories, or another network."
            )
        features = [*description.sequences, *description.sparse]
        sizes: dict[str, int] = {}
        for feature in features:
            field = field_of(feature.name)
            sizes[field] = max(sizes.get(field, 0), feature.size)
        starts = dict(zip(sizes, [0, *torch.tensor(list(sizes.values())).cumsum(0).tolist()[:-1]], strict=True))
        self.sizes, self.starts = sizes, starts
        self.profile = [name for name in self.sparse if name.startswith("user_")]
        self.words = [f"word_{at + 1}" for at in range(WORDS)]
        self.table = nn.Embedding(sum(sizes.values()), max(*WIDTHS.values(), PROFILE_WIDTH))
        nn.init.normal_(self.table.weight, std=0.1)
        self.item_width = sum(WIDTHS[field_of(name)] for name in ITEM)
        self.property_width = sum(WIDTHS[name] for name in PROPERTY)
        self.query_width = WIDTHS["word"] + WIDTHS["category"]
        self.profile_width = PROFILE_WIDTH * len(self.profile)
        self.ranking_width = len(description.dense)

    def row_numbers(self, batch: Batch) -> Tensor:
        """Table rows that the batch reads, one after another: [M]."""
        return torch.cat([ids.flatten() + self.starts[field] for field, ids in self._ids(batch)])

    def assemble(self, rows: Tensor, batch: Batch) -> Embedded:
        """The batch, embedded, from the gathered rows [M, 32]."""
        parts = self._ids(batch)
        found = rows.split([ids.numel() for _, ids in parts])
        values = [
            own.view(*ids.shape, -1)[..., : WIDTHS.get(field, PROFILE_WIDTH)]
            for own, (field, ids) in zip(found, parts, strict=True)
        ]
        event = dict(zip(EVENT, values, strict=False))
        words, category = values[len(EVENT)], values[len(EVENT) + 1]
        at = len(EVENT) + len(ASKED)
        profile = values[at]  # [N, columns, 32]
        sparse = dict(zip(CANDIDATE, values[at + 1 :], strict=False))
        ids = dict(zip([*EVENT, *ASKED], [ids for _, ids in parts], strict=False))
        candidate_ids = parts[-1][1]  # words, [B, WORDS]

        known = ids["gap"] > 0
        event["words"] = _mean(event["words"], ids["words"])
        sparse["words"] = _mean(sparse["words"], candidate_ids)
        history, _ = self._first_rows(batch)
        item = torch.cat([sparse[name] for name in ITEM], -1)
        return Embedded(
            items=torch.cat([event[name] for name in ITEM], -1),
            properties=torch.cat([event[name] for name in PROPERTY], -1),
            known=known,
            query=torch.cat((_mean(words, ids["query_words"]), _mean(category, ids["query_category"])), -1),
            asked=(ids["query_words"] > 0).any(1) | (ids["query_category"] > 0).any(1),
            profile=profile.flatten(1),
            row=history,
            candidate={"item": item, "brand": sparse["brand"], "shop": sparse["shop"], "ranking": batch.dense},
        )

    def forward(self, batch: Batch) -> Embedded:
        return self.assemble(self.table(self.row_numbers(batch)), batch)

    def _ids(self, batch: Batch) -> list[tuple[str, Tensor]]:
        """Field and ids of everything that is read, always in the same order: events, query, profile, candidate."""
        _, first = self._first_rows(batch)
        query = batch.keys[QUERY][first]  # the rows of a history have one query and one user
        every = {name: batch.sequences[at] for name, at in self.sequence.items()}
        gap = every["history_gap"]
        count = (gap > 0).sum(1)
        longest = max(1, min(self.length, int(count.max())))
        # the latest `longest` events of each history, still oldest first
        place = (count - longest).clamp_min(0)[:, None] + torch.arange(longest, device=gap.device)  # [N, T]
        place = place.clamp_max(gap.shape[1] - 1)
        parts = []
        for name in EVENT:
            ids = every[f"history_{name}"]
            if name == "words":
                ids = ids.view(len(ids), -1, WORDS)
                parts.append((name, ids.gather(1, place[:, :, None].expand(-1, -1, WORDS))))
            else:
                parts.append((name, ids.gather(1, place)))
        parts += [(name, every[name][query]) for name in ASKED]
        columns = [batch.sparse[first, self.sparse[name]] for name in self.profile]
        # each column of the profile is a field of its own, so its start is added here and not by the field
        offsets = [self.starts[name] for name in self.profile]
        stacked = [column + offset for column, offset in zip(columns, offsets, strict=True)]
        profile = torch.stack(stacked, 1) if stacked else gap.new_zeros(len(gap), 0)
        parts.append(("profile", profile))
        parts += [(name, batch.sparse[:, self.sparse[name]]) for name in CANDIDATE if name != "words"]
        parts.append(("words", batch.sparse[:, [self.sparse[name] for name in self.words]]))
        return [(field_of(name), ids) for name, ids in parts]

    def _first_rows(self, batch: Batch) -> tuple[Tensor, Tensor]:
        """History of each row [B], and a row of each history [N]."""
        history = batch.keys[HISTORY]
        first = torch.zeros(len(batch.sequences[self.sequence["history_gap"]]), dtype=torch.long, device=history.device)
        first[history] = torch.arange(len(history), device=history.device)
        return history, first


def _mean(values: Tensor, ids: Tensor) -> Tensor:
    """Mean over the ids that are not 0: values [.., W, d], ids [.., W] → [.., d]; 0 where there is none."""
    known = (ids > 0).to(values.dtype).unsqueeze(-1)
    return (values * known).sum(-2) / known.sum(-2).clamp_min(1)
