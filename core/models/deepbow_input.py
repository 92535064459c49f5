"""Pairs of texts as DeepBoW takes them: every text of a batch once, and which two make a row."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from core.data.dataset import Batch
from core.data.description import DatasetDescription

SIDES = ("query", "product")
PARTS = ("words", "rarity", "characters")
"""The sequences of a side, `query_words` and so on; see `core.data.pairs`."""


@dataclass(frozen=True)
class Texts:
    """N texts: L ≥ 1 units (words, then phrases), M ≥ 1 characters each, 0 = padding, and the table's rows of both."""

    words: Tensor  # [N, L] int64, ids of terms
    rarity: Tensor  # [N, L] int64, see core.data.text.rarity
    characters: Tensor  # [N, M] int64, ids of characters
    word_rows: Tensor  # [N, L, d]
    character_rows: Tensor  # [N, M, d]


@dataclass(frozen=True)
class Pairs:
    """B pairs (query, product), and a sample of T terms for the sparsity penalty."""

    query: Texts
    product: Texts
    query_of: Tensor  # [B] int64, row of `query`
    product_of: Tensor  # [B] int64, row of `product`
    terms: Tensor  # [T] int64
    term_rows: Tensor  # [T, d]


class PairEmbedding(nn.Module):
    """Terms and characters in one table: row 0 … terms − 1 are terms, then come characters.

    A batch reads the rows of its distinct texts, padding cut to its longest text, and a sample of terms. The sample is
    every n-th term from a start that the batch's own ids decide: another one each batch, and the same one whenever the
    same batch is asked again. `sampled`: about so many; None: all terms.
    """

    def __init__(self, description: DatasetDescription, dim: int, sampled: int | None) -> None:
        super().__init__()
        names = [feature.name for feature in description.sequences]
        self.places = {(side, part): names.index(f"{side}_{part}") for side in SIDES for part in PARTS}
        self.terms = description.sequences[self.places["query", "words"]].size
        characters = description.sequences[self.places["query", "characters"]].size
        self.stride = 1 if sampled is None else max(1, (self.terms - 1) // sampled)
        self.table = nn.Embedding(self.terms + characters, dim)
        nn.init.normal_(self.table.weight, std=dim**-0.5)  # rows of length 1: a product of rows is a cosine

    def row_numbers(self, batch: Batch) -> Tensor:
        """[n] rows: words and characters of the queries, of the products, sampled terms."""
        parts = []
        for side in SIDES:
            words, _, characters = self._ids(batch, side)
            parts += [words.flatten(), characters.flatten() + self.terms]
        return torch.cat((*parts, self._sample(batch)))

    def assemble(self, rows: Tensor, batch: Batch) -> Pairs:
        """From gathered rows [n, d]."""
        sides, at = [], 0
        for side in SIDES:
            words, rarity, characters = self._ids(batch, side)
            middle, end = at + words.numel(), at + words.numel() + characters.numel()
            word_rows = rows[at:middle].view(*words.shape, -1)
            sides.append(Texts(words, rarity, characters, word_rows, rows[middle:end].view(*characters.shape, -1)))
            at = end
        return Pairs(sides[0], sides[1], batch.keys["query"], batch.keys["product"], self._sample(batch), rows[at:])

    def texts(self, words: Tensor, rarity: Tensor, characters: Tensor) -> Texts:
        """Single texts outside any batch."""
        weight = self.table.weight
        return Texts(words, rarity, characters, weight[words], weight[characters + self.terms])

    def _ids(self, batch: Batch, side: str) -> tuple[Tensor, Tensor, Tensor]:
        words, rarity, characters = (batch.sequences[self.places[side, part]] for part in PARTS)
        units, letters = (max(1, int((ids > 0).sum(1).max())) for ids in (words, characters))
        return words[:, :units], rarity[:, :units], characters[:, :letters]

    def _sample(self, batch: Batch) -> Tensor:
        words = batch.sequences[self.places["product", "words"]]
        return torch.arange(1 + int(words.sum()) % self.stride, self.terms, self.stride, device=words.device)
