"""The dual step: how multipliers follow violations."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from core.lazy_torch import torch

if TYPE_CHECKING:
    from torch import Tensor


class DualAscent:
    """Projected dual ascent with the options of nuPI.

        ξ_t = ν ξ_{t−1} + (1 − ν) v_t
        λ_t = max(0, λ_{t−1} + η · (K_i v_t + K_p (ξ_t − ξ_{t−1})))

    where
        v_t        violation [K] = loss − bound, positive is bad
        λ          multipliers [K] ≥ 0
        ξ          smoothed violation [K]; ξ_0 = 0 and the first step has no proportional part, as in the authors' code
        η          `rate`
        ν          `smoothing` in [0, 1)
        K_i, K_p   `integral`, `proportional`

    With a penalty c > 0 the part that answers to the violation itself stays apart from the one that remembers, as in
    the augmented Lagrangian, and only the latter, μ, is a multiplier and a price:

        μ_t = max(0, μ_{t−1} + η K_i v_t),   weight = max(0, μ_t + c ξ_t)                             `weights`

    with ξ_1 = v_1 and K_p unused. Where K_p·Δξ is added to λ before it is cut at 0, noise about a satisfied bound is
    cut on one side alone and pushes λ up; here what is cut is not remembered. Nocedal & Wright 2006, §17.4.

    K_i = 1, K_p = 0 is λ ← max(0, λ + η v): Platt & Barr 1987 (BDMM) with a projection for inequalities.
    Source: Sohrabi et al. 2024, *On PI controllers for updating Lagrange multipliers* (ICML), algorithm 1.
    """

    counts_in_tolerances = False  # whether a step needs `room`

    def __init__(
        self,
        tasks: Tensor,
        rate: float,
        smoothing: float = 0.0,
        integral: float = 1.0,
        proportional: float = 0.0,
        penalty: float = 0.0,
    ) -> None:
        self.multipliers = torch.zeros_like(tasks)
        self.rate = rate
        self.smoothing = smoothing
        self.integral = integral
        self.proportional = proportional
        self.penalty = penalty
        self.room: Tensor | None = None  # [K] the tolerances now, in the unit of violations
        self._smoothed: Tensor | None = None

    @property
    def weights(self) -> Tensor:
        """[K] of the losses in the primal step: the multipliers, or with a penalty max(0, μ + c ξ)."""
        if not self.penalty or self._smoothed is None:
            return self.multipliers
        return (self.multipliers + self.penalty * self._smoothed).clamp_min(0)

    def step(self, violation: Tensor) -> None:
        change = self.integral * violation
        if self.penalty:
            last = violation if self._smoothed is None else self._smoothed
            self._smoothed = self.smoothing * last + (1 - self.smoothing) * violation
        elif self.proportional:
            if self._smoothed is None:
                self._smoothed = torch.zeros_like(violation)
            else:
                last = self._smoothed
                self._smoothed = self.smoothing * last + (1 - self.smoothing) * violation
                change = change + self.proportional * (self._smoothed - last)
        self.multipliers = (self.multipliers + self.rate * change).clamp_min(0)

    def reset(self, constrained: Tensor, keep: Tensor | None = None) -> None:
        """Start anew: `constrained` [K] is 1 for each task that has a bound, 0 else. From 0, or from `keep`."""
        self.multipliers = (torch.zeros_like(self.multipliers) if keep is None else keep) * constrained
        self._smoothed = None

    def state_dict(self) -> dict[str, Any]:
        return {"multipliers": self.multipliers, "smoothed": self._smoothed, "rate": self.rate}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        self.multipliers, self._smoothed, self.rate = state["multipliers"], state["smoothed"], state["rate"]


class MultiplicativeAscent(DualAscent):
    """A dual step in equal ratios: mirror ascent with the entropy in the place of half the square.

        e_t = clip(v_t / (ε + ε_0), −E, E)
        ξ_t = ν ξ_{t−1} + (1 − ν) e_t,   ξ_1 = e_1
        μ_t = μ_{t−1} · exp(η K_i e_t),   weight = μ_t · exp(c ξ_t)

    where
        v_t        violation [K] = loss − bound, in units of the loss of the best constant guess
        ε          `room` [K], the tolerance in the same unit; ε_0 = `FLOOR`, about what a reading is unsure by
        E          `MOST`: one bad reading moves no price far
        η, K_i     `rate`, `integral`
        c, ν       `penalty`, `smoothing`

    A price may be .3 or 30, and nobody knows which before: steps in ratios reach both in as many steps, and never
    cross 0. μ begins at 1 where nothing else is known. A price of 0 is approached, not reached. Beck & Teboulle 2003,
    *Mirror descent and nonlinear projected subgradient methods*, §5; Arora, Hazan & Kale 2012, *The multiplicative
    weights update method*, §2. Measuring violations in tolerances is our choice.
    """

    FLOOR = 0.01
    MOST = 3.0
    counts_in_tolerances = True

    def step(self, violation: Tensor) -> None:
        unit = self.FLOOR if self.room is None else self.room + self.FLOOR
        share = (violation / unit).clamp(-self.MOST, self.MOST)
        last = share if self._smoothed is None else self._smoothed
        self._smoothed = self.smoothing * last + (1 - self.smoothing) * share
        self.multipliers = self.multipliers * (self.rate * self.integral * share).exp()

    @property
    def weights(self) -> Tensor:
        if self._smoothed is None:
            return self.multipliers
        return self.multipliers * (self.penalty * self._smoothed).exp()

    def reset(self, constrained: Tensor, keep: Tensor | None = None) -> None:
        """From 1, or from `keep`: from 0 no ratio leads away."""
        one = torch.ones_like(self.multipliers)
        super().reset(constrained, one if keep is None else torch.where(keep > 0, keep, one))
