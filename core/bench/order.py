"""python -m core bench order: what the Relevance page's order promises, over divisions of the queries.

The queries that the relevance model has not learnt from, its validation and test queries, are halved at random: one
half is the test, the other is trained on with all the rest. A promise is *kept* where the mean drop of NDCG@10 over the
judged products of the test is within the tolerance plus its standard error over queries.

Of the shop the true grade of every product is known (`core.data.sources.shop`), so the same drop is measured over the
whole catalogue as it is searched: judged products are a third of those that a search can bring up.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from statistics import fmean
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.data.pairs.judged import divided
from core.data.sources.shop import tables
from core.data.sources.shop.queries import grades, make_queries
from core.data.sources.shop.world import make_world
from core.relevance.addition import Addition
from core.relevance.aims import Aim
from core.relevance.order.lists import JudgedLists
from core.relevance.order.make import lists_of_aims, shop_kept, shop_parts
from core.relevance.order.training import dataset_of, measured, trained_weight
from core.relevance.searcher import Searcher
from core.statistics import dcg

AT = 10
Report = Callable[[str], None]


@dataclass(frozen=True)
class Division:
    """One division under one tolerance; `whole_*`: over the whole catalogue, by true grades."""

    seed: int
    weight: float
    drop: float
    standard_error: float
    gain: float
    kept: bool
    whole_drop: float
    whole_gain: float


def measure(tolerances: Sequence[float], splits: int, first_seed: int, report: Report) -> dict[str, Any]:
    """`rows`: one an aim and tolerance, means over the divisions, and each of them."""
    texts = [str(text) for text in tables.queries("text")["text"]]
    unseen = {text for text, part in zip(texts, divided(texts), strict=True) if part}
    parts = [(searcher, [replace(query, held_out=query.text in unseen) for query in queries])
             for searcher, queries in shop_parts()]  # fmt: skip
    kept = shop_kept()
    truth = _Truth.of([(searcher, [query.text for query in queries]) for searcher, queries in parts])
    rows = []
    for aim, lists in zip(kept.aims, lists_of_aims(parts, kept), strict=True):
        for tolerance in tolerances:
            each = [_division(aim, lists, tolerance, seed, truth) for seed in range(first_seed, first_seed + splits)]
            rows.append(_row(aim, tolerance, each))
            report("  ".join(f"{name} {value}" for name, value in rows[-1].items() if name != "each"))
    return {"rows": rows}


def _division(aim: Aim, lists: JudgedLists, tolerance: float, seed: int, truth: _Truth) -> Division:
    unseen = np.unique(lists.query[lists.held_out])
    test = np.random.default_rng(seed).permutation(unseen)[: len(unseen) // 2]
    divided_anew = replace(lists, held_out=np.isin(lists.query, test))
    weight = trained_weight(dataset_of(divided_anew), tolerance, seed)
    point = measured(divided_anew.where(held_out=True), aim, tolerance, weight)
    drop = -point.ndcg_change
    return Division(
        seed, round(weight, 4), drop, point.ndcg_error, point.gain, drop <= tolerance + point.ndcg_error,
        *truth.drop_and_gain(aim, weight, test),
    )  # fmt: skip


@dataclass(frozen=True)
class _Truth:
    """The searched queries, numbered as in the lists, with the true grade of every product."""

    searched: list[tuple[Searcher, str]]
    grades: list[NDArray[np.int64]]

    @classmethod
    def of(cls, parts: Sequence[tuple[Searcher, Sequence[str]]]) -> _Truth:
        world = make_world()
        queries = make_queries(world)
        number = {text: at for at, text in enumerate(queries.text)}
        everything = np.arange(world.products)
        searched = [(searcher, text) for searcher, texts in parts for text in texts]
        searched = [(searcher, text) for searcher, text in searched if len(searcher.search(text, 1).rows)]
        true = [grades(world, queries, np.full(world.products, number[text]), everything) for _, text in searched]
        return cls(searched, true)

    def drop_and_gain(self, aim: Aim, weight: float, test: NDArray[np.int64]) -> tuple[float, float]:
        """Of the first ten that a search really shows: drop of NDCG@10, and gain of the aim as a share."""
        addition = Addition(aim.title, weight, aim.scaled) if weight else None
        found = []
        for at in test.tolist():
            searcher, text = self.searched[at]
            shown = [one.search(text, AT).rows for one in (searcher, searcher.with_addition(addition))]
            gains = np.exp2(self.grades[at]) - 1
            best = _shown(np.sort(gains)[::-1])
            found.append([*(_shown(gains[rows]) / best for rows in shown),
                          *(float(aim.averaged[rows].mean()) for rows in shown)])  # fmt: skip
        before, after, amount, then = np.mean(found, axis=0)
        return round(float(before - after), 5), round(float(then / amount - 1), 4)


def _shown(gains: NDArray[np.float64]) -> float:
    """DCG@10 of hits as they are shown: what is not found has no place, so that ties are not shared."""
    return float(dcg(gains, -np.arange(len(gains)), np.zeros(len(gains), np.int64), AT)[0])


def _row(aim: Aim, tolerance: float, each: Sequence[Division]) -> dict[str, Any]:
    drops, gains = [one.drop for one in each], [one.gain for one in each]
    return {
        "dataset": "shop",
        "aim": aim.name,
        "tolerance": tolerance,
        "splits": len(each),
        "kept": round(fmean(one.kept for one in each), 3),
        "weight": round(fmean(one.weight for one in each), 3),
        "mean_drop": round(fmean(drops), 4),
        "drop_interval": [round(float(value), 4) for value in np.quantile(drops, (0.025, 0.975))],
        "mean_standard_error": round(fmean(one.standard_error for one in each), 4),
        "mean_gain": round(fmean(gains), 4),
        "gain_interval": [round(float(value), 4) for value in np.quantile(gains, (0.025, 0.975))],
        "whole_drop": round(fmean(one.whole_drop for one in each), 4),
        "whole_gain": round(fmean(one.whole_gain for one in each), 4),
        "each": [asdict(one) for one in each],
    }
