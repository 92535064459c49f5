"""NMT: prioritised tasks by Lagrangian differential multipliers (*No More Tuning*, arXiv 2412.12092).

What the paper says: tasks are taken in priority order; each more important task becomes the inequality "not worse than
its own optimum" while a less important one is optimised; descent on parameters, ascent on multipliers; a re-scaling
keeps training stable.

The paper's form, each task alone from the first step, is `start_together` 0. Stages may instead branch off a common
start (`start` = branch; `core.training.branching`): tasks help each other, and alone the first one ends where a
weighted sum of the same steps is better in both.

What we chose, because the paper's values could not be read (each is a field of `NMTConfig`): the tolerance ε_i added to
the optimum; the re-scaling by 1 + Σλ; the dual step before the primal one; where and how the violation is read; warm
start; one dual ascent for all constraints.

Against wind-up: a stage begins at λ = 0, so a violation shows before any multiplier answers, and plain ascent goes on
adding until it is undone, far above the price. So by default the dual step answers to the violation's change as well
(nuPI's K_p, `proportional`; 0 is the plain ascent of the paper), the validation rows are read often, and a run may let
stages that begin from a trained model take smaller steps (`optimiser.later_rate`). With K_p a multiplier also stirs a
little within its bound, where the violation rises without being above 0. And a multiplier is not raised while its
violation is over-fitting rather than interference (violated on the validation rows, met on the training rows) and the
objective's share of the primal step, 1 / (1 + Σλ), is below `least_share` already: more weight would change nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from core.lazy_torch import torch
from core.methods.dual import DualAscent, MultiplicativeAscent
from core.methods.interface import ConstrainedConfig, MethodCard, Needs, Problem, Stage
from core.settings_field import YES_NO, setting

if TYPE_CHECKING:
    from torch import Tensor


class NMTConfig(ConstrainedConfig):
    """Prioritised tasks by Lagrangian multipliers. Only the order of stages, the constraint and the descent–ascent
    are the paper's; all values here are our choices. Plain ascent, `proportional` 0, winds up: see above."""

    kind: Literal["nmt"] = "nmt"
    rescale: bool = setting(
        True,
        "Re-scale the step",
        "Divides the step by 1 + the multipliers, so that it stays stable however large they grow.",
        group="Multipliers",
        choices=YES_NO,
    )
    own_layers: Literal["follow", "weighted"] = setting(
        "follow",
        "A task's own layers",
        "Follow their task's loss in full, whatever the multipliers, or weighted like the shared layers.",
        group="Multipliers",
        choices={"follow": "follow their loss in full", "weighted": "are weighted like the shared ones"},
    )
    least_share: float = setting(
        0.1,
        "Least share of the improved task",
        "When the improved task weighs less than this in a step, over-fitting raises no multiplier any more.",
        group="Multipliers",
        step=0.05,
        ge=0,
        le=1,
    )
    waiting: float = setting(
        0.0,
        "Weight of waiting tasks",
        "After a common start: what a task whose stage is still to come weighs, beside 1 for the improved one. Some "
        "weight keeps it from being forgotten; 0 is the paper's form.",
        group="Multipliers",
        step=0.01,
        format="%.3f",
        staged=True,
        ge=0,
        le=1,
        later=True,
    )
    multipliers: Literal["reset", "carry"] = setting(
        "reset",
        "Multipliers at a stage's start",
        "Set back to 0, or carried on.",
        group="Multipliers",
        choices={"reset": "set back to 0", "carry": "carried on"},
    )
    smoothing: float = setting(
        0.9,
        "Smoothing of the violation (ν)",
        "0 takes each reading as it is; the damping then follows its noise.",
        group="Multipliers",
        step=0.1,
        ge=0,
        lt=1,
    )
    integral: float = setting(1.0, "Integral gain", "nuPI's K_i: how far a violation itself moves a multiplier.", ge=0)
    proportional: float = setting(
        20.0,
        "Damping (proportional gain)",
        "Answers to the change of the violation and damps swings; 0 is plain ascent.",
        group="Multipliers",
        step=0.5,
        ge=0,
    )
    dual_step: Literal["nupi", "augmented", "multiplicative"] = setting(
        "nupi",
        "Step of the multipliers",
        "By differences, with the damping within the multiplier (nuPI) or apart from it (augmented Lagrangian: the "
        "price then keeps no trace of noise), or by ratios, violations counted in tolerances.",
        group="Multipliers",
        choices={
            "nupi": "differences, damped within (nuPI)",
            "augmented": "differences, damped apart (augmented Lagrangian)",
            "multiplicative": "ratios (multiplicative)",
        },
        later=True,
    )
    penalty: float = setting(
        20.0,
        "Penalty",
        "Weight for each unit of violation beside the multiplier, with the damping apart; of steps by ratios, the "
        "exponent for each tolerance of violation.",
        group="Multipliers",
        step=5,
        gt=0,
        later=True,
    )

    def build(self, problem: Problem) -> NMT:
        return NMT(
            scale=problem.base if self.normalise else problem.ones,
            dual=self._dual(problem.base),
            rescale=self.rescale,
            carry=self.multipliers == "carry",
            frozen=None if self.frozen is None else problem.by_task(self.frozen, default=0.0),
            follow=self.own_layers == "follow",
            least_share=self.least_share,
            waiting=self.waiting if self.start_together else 0.0,  # without one the first stage is a task alone
        )

    def _dual(self, tasks: Tensor) -> DualAscent:
        if self.dual_step == "multiplicative":
            return MultiplicativeAscent(tasks, self.dual_rate, self.smoothing, self.integral, penalty=self.penalty)
        if self.dual_step == "augmented":
            return DualAscent(tasks, self.dual_rate, self.smoothing, self.integral, penalty=self.penalty)
        return DualAscent(tasks, self.dual_rate, self.smoothing, self.integral, self.proportional)


