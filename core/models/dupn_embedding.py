"""DUPN's input: events, query, user and candidates of a batch, embedded from one table."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from core.data.dataset import Batch, Dataset
from core.data.description import DatasetDescription
from core.data.histories.fields import ASKED, CANDIDATE, EVENT, HISTORY, QUERY, field_of
from core.data.histories.histories import WORDS
from core.errors import PrecedenceError
from core.models.dupn_start import counted_vectors
from core.models.dupn_time import TimeWaves

WIDTHS = {"item": 32, "shop": 24, "brand": 24, "category": 16, "word": 28,
          "scenario": 16, "behaviour": 16, "gap": 8, "hour": 4, "weekday": 4}  # fmt: skip
"""Embedding widths: the paper's, with its 16 for time divided into gap, time of day and day of the week (ours)."""
PROFILE_WIDTH = 32  # of each column of the user's profile (ours)
ITEM = ("item", "shop", "brand", "category", "words")
_ENDS = [sum(WIDTHS[field_of(name)] for name in ITEM[: at + 1]) for at in range(len(ITEM))]
ITEM_COLUMNS = {
    "item": slice(0, _ENDS[-1]),
    **{
        name: slice(end - WIDTHS[name], end) for name, end in zip(ITEM, _ENDS, strict=True) if name in ("shop", "brand")
    },
}
"""Where the part of an item that a candidate tells stands among e_t's columns."""
SAME = ("item", "shop", "brand", "category")
"""What a candidate and an event may have in common."""
AGE = "history_age"
PROPERTY = ("scenario", "behaviour", "gap", "hour", "weekday")


@dataclass(frozen=True)
class Embedded:
    """A batch of B rows that share N histories of at most T events, embedded. Row b asks about history row[b]."""

    items: Tensor  # [N, T, 124]
    properties: Tensor  # [N, T, 48]
    known: Tensor  # [N, T] bool, False where padded
    ids: Tensor  # [N, T] int64, of the items; 0 unknown
    behaviour: Tensor  # [N, T] int64
    gap: Tensor  # [N, T] int64, bucket of its age
    query: Tensor  # [N, 28 + 16] mean of the query's words, and its guessed category
    asked: Tensor  # [N] bool, whether there is a query
    fits_query: Tensor  # [N, T, 2] has event t the query's category; the share of the query's words that its item has
    profile: Tensor  # [N, 32 · columns]
    row: Tensor  # [B] int64
    same: dict[str, Tensor]  # [B, S, T] bool, has event t the own one: of an item S = 4, see SAME; its brand; its shop
    candidate: dict[str, Tensor]  # item [B, 124 + D + 1], brand [B, 24 + 1], shop [B, 24 + 1], ranking [B, D]


