"""A price is a curve: fitted to every multiplier that is known, integrated between tolerances, checked by what was
trained.

The multiplier falls as the tolerance grows, so that a straight line through one of them promises too little on one side
and too much on the other. Over all runs that differ in one tolerance ε and in their seed alone:

    λ(ε) = a (ε + δ)^−b                                 log-linear regression, prior b ~ N(1.3, .5²)
    z(ε) = ∫₀^ε λ(u) du                                 what the multipliers promise from nothing to ε
    L_s(ε) = α_s − κ_s z(ε) + B_s(z(ε)) + e             loss of the task that gains, under seed s

    where  λ    fall of that loss for one unit of the tolerance, chains of stages included (`core.insight.prices`)
           δ    keeps λ finite without any tolerance; one of a few shares of the usual tolerance, by its likelihood
           α_s  level of a seed: anything
           κ_s  share of the promise that comes true; what is missing is what weight decay takes and what a stage that
                ends early has not used. κ_s = κ + a part of each seed's own; prior κ ~ N(κ₀, σ_κ²)
           B_s  integrated Brownian motion in z, partly common to all seeds: how far the share may wander
           e    noise of training, independent of run to run, N(0, σ²); σ and the size of B by their likelihood

All is Gaussian but for three scales, which are summed over a grid. So a promise between trained neighbours follows
them, one far from any follows the multipliers, and the band is as wide as what is not known. Our own; a Gaussian
process in the integrated price (Rasmussen & Williams 2006, §2.7: fixed basis functions with a prior).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

EXPONENT = (1.3, 0.5)  # prior of b: mean, standard deviation
_SCATTER = 0.3  # of log λ about the curve
_LEAST_SLOPE = 0.02  # of the steepest: less is no price, and its logarithm would bend the curve
_SHIFTS = (0.1, 0.4, 1.5)  # δ as a share of the usual tolerance
_NOISES = np.geomspace(2e-5, 2e-3, 9)  # σ, normalised loss
_WANDER = np.array([0.1, 0.3, 1.0])  # of B over the known part of the curve, as a share of what it promises
_NOISE_PRIOR = (5e-5, 0.9)  # of σ: median, standard deviation of its logarithm
_LEVEL = 0.1  # standard deviation of a seed's level: as good as unknown
_OWN = 0.3  # of the variance of κ and B: what is a seed's own
LEVEL_90 = 1.645  # half-width of a 90 % band in standard deviations


@dataclass(frozen=True)
class Observation:
    """One trained run: what its task reached at one tolerance, and the price there."""

    seed: int
    tolerance: float
    loss: float  # of the task that gains, normalised, lower is better
    slope: float  # its fall for one unit of tolerance, as the multipliers promise it


@dataclass(frozen=True)
class Change:
    """A predicted fall of the loss, mean and standard deviation, for a run that is trained anew."""

    fall: float
    deviation: float

    @property
    def band(self) -> tuple[float, float]:
        """90 %."""
        half = LEVEL_90 * self.deviation
        return self.fall - half, self.fall + half


class PriceCurve:
    """The curve through all that is known of one tolerance and one task that gains from it.

    `share` is the prior of κ, mean and standard deviation: how much of a multiplier's promise is believed at first.
    """

    def __init__(self, known: Sequence[Observation], share: tuple[float, float]) -> None:
        self.known = tuple(dict.fromkeys(known))
        self._seeds = np.array([one.seed for one in self.known])
        self._tolerances = np.array([one.tolerance for one in self.known])
        self._losses = np.array([one.loss for one in self.known])
        self._prior = share
        usual = _usual(self._tolerances)
        slopes = np.array([one.slope for one in self.known])
        self._fits = [_LambdaFit(self._tolerances, slopes, usual * shift) for shift in _SHIFTS]

    @property
    def exponent(self) -> float:
        """b of the likeliest fit."""
        return max(self._fits, key=lambda fit: fit.likelihood).b

    def price(self, tolerance: float) -> float:
        """λ at a tolerance, by the likeliest fit."""
        return max(self._fits, key=lambda fit: fit.likelihood).at(tolerance)

    def promised(self, before: float, after: float) -> float:
        """∫ λ between two tolerances: the multipliers' bare word, negative where the tolerance is tightened."""
        fit = max(self._fits, key=lambda fit: fit.likelihood)
        return float(fit.integral(after) - fit.integral(before))

    def fall(self, seeds: Sequence[int], before: float, after: float) -> Change:
        """Mean fall of the loss over `seeds` from one tolerance to the other.

        A run that was trained stands as it was; one that was not is predicted, noise of its training included.
        """
        rows = [(seed, tolerance) for tolerance in (before, after) for seed in seeds]
        weights = np.repeat([1.0 / len(seeds), -1.0 / len(seeds)], len(seeds))
        at = {(one.seed, one.tolerance): place for place, one in enumerate(self.known)}
        fixed = np.zeros(len(self.known))
        asked: list[tuple[int, float]] = []
        given: list[float] = []
        for row, weight in zip(rows, weights, strict=True):
            if row in at:
                fixed[at[row]] += weight
            else:
                asked.append(row)
                given.append(weight)
        told = float(fixed @ self._losses)
        if not asked:
            return Change(told, 0.0)
        seeds_, tolerances = np.array([seed for seed, _ in asked]), np.array([tolerance for _, tolerance in asked])
        means, variances, likelihoods = [], [], []
        for fit in self._fits:
            for mean, variance, likelihood in self._posteriors(fit, seeds_, tolerances, np.array(given)):
                means.append(told + mean)
                variances.append(variance)
                likelihoods.append(fit.likelihood + likelihood)
        shares = np.exp(np.array(likelihoods) - max(likelihoods))
        shares /= shares.sum()
        mean = float(shares @ means)
        spread = float(shares @ (np.array(variances) + (np.array(means) - mean) ** 2))
        return Change(mean, float(np.sqrt(max(spread, 0.0))))

    def _posteriors(
        self, fit: _LambdaFit, seeds: Floats, tolerances: Floats, weights: Floats
    ) -> list[tuple[float, float, float]]:
        """Of Σ weight · loss of the rows asked for, at every pair of scales: mean, variance, log likelihood."""
        known, share = len(self.known), self._prior
        z = fit.integral(np.r_[self._tolerances, tolerances])
        seed = np.r_[self._seeds, seeds]
        same = (seed[:, None] == seed[None]).astype(float)
        part = (1 - _OWN) + _OWN * same
        extent = fit.integral(1.5 * max(self._tolerances.max(), 1e-9))
        trend = 1.0 + _LEVEL**2 * same + share[1] ** 2 * np.outer(z, z) * part
        near, far = np.minimum(z[:, None], z[None]), np.maximum(z[:, None], z[None])
        wander = near**2 * (3 * far - near) / (2 * extent) * part
        left = self._losses + share[0] * z[:known]
        middle = left.mean()
        left = left - middle
        own = np.eye(len(z))
        found = []
        for rho in _WANDER:
            for sigma in _NOISES:
                cov = trend + rho**2 * wander + sigma**2 * own
                lower = np.linalg.cholesky(cov[:known, :known])
                solved = np.linalg.solve(lower, np.c_[left, cov[:known, known:] @ weights])
                mean = weights @ (middle - share[0] * z[known:]) + solved[:, 1] @ solved[:, 0]
                variance = weights @ cov[known:, known:] @ weights - solved[:, 1] @ solved[:, 1]
                likelihood = -0.5 * solved[:, 0] @ solved[:, 0] - np.log(np.diag(lower)).sum()
                prior = -0.5 * (np.log(sigma / _NOISE_PRIOR[0]) / _NOISE_PRIOR[1]) ** 2
                found.append((float(mean), float(variance), float(likelihood + prior)))
        return found