CARD = MethodCard(
    config=NMTConfig,
    title="NMT",
    needs="losses",
    guarantee="On the validation rows a more important task stays within its tolerance of the best model seen, while a "
    "less important one improves; elsewhere on average.",
    cost="One backward, like a plain step: 1.0 × a step. One stage a task; where stages branch off a common start, "
    "1.25 models' steps in all.",
    fails="With zero tolerance, or a bound that only over-fitting can meet, multipliers grow without end. The "
    "best model seen may be worse than the task alone.",
    formula=r"\theta \leftarrow \theta - \eta\,\nabla\,\frac{L_k + \sum_{i<k} \lambda_i L_i}{1 + \sum \lambda_i},"
    r"\quad \lambda_i \leftarrow \max(0, \lambda_i + \eta_\lambda (L_i - c_i))",
    source="No More Tuning, arXiv 2412.12092, 2024, §3",
    place=10,
    at_hand="Improves the tasks one after the other; those above may lose no more than their tolerance.",
    pictured=True,
    staged=True,
    second="L_k",
    remark="At an active bound at rest, what lowers one task and what protects the other oppose each other, "
    "with a cosine of −1: that is success, not trouble. A network shows it in its last shared layer, as the optimiser "
    "scales it; plain gradients over all that tasks share may stay near 90°.",
    noiseless={"dual_rate": 2.0, "proportional": 0.0},  # the paper's own dual step: without noise nothing winds up
)