class HistoryEmbedding(nn.Module):
    """All fields in one table as wide as the widest; a narrower field uses its first columns.

    Events and candidates share the rows of a field, and so do words of items and of queries. An event is known where
    its gap is not 0; several words are averaged, which is a multi-hot vector times the table, scaled (ours).
    """

    def __init__(
        self, description: DatasetDescription, length: int, start: str = "random", time: str = "buckets"
    ) -> None:
        super().__init__()
        self.length = length
        self.start = start
        self.sequence = {feature.name: at for at, feature in enumerate(description.sequences)}
        self.sparse = {feature.name: at for at, feature in enumerate(description.sparse)}
        wanted = [*(f"history_{name}" for name in EVENT), *ASKED]
        missing = [name for name in wanted if name not in self.sequence]
        self.waves = TimeWaves(WIDTHS["gap"]) if time != "buckets" else None
        self.properties = tuple(name for name in PROPERTY if name != "gap" or time != "continuous")
        if description.form != "histories" or missing:
            raise PrecedenceError(
                f"The network 'dupn' reads histories of behaviour, and {description.card.title} has none; choose a "
                "data set of histories, or another network."
            )
        if self.waves is not None and AGE not in self.sequence:
            raise PrecedenceError(
                f"Ages of events are to be read continuously, and {description.card.title} was prepared without; set "
                "dataset.ages to true, or model.time to buckets."
            )
        columns = [(one.name, one.size) for one in description.sequences if one.name != AGE]
        columns += [(one.name, one.size) for one in description.sparse]
        sizes: dict[str, int] = {}
        for name, size in columns:
            sizes[field_of(name)] = max(sizes.get(field_of(name), 0), size)
        starts = dict(zip(sizes, [0, *torch.tensor(list(sizes.values())).cumsum(0).tolist()[:-1]], strict=True))
        self.sizes, self.starts = sizes, starts
        self.profile = [name for name in self.sparse if name.startswith("user_")]
        self.words = [f"word_{at + 1}" for at in range(WORDS)]
        self.fields = [field_of(name) for name in (*EVENT, *ASKED, *self.profile, *CANDIDATE)]
        self.table = nn.Embedding(sum(sizes.values()), max(*WIDTHS.values(), PROFILE_WIDTH))
        nn.init.normal_(self.table.weight, std=0.1)
        for field in PROPERTY:  # few values, each met very often: as long as those of items, or they are not heard
            nn.init.normal_(self.table.weight[starts[field] : starts[field] + sizes[field]])
        self.item_width = sum(WIDTHS[field_of(name)] for name in ITEM)
        self.property_width = sum(WIDTHS[name] for name in self.properties) + (WIDTHS["gap"] if self.waves else 0)
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
        ids = dict(zip([*EVENT, *ASKED], [ids for _, ids in parts], strict=False))
        at = len(EVENT) + len(ASKED) + len(self.profile)
        profile = values[at - len(self.profile) : at]  # each [N, 32]
        candidate = dict(zip(CANDIDATE, values[at:], strict=True))
        event["words"] = _mean(event["words"], ids["words"])
        candidate["words"] = _mean(candidate["words"], parts[-1][1])
        asked = (ids["query_words"] > 0).any(1) | (ids["query_category"] > 0).any(1)
        row = batch.keys[HISTORY]
        searched = asked[row].to(rows.dtype).unsqueeze(1)
        same = {name: self._same(name, batch, ids, row) for name in SAME}
        return Embedded(
            items=torch.cat([event[name] for name in ITEM], -1),
            properties=torch.cat([*(event[name] for name in self.properties), *self._continuous(batch)], -1),
            known=ids["gap"] > 0,
            ids=ids["item"],
            behaviour=ids["behaviour"],
            gap=ids["gap"],
            query=torch.cat((_mean(words, ids["query_words"]), _mean(category, ids["query_category"])), -1),
            asked=asked,
            fits_query=_fits_query(ids, rows.dtype),
            profile=torch.cat(profile, -1) if profile else rows.new_zeros(len(words), 0),
            row=row,
            same={"item": torch.stack(list(same.values()), 1), **{k: same[k].unsqueeze(1) for k in ("brand", "shop")}},
            candidate={
                "item": torch.cat([*(candidate[name] for name in ITEM), batch.dense, searched], -1),
                "brand": torch.cat((candidate["brand"], searched), -1),
                "shop": torch.cat((candidate["shop"], searched), -1),
                "ranking": batch.dense,
            },
        )

    def _continuous(self, batch: Batch) -> list[Tensor]:
        """[N, T, 8] ages as waves, where they are read so."""
        if self.waves is None:
            return []
        place = self._latest(batch.sequences[self.sequence["history_gap"]])
        waves: Tensor = self.waves(batch.sequences[self.sequence[AGE]].gather(1, place))
        return [waves]

    def _same(self, name: str, batch: Batch, ids: dict[str, Tensor], row: Tensor) -> Tensor:
        """[B, T] bool: does event t hold the candidate's id of this column? Never where the id is unknown (0)."""
        own = batch.sparse[:, self.sparse[name]].unsqueeze(1)
        return (ids[name][row] == own) & (own > 0)

    def forward(self, batch: Batch) -> Embedded:
        return self.assemble(self.table(self.row_numbers(batch)), batch)

    def begin(self, dataset: Dataset) -> None:
        """Before training: the vectors of names that training histories hold, see `dupn_start`."""
        if self.start != "counted":
            return
        own = torch.unique(dataset.keys[HISTORY][dataset.rows["train"]]).long()
        for name in ITEM:
            field = field_of(name)
            ids = dataset.sequences[self.sequence[f"history_{name}"]][own].cpu()
            vectors = counted_vectors(ids, self.sizes[field], WIDTHS[field])
            known = vectors.any(1)
            with torch.no_grad():
                rows = self.table.weight[self.starts[field] :][: self.sizes[field], : WIDTHS[field]]
                rows[known] = vectors[known].to(rows)

    def event_ids(self, batch: Batch) -> list[Tensor]:
        """Ids of the events that are read, a tensor [N, T] (words [N, T, WORDS]) for each column of EVENT."""
        return [ids for _, ids in self._ids(batch)[: len(EVENT)]]

    def _ids(self, batch: Batch) -> list[tuple[str, Tensor]]:
        """Field and ids of everything that is read, always in the same order: events, query, profile, candidate."""
        every = {name: batch.sequences[at] for name, at in self.sequence.items()}
        place = self._latest(every["history_gap"])
        parts = []
        for name in EVENT:
            ids = every[f"history_{name}"]
            if name == "words":
                ids = ids.view(len(ids), -1, WORDS)
                parts.append(ids.gather(1, place.unsqueeze(-1).expand(-1, -1, WORDS)))
            else:
                parts.append(ids.gather(1, place))
        # the rows of a history have one query and one user: any of them tells
        rows = batch.keys[HISTORY]
        one = rows.new_zeros(len(place)).index_copy_(0, rows, torch.arange(len(rows), device=rows.device))
        parts += [every[name][batch.keys[QUERY][one]] for name in ASKED]
        parts += [batch.sparse[one, self.sparse[name]] for name in self.profile]
        parts += [batch.sparse[:, self.sparse[name]] for name in CANDIDATE if name != "words"]
        parts.append(batch.sparse[:, [self.sparse[name] for name in self.words]])
        return list(zip(self.fields, parts, strict=True))

    def _latest(self, gap: Tensor) -> Tensor:
        """[N, T] places of the latest events of each history, oldest first; T the most that any of them has."""
        count = (gap > 0).sum(1)
        longest = max(1, min(self.length, int(count.max())))
        first = (count - longest).clamp_min(0)
        return first.unsqueeze(1) + torch.arange(longest, device=gap.device)


def _fits_query(ids: dict[str, Tensor], dtype: torch.dtype) -> Tensor:
    """[N, T, 2] by ids: 1 where an event has the query's category; the share of the query's words that its item has."""
    asked = ids["query_words"]  # [N, Q]
    category = (ids["category"] == ids["query_category"]) & (ids["category"] > 0)
    has = (ids["words"].unsqueeze(-1) == asked[:, None, None, :]).any(2) & (asked > 0).unsqueeze(1)  # [N, T, Q]
    share = has.sum(-1) / (asked > 0).sum(1).clamp_min(1).unsqueeze(1)
    return torch.stack((category.to(dtype), share.to(dtype)), -1)


def _mean(values: Tensor, ids: Tensor) -> Tensor:
    """Mean over the ids that are not 0: values [.., W, d], ids [.., W] → [.., d]; 0 where there is none."""
    known = (ids > 0).to(values.dtype).unsqueeze(-1)
    return (values * known).sum(-2) / known.sum(-2).clamp_min(1)
