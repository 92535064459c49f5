"""Pairs of texts as DeepBoW takes them: every text of a batch once, and which two make a row."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from core.data.dataset import Batch, Dataset
from core.data.description import DatasetDescription
from core.errors import PrecedenceError
from core.task_kinds.kinds import KINDS

SIDES = ("query", "product")
PARTS = ("words", "rarity", "characters", "expansions", "sources", "shares", "roles")
"""The sequences of a side, `query_words` and so on; see `core.data.pairs.prepare.sequences_of`."""
LATER = "roles"
"""The part that earlier versions did not prepare: without it nothing is known of heads."""


@dataclass(frozen=True)
class Texts:
    """N texts: L ≥ 1 units (words, phrases, characters of longer words), M ≥ 1 characters, E ≥ 1 possible expansions
    each, 0 = padding, and the table's rows of the three."""

    words: Tensor  # [N, L] int64, ids of terms
    rarity: Tensor  # [N, L] int64, see core.data.text.rarity
    characters: Tensor  # [N, M] int64, ids of characters
    expansions: Tensor  # [N, E] int64, ids of terms
    sources: Tensor  # [N, E] int64, the unit that says each
    shares: Tensor  # [N, E] int64, step of P(term | source)
    roles: Tensor  # [N, L] int64, what a unit is to the thing; 0: unknown
    word_rows: Tensor  # [N, L, d]
    character_rows: Tensor  # [N, M, d]
    expansion_rows: Tensor  # [N, E, d]


@dataclass(frozen=True)
class Pairs:
    """B pairs (query, product)."""

    query: Texts
    product: Texts
    query_of: Tensor  # [B] int64, row of `query`
    product_of: Tensor  # [B] int64, row of `product`
    grades: Tensor  # [B] how many of the ordinal tasks hold; for the loss of the order alone


class PairEmbedding(nn.Module):
    """Terms and characters in one table: row 0 … terms − 1 are terms, then come characters.

    A batch reads the rows of its distinct texts, padding cut to its longest text.
    """

    def __init__(self, description: DatasetDescription, dim: int) -> None:
        super().__init__()
        names = [feature.name for feature in description.sequences]
        needed = [f"{side}_{part}" for side in SIDES for part in PARTS if part != LATER]
        if missing := [name for name in needed if name not in names]:
            raise PrecedenceError(
                f"The pairs of '{description.card.title}' were prepared by an earlier version (they lack "
                f"'{missing[0]}'); prepare them again."
            )
        self.places = {
            (side, part): names.index(f"{side}_{part}") for side in SIDES for part in PARTS if f"{side}_{part}" in names
        }
        self.graded = [at for at, task in enumerate(description.card.tasks) if KINDS[task.kind].is_yes_or_no]
        self.terms = description.sequences[self.places["query", "words"]].size
        characters = description.sequences[self.places["query", "characters"]].size
        self.table = nn.Embedding(self.terms + characters, dim)
        nn.init.normal_(self.table.weight, std=dim**-0.5)  # rows of length 1: a product of rows is a cosine

    def row_numbers(self, batch: Batch) -> Tensor:
        """[n] rows: words, characters and expansions of the queries, then of the products."""
        return torch.cat([ids.flatten() for side in SIDES for ids in self._numbers(self._lists(batch, side))])

    def assemble(self, rows: Tensor, batch: Batch) -> Pairs:
        """From gathered rows [n, d]."""
        sides, at = [], 0
        for side in SIDES:
            lists = self._lists(batch, side)
            parts = []
            for ids in self._numbers(lists):
                parts.append(rows[at : at + ids.numel()].view(*ids.shape, -1))
                at += ids.numel()
            sides.append(Texts(*lists, *parts))
        grades = batch.labels[:, self.graded].sum(1)
        return Pairs(sides[0], sides[1], batch.keys["query"], batch.keys["product"], grades)

    def texts(self, *lists: Tensor) -> Texts:
        """Single texts outside any batch, from their `PARTS`."""
        return Texts(*lists, *(self.table.weight[ids] for ids in self._numbers(lists)))

    def texts_of(self, dataset: Dataset, side: str, numbers: Tensor) -> Texts:
        """The texts of a side by their numbers [N]."""
        return self.texts(*self._of(dataset.sequences, side, numbers))

    def _of(self, sequences: Sequence[Tensor], side: str, numbers: Tensor | slice) -> list[Tensor]:
        """A side's `PARTS` of texts."""
        words = sequences[self.places[side, "words"]][numbers].long()
        found = [self.places.get((side, part)) for part in PARTS]
        return [torch.zeros_like(words) if at is None else sequences[at][numbers].long() for at in found]

    def _numbers(self, lists: tuple[Tensor, ...]) -> tuple[Tensor, ...]:
        words, _, characters, expansions, *_ = lists
        return words, characters + self.terms, expansions

    def _lists(self, batch: Batch, side: str) -> tuple[Tensor, ...]:
        words, rarity, characters, *added, roles = self._of(batch.sequences, side, slice(None))
        units, letters, terms = (max(1, int((ids > 0).sum(1).max())) for ids in (words, characters, added[0]))
        cut = (ids[:, :terms] for ids in added)
        return words[:, :units], rarity[:, :units], characters[:, :letters], *cut, roles[:, :units]