class NMT:
    """One objective at a time, all more important tasks held within their bounds.

        Λ_k(θ, λ) = L_k/s_k + Σ_{i<k} λ_i (L_i − c_i)/s_i
        λ_i ← max(0, λ_i + η_λ (L_i − c_i)/s_i)                                    `observe`
        θ   ← θ − η_θ ∇ [ (L_k/s_k + Σ λ_i L_i/s_i) / (1 + Σ λ_i) ]               `weights`, the fraction if `rescale`

    where
        L_k, L_i   losses of the stage's objective and of its constraints
        c_i        bound: reference loss plus tolerance ε_i (kept by the trainer; `observe` is given L_i − c_i)
        λ_i        `multipliers` [K]
        s          `scale` [K]: ones, or each task's loss of the best constant prediction, so that a multiplier reads as
                   normalised loss of the objective for normalised loss of the constraint
        η_λ        the rate of `dual`

    `follow` says that the weights are meant for the shared parameters alone: a task's own layers, which no other loss
    reaches, then descend their own loss in full, waiting tasks included. Any positive weight there keeps the fixed
    point; it keeps a head from going stale while its multiplier is 0, and lets a stage begin from a trained head, so
    that multipliers price interference in the shared parameters and nothing else. Our choice.

    Of several objectives, before the stages, the weighted sum Σ w_k L_k/s_k stands for L_k/s_k and Σ w_k for the 1.

    The re-scaled objective is a convex combination of losses, so the primal step stays bounded however large λ grows.
    Costs nothing beyond the weighted sum: one forward, one backward, whatever K.
    """

    needs: Needs = "losses"
    looks_back = False

    def __init__(
        self,
        scale: Tensor,
        dual: DualAscent,
        rescale: bool = True,
        carry: bool = False,
        frozen: Tensor | None = None,
        follow: bool = False,
        least_share: float = 0.1,
        waiting: float = 0.0,
    ) -> None:
        self.scale = scale
        self.dual = dual
        self.rescale = rescale
        self.carry = carry
        self.frozen = frozen
        self.follow = follow
        self.least_share = least_share
        self.waiting = waiting
        self._objective = torch.zeros_like(scale)
        self._constrained = torch.zeros_like(scale)

    @property
    def multipliers(self) -> Tensor:
        return self.dual.multipliers

    def stages(self, priority: tuple[int, ...]) -> tuple[Stage, ...]:
        """Whose stages come later counts only where they keep weight, and not in which order."""
        later = [tuple(sorted(priority[place + 1 :])) if self.waiting else () for place in range(len(priority))]
        return tuple(Stage((task,), priority[:place], waiting=later[place]) for place, task in enumerate(priority))

    def begin(self, stage: Stage) -> None:
        self._objective = _at(stage.objective, self.scale, stage.weights)
        self._objective += self.waiting * _at(stage.waiting, self.scale)
        self._constrained = _at(stage.constraints, self.scale)
        keep = self.frozen if self.frozen is not None else self.dual.multipliers if self.carry else None
        self.dual.reset(self._constrained, keep)

    def start_from(self, multipliers: Tensor) -> None:
        """Begin the stage at these multipliers [K] instead of zero: those of a neighbouring run's same stage."""
        if self.frozen is None:
            self.dual.reset(self._constrained, multipliers)

    def allow(self, tolerances: Tensor) -> None:
        """What each task may lose now [K], in the unit of the loss."""
        self.dual.room = tolerances / self.scale

    def observe(self, violation: Tensor, overfitted: Tensor) -> None:
        """Dual step. violation [K] in the unit of the loss; overfitted [K] bool."""
        if self.frozen is not None:
            return
        scaled = violation / self.scale * self._constrained
        hopeless = overfitted & (1 / (1 + self.dual.weights.sum()) < self.least_share)
        self.dual.step(torch.where(hopeless, scaled.clamp_max(0), scaled))

    def see(self, losses: Tensor) -> None:
        return None

    def look_back(self, losses: Tensor) -> None:
        return None

    def weights(self) -> Tensor:
        held = self.dual.weights  # the multipliers, and what a penalty adds to them
        weights = self._objective + held
        if self.rescale:
            weights = weights / (self._objective.sum() + held.sum())
        return weights / self.scale

    def state_dict(self) -> dict[str, Any]:
        return {"dual": self.dual.state_dict(), "objective": self._objective, "constrained": self._constrained}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        self.dual.load_state_dict(state["dual"])
        self._objective, self._constrained = state["objective"], state["constrained"]


def _at(tasks: tuple[int, ...], like: Tensor, weights: tuple[float, ...] = ()) -> Tensor:
    """[K] the weights of these tasks, 1 each where none are given; 0 of the others."""
    out = torch.zeros_like(like)
    out[list(tasks)] = like.new_tensor(weights) if weights else 1
    return out