class _LambdaFit:
    """log λ = log a − b log(ε + δ), at one δ."""

    def __init__(self, tolerances: Floats, slopes: Floats, shift: float) -> None:
        self._shift = shift
        least = _LEAST_SLOPE * max(float(slopes.max(initial=0.0)), 1e-9)
        y = np.log(np.maximum(slopes, least))
        x = np.log(tolerances + shift)
        design = np.c_[np.ones_like(x), -x]
        prior = np.diag([1e-6, EXPONENT[1] ** -2])
        precision = design.T @ design / _SCATTER**2 + prior
        level, self.b = np.linalg.solve(
            precision, design.T @ y / _SCATTER**2 + np.array([0, EXPONENT[0] * EXPONENT[1] ** -2])
        )
        self._a = float(np.exp(level))
        self.b = float(self.b)
        off = (y - design @ np.array([level, self.b])) / _SCATTER
        self.likelihood = float(-0.5 * off @ off - 0.5 * ((self.b - EXPONENT[0]) / EXPONENT[1]) ** 2)

    def at(self, tolerance: float) -> float:
        return float(self._a * (tolerance + self._shift) ** -self.b)

    def integral(self, tolerance: Floats | float) -> Floats:
        """∫₀^ε a (u + δ)^−b du."""
        power, top = 1.0 - self.b, np.asarray(tolerance, np.float64) + self._shift
        if abs(power) < 1e-6:
            return self._a * np.log(top / self._shift)
        return self._a * (top**power - self._shift**power) / power


def _usual(tolerances: Floats) -> float:
    """The middle of those above 0; any length will do where none is."""
    positive = tolerances[tolerances > 0]
    return float(np.median(positive)) if positive.size else 0.01
