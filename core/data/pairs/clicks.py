"""What clicks say of a pair of query and product once the place at which it was shown is taken out of them.

The position-based model (Richardson et al. 2007; Chuklin, Markov & de Rijke, Click Models for Web Search, 2015, §3.3):

    P(click | query, product, position k) = θ_k · γ

θ_k is the share of searches in which position k is looked at, γ the share of looks at the product, under this query,
that end in a click. Both are found by expectation maximisation. Against the paper, γ has a prior: some showings with
the mean γ of all, so that one click on a pair shown once is no certainty. How many, says the likelihood of cells held
out: with too few, the pairs of a sparse log explain clicks by themselves, and every position seems looked at.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

PRIORS = (1.0, 4.0, 16.0, 64.0, 256.0)  # showings
HELD_OUT = 5  # one cell in so many
ROUNDS = 100
GRADES = 3  # the highest grade
BEST = 0.95  # the quantile of clicked pairs that has the highest grade

LEAST = 1e-6  # share

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Clicks:
    """C cells: pair p[i] was shown n[i] times at position k[i] and clicked c[i] times; P pairs, K positions."""

    pair: NDArray[np.int64]  # [C] 0 … P − 1
    position: NDArray[np.int64]  # [C] 0 … K − 1
    shown: Floats  # [C] n
    clicked: Floats  # [C] c, at most n


@dataclass(frozen=True)
class Found:
    """`looked` θ of each position, the most looked at 1; `drawn` γ of each pair."""

    looked: Floats  # [K]
    drawn: Floats  # [P]


def position_based(clicks: Clicks, prior: float) -> Found:
    """θ and γ that make the clicks likeliest, by expectation maximisation from the plain shares of clicks.

    `prior`: showings with the mean γ that every pair has beside its own.
    """
    positions, pairs = int(clicks.position.max()) + 1, int(clicks.pair.max()) + 1
    shown = np.maximum(np.bincount(clicks.position, clicks.shown, positions), 1e-9)
    times = np.bincount(clicks.pair, clicks.shown, pairs)
    share = np.bincount(clicks.position, clicks.clicked, positions) / shown
    looked = np.clip(share / max(float(share.max()), LEAST), 0.01, 1.0)
    drawn = np.full(pairs, float(clicks.clicked.sum() / clicks.shown.sum()))
    missed = clicks.shown - clicks.clicked
    for _ in range(ROUNDS):
        theta, gamma = looked[clicks.position], drawn[clicks.pair]
        unclicked = np.maximum(1 - theta * gamma, LEAST)
        seen = clicks.clicked + missed * theta * (1 - gamma) / unclicked  # looked at, clicked or not
        draws = clicks.clicked + missed * (1 - theta) * gamma / unclicked  # would draw a click where looked at
        looked = np.bincount(clicks.position, seen, positions) / shown
        mean = float(draws.sum() / clicks.shown.sum())
        drawn = (np.bincount(clicks.pair, draws, pairs) + prior * mean) / (times + prior)
        scale = max(float(looked.max()), LEAST)
        looked, drawn = np.maximum(looked / scale, LEAST), np.clip(drawn * scale, LEAST, 1 - LEAST)
    return Found(looked, drawn)


def best_prior(clicks: Clicks) -> float:
    """The prior of `PRIORS` under which cells that were held out are likeliest."""
    held = np.arange(len(clicks.pair)) % HELD_OUT == 0
    if not clicks.clicked[~held].sum():
        return PRIORS[-1]
    learnt = Clicks(*(part[~held] for part in (clicks.pair, clicks.position, clicks.shown, clicks.clicked)))

    def likelihood(prior: float) -> float:
        found = position_based(learnt, prior)
        known = held & (clicks.pair < len(found.drawn)) & (clicks.position < len(found.looked))
        rate = np.clip(found.looked[clicks.position[known]] * found.drawn[clicks.pair[known]], LEAST, 1 - LEAST)
        clicked, shown = clicks.clicked[known], clicks.shown[known]
        return float((clicked * np.log(rate) + (shown - clicked) * np.log1p(-rate)).sum())

    return max(PRIORS, key=likelihood)


def grades(clicks: Clicks) -> tuple[NDArray[np.float32], Found]:
    """[P] 0 … GRADES of each pair: how much more it draws than the average showing, and what was found.

    grade = GRADES · clip((γ − m) / (b − m), 0, 1): m is the mean of γ over showings, b its `BEST` quantile over
    pairs that were clicked. A pair that draws no more than what is shown on average does not fit.
    """
    found = position_based(clicks, best_prior(clicks))
    mean = float(np.average(found.drawn[clicks.pair], weights=clicks.shown))
    was_clicked = np.bincount(clicks.pair, clicks.clicked) > 0
    best = float(np.quantile(found.drawn[was_clicked], BEST)) if was_clicked.any() else 1.0
    above = np.clip((found.drawn - mean) / max(best - mean, 1e-9), 0, 1)
    return (GRADES * above).astype(np.float32), found
