"""CoGrad: gradient coordination for knowledge transference (arXiv 2303.05847).

What the paper says: transference from task i to task j is the fall of L_j caused by a step on i; maximising it yields
an auxiliary gradient that is added to each task's own; an efficient Hessian approximation makes it cheap:
ĝ_i = g_i − Σ_{j≠i} γ_j (g_i ⊙ g_i ⊙ g_j), on everything but the task towers.

Derivation (ours, same form): T_{i→j} = L_j(θ) − L_j(θ − η g_i) = η g_i·g_j + O(η²), so ∇T = η (H_i g_j + H_j g_i), and
descending ΣL − βΣT gives ĝ_i = g_i − Σ_{j≠i} γ_j H_i g_j; H_i ≈ diag(g_i ⊙ g_i) is the paper's rule. It damps
coordinates on which tasks agree and amplifies those on which they conflict: that is no sign error.

What we chose: four curvatures behind one code path; γ relative to the gradients' scale, because the paper's rule is
cubic in the gradients: with losses that are means over a batch of B rows its γ of .001 to .01 is numerically nothing.
If the paper's losses are sums, gradients are B times ours and its γ means γ·B² here (`normalise` off); of that the
upper end already breaks training at B = 4,096 (docs/results.md). The relative length of the correction is reported, so
that a user sees whether it acts.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from core.errors import PrecedenceError
from core.lazy_torch import torch
from core.methods.gradients import Combined, TaskGradients, Update
from core.methods.interface import BaseConfig, MethodCard, NonNegative, Problem
from core.methods.rule_adapters import ByGradients, Given
from core.settings_field import YES_NO, setting

if TYPE_CHECKING:
    from torch import Tensor

Curvature = Literal["diagonal", "fisher_diagonal", "exact", "lookahead"]


class CoGradConfig(BaseConfig):
    """Gradient coordination for transference: each task's gradient bent by what the others will do."""

    kind: Literal["cograd"] = "cograd"
    curvature: Curvature = setting(
        "diagonal",
        "Curvature",
        "How the change of a gradient along another is estimated; the paper's is the diagonal.",
        group="Method",
        choices={
            "diagonal": "diagonal, the paper's",
            "fisher_diagonal": "diagonal of a running second moment",
            "exact": "exact, asks the batch again",
            "lookahead": "by a step ahead, asks the batch again",
        },
    )
    gamma: float = setting(
        0.1,
        "Strength γ",
        "How far each gradient is bent by what the others will do.",
        group="Method",
        step=0.1,
        format="%.4f",
        ge=0,
        le=1e9,
    )
    gammas: dict[str, NonNegative] = setting(
        {}, "Strength of single tasks", "γ of a task that is not to have the rest's."
    )
    normalise: bool = setting(
        True,
        "Relative to scale",
        "γ relative to the gradients' scale, or as the paper writes it.",
        group="Method",
        choices=YES_NO,
    )
    decay: float = setting(
        0.99,
        "Memory",
        "Share of the running second moment (fisher_diagonal) that stays at each step.",
        group="Method",
        step=0.01,
        format="%.4f",
        ge=0,
        lt=1,
    )

    def build(self, problem: Problem) -> ByGradients:
        gammas = problem.by_task(self.gammas, default=self.gamma)
        rule = CoGrad(gammas, self.curvature, self.normalise, self.decay)
        return ByGradients(rule, problem, needs_replay=self.curvature in ("exact", "lookahead"))


CARD = MethodCard(
    config=CoGradConfig,
    title="CoGrad",
    needs="gradients",
    guarantee="To first order it descends the losses and raises the transference between tasks at once.",
    cost="About 2.6 × a plain step with the diagonal curvature; exact and lookahead ask the batch again.",
    fails="With γ too small its correction is numerically nothing; with γ too large it outweighs the gradients.",
    formula=r"\hat g_i = g_i - \sum_{j \neq i} \gamma_j\, g_i \odot g_i \odot g_j",
    source="CoGrad, arXiv 2303.05847, 2023",
    place=40,
    pictured=True,
    remark="Measured here, on clicks with purchases and purchases with coupons, it never helped. With a correction of "
    "a few per cent of the sum it is the weighted sum at twice the backward passes; with one as long as the sum, "
    "training breaks, and only about a decade of γ lies between. The figures stand in docs/results.md.",
)


