"""What would lift a product to rank 1 for a query: the smallest change of one weight, or the fewest words."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.relevance.bags import Bag
from core.relevance.index import Corrections, Index, Weighed

WeightsOf = Callable[[int], NDArray[np.float64]]
MARGIN = 1e-6  # by which the product must pass the next one, so that it is first beyond rounding


@dataclass(frozen=True)
class Change:
    """A weight that, set to `new`, has the effect; `old` is 0 where the bag does not hold the term."""

    term: int
    old: float
    new: float


@dataclass(frozen=True)
class Lift:
    """`rank` is the product's own (1 = first); `gap` what its score lacks to be first, 0 where it is.

    `in_product`: the one weight of the product whose change is smallest; None where no weight within what the index
    can hold is enough. `words`: the fewest weights of the product that together are, each raised to at most the highest
    weight; empty where even all are not. `in_query`: the one weight of the query, over every product alike, whose
    change is smallest; None where there is none at or above 0.
    """

    rank: int
    gap: float
    in_product: Change | None
    words: tuple[Change, ...]
    in_query: Change | None


def lift(index: Index, query: Bag, row: int, bag: Weighed, corrections: Corrections, weights_of: WeightsOf) -> Lift:
    """`query` and `bag` as they are scored, overrides applied; `corrections` are what overrides add to scores, and
    `weights_of` gives one term's weight in every row."""
    scores = index.scores(query, corrections).astype(np.float64)
    own = scores[row]
    rank = 1 + int((scores > own).sum()) + int((scores[:row] == own).sum())
    rivals = scores.copy()
    rivals[row] = -1
    gap = float(rivals.max(initial=0.0)) - own + MARGIN
    if rank == 1:
        return Lift(1, 0.0, None, (), None)
    held = dict(zip(bag.ids.tolist(), bag.weights.tolist(), strict=True))
    highest = index.highest_weight()
    raises = [
        (float(weight) * (highest - held.get(term, 0.0)), float(weight), term)
        for term, weight in zip(query.ids.tolist(), query.weights.tolist(), strict=True)
        if held.get(term, 0.0) < highest
    ]
    able = [(gap / weight, term) for room, weight, term in raises if room >= gap]
    in_product = None
    if able:
        step, term = min(able)
        in_product = Change(term, held.get(term, 0.0), held.get(term, 0.0) + step)
    return Lift(rank, gap, in_product, _fewest(raises, gap, held), _in_query(query, row, held, scores, weights_of))


def _fewest(raises: list[tuple[float, float, int]], gap: float, held: dict[int, float]) -> tuple[Change, ...]:
    """Words with the most room first: no smaller set closes the gap. The last is raised only as far as needed."""
    chosen: list[Change] = []
    left = gap
    for room, weight, term in sorted(raises, reverse=True):
        step = min(room, left) / weight
        chosen.append(Change(term, held.get(term, 0.0), held.get(term, 0.0) + step))
        left -= room
        if left <= 0:
            return tuple(chosen)
    return ()


def _in_query(
    query: Bag, row: int, held: dict[int, float], scores: NDArray[np.float64], weights_of: WeightsOf
) -> Change | None:
    """With δ added to the query's weight of t, product d scores s_d + δ w_d(t): first where for every d

        s_p − s_d + δ (w_p(t) − w_d(t)) ≥ MARGIN

    an interval of δ for each t, of which the end nearer to 0 is taken.
    """
    there = scores >= 0
    there[row] = False
    best: Change | None = None
    for term, weight in zip(query.ids.tolist(), query.weights.tolist(), strict=True):
        ahead = (scores[row] - scores - MARGIN)[there]
        slope = (held.get(term, 0.0) - weights_of(term))[there]
        if (ahead[slope == 0] < 0).any():
            continue
        with np.errstate(divide="ignore", invalid="ignore"):
            limits = -ahead / slope
        lowest = float(limits[slope > 0].max(initial=-weight))
        highest = float(limits[slope < 0].min(initial=np.inf))
        if lowest > highest:
            continue
        step = lowest if lowest > 0 else highest
        if best is None or abs(step) < abs(best.new - best.old):
            best = Change(term, float(weight), max(0.0, float(weight) + step))
    return best
