"""Where DeepBoW begins: BM25 as it orders the training queries best, before a network learns anything (ours).

What makes a word count is not the same everywhere: titles of a shop are noun phrases, titles of web pages are not, and
k₁ = 1.2 is too slow for titles that say most words once. So the few numbers that are about all texts alike,

    k₁, b; the first share of phrases and characters; how strongly a word's role in title and query counts; how much
    another field than the title counts,

are chosen from the short lists of `CHOICES`, one after the other, by the mean NDCG@10 of the queries that may be
learnt from, each kept where it is better by `LEAST_GAIN`; but of the role in the title the strongest that is not
surely worse than the best: judged queries are long, and say little of who asks for a laptop and should not be shown
stands for it. The network's own parts are silent at its start, so that this is the order that it begins
with, but for words that are inferred, which are learnt from the same pairs.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import torch
from numpy.typing import NDArray

from core.data.dataset import Dataset
from core.data.text.heads import NAMINGS, Place
from core.data.text.rarity import CHARACTER, LEVELS, PHRASE, STARTS, WORD, idf_of_levels
from core.data.text.role_factors import FIRST_OF_FIELDS, OF_QUERY, OF_TITLE, first_roles
from core.models.deepbow_bags import BagHeads, saturation
from core.models.deepbow_config import PACE
from core.models.deepbow_input import PairEmbedding
from core.models.deepbow_measures import gains_of
from core.statistics import NORMAL_95, ndcg_of_gains, near_the_best

Numbers = NDArray[np.float64]
LEAST_GAIN = 1e-3
MOST_PAIRS = 20_000  # judged pairs that are read
PAIRS_A_PASS = 512


@dataclass(frozen=True)
class Start:
    """The numbers that are chosen."""

    k1: float = 0.3
    b: float = 0.75
    in_title: float = 1.0  # 0: the role of a title's word counts nothing, 1: as OF_TITLE has it
    in_query: float = 1.0
    phrase: float = STARTS[PHRASE]
    character: float = STARTS[CHARACTER]
    fields: float = FIRST_OF_FIELDS


IN_TITLE = (0.0, 0.25, 0.5, 1.0)
CHOICES: dict[str, tuple[float, ...]] = {
    "in_query": (0.0, 0.5, 1.0),
    "k1": (0.1, 0.3, 0.6, 1.2),
    "b": (0.4, 0.75, 1.0),
    "character": (0.3, 0.6, 1.0, 1.5),
    "phrase": (0.03, 0.1, 0.3),
    "fields": (0.01, 0.15, 0.3, 0.5),
}


def tune(heads: BagHeads, embedding: PairEmbedding, dataset: Dataset) -> Start:
    """Sets the start of `heads` to what orders the training and validation queries of a data set best."""
    rows = torch.cat([dataset.rows["train"], dataset.rows["validation"]]).cpu()
    pairs = _Pairs.of(embedding, dataset, rows, heads)
    by_role = {choice: pairs.ndcg(heads, Start(in_title=choice)) for choice in IN_TITLE}
    best = Start(in_title=max(near_the_best(by_role, NORMAL_95)))
    value = by_role[best.in_title].mean()
    for name, choices in CHOICES.items():
        if (name == "fields" and not pairs.has_fields) or (name == "character" and not pairs.has_characters):
            continue
        for choice in choices:
            other = replace(best, **{name: choice})
            found = pairs.ndcg(heads, other).mean()
            if found > value + LEAST_GAIN:
                best, value = other, found
    put(heads, best)
    return best


@torch.no_grad()
def put(heads: BagHeads, start: Start) -> None:
    """Makes it the start."""
    kind = torch.arange(len(heads.rarity)) // LEVELS
    shares = {WORD: STARTS[WORD], PHRASE: start.phrase, CHARACTER: start.character}
    share = sum(value * (kind == one) for one, value in shares.items())
    heads.rarity.copy_((torch.from_numpy(idf_of_levels()) * share).log() / PACE)
    heads.curve.copy_(torch.tensor([start.k1, start.b]))
    role = start.in_title * torch.from_numpy(first_roles(OF_TITLE)).log()
    role[heads.field] = torch.tensor(start.fields).log()
    heads.role.copy_(role / PACE)
    heads.role_asked.copy_(start.in_query * torch.from_numpy(first_roles(OF_QUERY)).log() / PACE)


@dataclass(frozen=True)
class _Pairs:
    """R judged pairs of Q queries and P products by their rows, and the M meetings of a query's unit with the same
    term in a product."""

    query: torch.Tensor  # [Q, L] rarity
    query_roles: torch.Tensor  # [Q, L]
    counts: torch.Tensor  # [P, L] how often a unit's term stands there
    lengths: torch.Tensor  # [P, 1] of the title over the average
    roles: torch.Tensor  # [P, L]
    query_of: NDArray[np.int64]  # [R]
    product_of: NDArray[np.int64]  # [R]
    gains: Numbers  # [R]
    pair: NDArray[np.int64]  # [M] rising, with `unit` rising within it
    unit: NDArray[np.int64]  # [M] of the query
    place: NDArray[np.int64]  # [M] of the product
    first: NDArray[np.int64]  # where a pair and unit begin among the meetings

    @staticmethod
    def of(embedding: PairEmbedding, dataset: Dataset, rows: torch.Tensor, heads: BagHeads) -> _Pairs:
        rows = rows[torch.argsort(dataset.keys["query"][rows].cpu(), stable=True)][:MOST_PAIRS]
        sides = {}
        for side in ("query", "product"):
            numbers, at = dataset.keys[side][rows].cpu().long().unique(return_inverse=True)
            words, rarity, roles = (
                dataset.sequences[embedding.places[side, part]][numbers].cpu().long()
                if (side, part) in embedding.places
                else torch.zeros(len(numbers), 1, dtype=torch.long)
                for part in ("words", "rarity", "roles")
            )
            real = (words > 0) & torch.isin(rarity // LEVELS, torch.tensor(heads.kinds))
            if not heads.reads_fields:
                real = real & ~heads.field[roles.expand_as(rarity)]
            words = words * real
            most = max(1, int(real.any(0).nonzero().max()) + 1 if real.any() else 1)
            roles = roles.expand_as(rarity)
            sides[side] = words[:, :most], (rarity * real)[:, :most], roles[:, :most], at
        asked, held = sides["query"], sides["product"]
        found = [
            torch.nonzero(_shared(asked[0][asked[3][part]], held[0][held[3][part]])) + torch.tensor([part[0], 0, 0])
            for part in torch.arange(len(rows)).split(PAIRS_A_PASS)
        ]
        pair, unit, place = (column.numpy() for column in torch.cat(found).unbind(1))
        _, first = np.unique(pair * asked[0].shape[1] + unit, return_index=True)
        words = (held[0] > 0) & (held[1] < LEVELS) & ~heads.field[held[2]]
        return _Pairs(
            query=asked[1],
            query_roles=asked[2],
            counts=torch.cat([_shared(ids, ids).sum(2).clamp_min(1) for ids in held[0].split(PAIRS_A_PASS)]),
            lengths=words.sum(1, keepdim=True) / heads.average_length,
            roles=held[2],
            query_of=asked[3].numpy(),
            product_of=held[3].numpy(),
            gains=gains_of(dataset, rows),
            pair=pair,
            unit=unit,
            place=place,
            first=first,
        )

    @property
    def has_fields(self) -> bool:
        return bool((self.roles // NAMINGS >= Place.BRAND).any())

    @property
    def has_characters(self) -> bool:
        return bool((self.query // LEVELS == CHARACTER).any())

    @torch.no_grad()
    def ndcg(self, heads: BagHeads, start: Start) -> Numbers:
        """NDCG@10 of each query by this start."""
        put(heads, start)
        asked = heads.plain_weights(self.query, self.query_roles, self.query > 0).double().numpy()
        curve = saturation(self.counts, self.lengths, heads.field[self.roles], heads.curve)
        held = (heads.said_at_least(curve) * heads.factors()[self.roles]).double().numpy()
        if not len(self.pair):
            return np.zeros(1)
        best = np.maximum.reduceat(held[self.product_of[self.pair], self.place], self.first)
        pair, unit = self.pair[self.first], self.unit[self.first]
        scores = np.bincount(pair, asked[self.query_of[pair], unit] * best, len(self.gains))
        found = ndcg_of_gains(self.gains, scores, self.query_of)
        return found if len(found) else np.zeros(1)


def _shared(asked: torch.Tensor, held: torch.Tensor) -> torch.Tensor:
    """[N, L, M] which units are the same term."""
    return (asked.unsqueeze(2) == held.unsqueeze(1)) & (asked > 0).unsqueeze(2)