class CoGrad:
    """update = Σ_i ĝ_i,   ĝ_i = g_i − c_i,   c_i ≈ H_i v_i,   v_i = Σ_{j≠i} γ_j g_j / s

    | curvature | c_i | cost beyond the K gradients |
    |---|---|---|
    | diagonal (the paper's) | g_i² ⊙ v_i | none |
    | fisher_diagonal | F_i ⊙ v_i, F_i a running mean of g_i² (a table row keeps one number) | memory K·P |
    | exact | H_i v_i by double backward | K double backwards |
    | lookahead | g_i − ∇L_i(θ − v_i), equal to exact to first order in γ | K forwards and backwards |

    where
        γ_j    `gammas` [K], in the data set's order
        s      1, or with `normalise`: for the diagonals the mean over tasks of ⟨g_i, D_i g_i⟩ / ⟨g_i, g_i⟩, so that
               |c_i| is about γ times the others' gradients; for exact and lookahead the mean length of the gradients,
               so that γ is the length of the look-ahead in the space of the parameters
    """

    def __init__(
        self, gammas: Tensor, curvature: Curvature = "diagonal", normalise: bool = True, decay: float = 0.99
    ) -> None:
        self.gammas = gammas
        self.curvature = curvature
        self.normalise = normalise
        self.decay = decay
        self.begin([])

    def begin(self, chosen: list[int]) -> None:
        self.chosen = chosen
        self.row_squares: Tensor | None = None  # [K, table rows seen so far], fisher_diagonal alone
        self.trunk_squares: list[Tensor] = []
        self.calls = 0

    def combine(self, given: Given) -> Combined:
        gradients = given.gradients
        gammas = self.gammas[self.chosen].to(gradients.rows)  # [K]
        total = gradients.each(lambda part: part.sum(0))
        if not bool((gammas > 0).any()):
            return Combined(gradients.weighted(torch.ones(len(gradients))), correction=total.rows.new_zeros(()))
        diagonal = self._diagonal(gradients)
        gammas = gammas / self._scale(given, diagonal)
        if diagonal is not None:
            correction = _diagonal_correction(gradients, diagonal, gammas)
        else:
            correction = self._asked_correction(given, gammas)
        update = _minus(total, correction)
        size = (correction.squared() / _or_one(total.squared())).sqrt()
        return Combined(update, correction=size)

    def _diagonal(self, gradients: TaskGradients) -> tuple[Tensor, ...] | None:
        """D_i for each part, [K, *shape] or broadcast to it; None where the curvature is no diagonal."""
        if self.curvature == "diagonal":
            return tuple(part.square() for part in gradients.parts)
        if self.curvature == "fisher_diagonal":
            return self._running_squares(gradients)
        return None

    def _running_squares(self, gradients: TaskGradients) -> tuple[Tensor, ...]:
        self.calls += 1
        fade = self.decay
        unbias = 1 - fade**self.calls
        most = int(gradients.touched.max()) + 1 if len(gradients.touched) else 0
        if self.row_squares is None:
            self.row_squares = gradients.rows.new_zeros(len(gradients), most)
            self.trunk_squares = [torch.zeros_like(part) for part in gradients.trunk]
        if most > self.row_squares.shape[1]:
            more = gradients.rows.new_zeros(len(gradients), most - self.row_squares.shape[1])
            self.row_squares = torch.cat((self.row_squares, more), 1)
        self.row_squares *= fade
        self.row_squares[:, gradients.touched] += (1 - fade) * gradients.rows.square().mean(2)
        for kept, part in zip(self.trunk_squares, gradients.trunk, strict=True):
            kept.mul_(fade).add_(part.square(), alpha=1 - fade)
        rows = self.row_squares[:, gradients.touched].unsqueeze(2) / unbias  # [K, U, 1]
        return (rows, *(kept / unbias for kept in self.trunk_squares))

    def _scale(self, given: Given, diagonal: tuple[Tensor, ...] | None) -> Tensor:
        gradients = given.gradients
        squared = given.gram.diagonal().to(gradients.rows)
        if not self.normalise:
            return torch.ones_like(squared[0])
        if diagonal is None:
            return _or_one(squared.sqrt().mean())
        own = torch.zeros_like(squared)
        for part, curve in zip(gradients.parts, diagonal, strict=True):
            lengths = _or_one(squared).view(-1, *[1] * (part.ndim - 1))
            own = own + (part.square() / lengths * curve).flatten(1).sum(1)
        return _or_one(own.mean())

    def _asked_correction(self, given: Given, gammas: Tensor) -> Update:
        if given.replay is None:
            raise PrecedenceError(
                f"CoGrad's curvature '{self.curvature}' asks the losses again, and here only gradients are given; "
                f"choose 'diagonal' or 'fisher_diagonal'."
            )
        gradients, corrections = given.gradients, []
        for i in range(len(gradients)):
            others = gammas.clone()
            others[i] = 0
            direction = gradients.each(lambda part, w=others: torch.tensordot(w, part, 1))  # type: ignore[misc]
            if self.curvature == "exact":
                corrections.append(given.replay.curvature_along(i, direction))
            else:
                corrections.append(_minus(gradients.task(i), given.replay.gradient_at(i, direction)))
        rows, *trunk = [sum(parts[1:], parts[0]) for parts in zip(*(c.parts for c in corrections), strict=True)]
        return Update(gradients.touched, rows, tuple(trunk))

    def state_dict(self) -> dict[str, Any]:
        return {"rows": self.row_squares, "trunk": self.trunk_squares, "calls": self.calls}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        self.row_squares, self.trunk_squares, self.calls = state["rows"], list(state["trunk"]), state["calls"]


def _diagonal_correction(gradients: TaskGradients, diagonal: tuple[Tensor, ...], gammas: Tensor) -> Update:
    """Σ_i D_i ⊙ Σ_{j≠i} γ_j g_j = Σ_i D_i ⊙ (A − γ_i g_i) with A = Σ_j γ_j g_j."""
    out = []
    for part, curve in zip(gradients.parts, diagonal, strict=True):
        all_of_them = torch.tensordot(gammas, part, 1)
        own = gammas.view(-1, *[1] * (part.ndim - 1)) * part
        out.append((curve * (all_of_them - own)).sum(0))
    return Update(gradients.touched, out[0], tuple(out[1:]))


def _minus(one: Update, other: Update) -> Update:
    rows, *trunk = [a - b for a, b in zip(one.parts, other.parts, strict=True)]
    return Update(one.touched, rows, tuple(trunk))


def _or_one(value: Tensor) -> Tensor:
    """Where there is no gradient at all, nothing is scaled."""
    return torch.where(value > 0, value, torch.ones_like(value))
