"""The two ways to train all tasks at once in a single stage: weights from losses, or one update from gradients.

What differs between methods is a *rule*; what they have in common stands here.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from core.errors import PrecedenceError
from core.lazy_torch import torch
from core.methods.gradients import Combined, Replay, TaskGradients
from core.methods.interface import Needs, Problem, Stage

if TYPE_CHECKING:
    from torch import Tensor


@dataclass(frozen=True)
class Given:
    """What a rule may ask of one step. K ≥ 2 tasks, all gradients finite."""

    gradients: TaskGradients
    gram: Tensor  # [K, K] G_ij = ⟨g_i, g_j⟩, float64 on the CPU
    losses: Tensor  # [K] of the batch
    replay: Replay | None = None


class Rule(Protocol):
    """How K task gradients become one update."""

    def begin(self, chosen: list[int]) -> None:
        """Forget; `chosen` [K] are the tasks' positions in the data set's order, the most important first."""

    def combine(self, given: Given) -> Combined: ...

    def state_dict(self) -> dict[str, Any]: ...

    def load_state_dict(self, state: dict[str, Any]) -> None: ...


class LossRule(Protocol):
    """How the losses of K tasks become their weights."""

    looks_back: bool

    def begin(self, chosen: list[int]) -> None:
        """Forget; `chosen` [K] are the tasks' positions in the data set's order, the most important first where the
        rule asks for it."""

    def weigh(self, losses: Tensor) -> Tensor:
        """[K] weights from the batch's losses [K]; brought to sum K afterwards."""

    def look_back(self, losses: Tensor) -> None:
        """The same batch's losses after the step."""

    def state_dict(self) -> dict[str, Any]: ...

    def load_state_dict(self, state: dict[str, Any]) -> None: ...


class ByGradients:
    """θ_shared ← θ_shared − η · rule(g_1 … g_K); every task's own layers descend its own loss in full.

    One task is a plain step, whatever the rule. A gradient of length zero is given to the rule as it is.
    `ordered`: the rule asks which task is the most important; `needs_replay`: it asks the batch again, for curvature.
    """

    needs: Needs = "gradients"
    follow = False
    looks_back = False

    def __init__(self, rule: Rule, problem: Problem, ordered: bool = False, needs_replay: bool = False) -> None:
        self.rule = rule
        self.needs_replay = needs_replay
        self.names = problem.tasks
        self.ordered = ordered
        self.multipliers = torch.zeros_like(problem.base)
        self._chosen: list[int] = []
        self._weights = torch.zeros_like(problem.base)
        self._losses = torch.zeros_like(problem.base)

    def stages(self, priority: tuple[int, ...]) -> tuple[Stage, ...]:
        return (Stage(priority if self.ordered else tuple(sorted(priority))),)

    def begin(self, stage: Stage) -> None:
        self._chosen = list(stage.objective)
        self._weights = torch.zeros_like(self._weights)
        self._weights[self._chosen] = 1
        self.rule.begin(self._chosen)

    def observe(self, violation: Tensor, overfitted: Tensor) -> None:
        return None

    def see(self, losses: Tensor) -> None:
        self._losses = losses

    def look_back(self, losses: Tensor) -> None:
        return None

    def weights(self) -> Tensor:
        return self._weights

    def tasks(self) -> list[int]:
        return self._chosen

    def combine(self, gradients: TaskGradients, replay: Replay | None = None) -> Combined:
        gram = gradients.gram()
        if not bool(torch.isfinite(gram).all()):
            self._refuse(gram)
        if len(gradients) == 1:
            return Combined(gradients.weighted(torch.ones(1)), torch.ones(1))
        combined = self.rule.combine(Given(gradients, gram, self._losses[self._chosen], replay))
        weights = torch.full((len(gradients),), float("nan")) if combined.weights is None else combined.weights
        self._weights = torch.zeros_like(self._weights)
        self._weights[self._chosen] = weights.to(self._weights)
        return combined

    def _refuse(self, gram: Tensor) -> None:
        at = int((~torch.isfinite(gram.diagonal())).int().argmax())
        name = self.names[self._chosen[at]]
        raise PrecedenceError(
            f"The gradient of '{name}' is not finite (its squared length is {gram[at, at].item()}); "
            f"lower the learning rate or clip the gradient."
        )

    def state_dict(self) -> dict[str, Any]:
        return {"chosen": self._chosen, "weights": self._weights, "rule": self.rule.state_dict()}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        self._chosen, self._weights = list(state["chosen"]), state["weights"]
        self.rule.begin(self._chosen)
        self.rule.load_state_dict(state["rule"])


class ByLosses:
    """θ ← θ − η ∇ Σ_k w_k L_k with weights w [K] from a rule, brought to Σ w = K.

    Only the balance between tasks is the rule's; the length of a step is the optimiser's. One task weighs 1.
    `ordered`: the rule asks which task is the most important.
    """

    needs: Needs = "losses"
    follow = False

    def __init__(self, rule: LossRule, problem: Problem, ordered: bool = False) -> None:
        self.rule = rule
        self.ordered = ordered
        self.looks_back = rule.looks_back
        self.multipliers = torch.zeros_like(problem.base)
        self._chosen: list[int] = []
        self._weights = torch.zeros_like(problem.base)

    def stages(self, priority: tuple[int, ...]) -> tuple[Stage, ...]:
        return (Stage(priority if self.ordered else tuple(sorted(priority))),)

    def begin(self, stage: Stage) -> None:
        self._chosen = list(stage.objective)
        self._weights = torch.zeros_like(self._weights)
        self._weights[self._chosen] = 1
        self.rule.begin(self._chosen)

    def observe(self, violation: Tensor, overfitted: Tensor) -> None:
        return None

    def see(self, losses: Tensor) -> None:
        if len(self._chosen) < 2:
            return
        weights = self.rule.weigh(losses[self._chosen])
        self._weights = torch.zeros_like(self._weights)
        self._weights[self._chosen] = weights * (len(weights) / weights.sum())

    def look_back(self, losses: Tensor) -> None:
        if len(self._chosen) > 1:
            self.rule.look_back(losses[self._chosen])

    def weights(self) -> Tensor:
        return self._weights

    def state_dict(self) -> dict[str, Any]:
        return {"chosen": self._chosen, "weights": self._weights, "rule": self.rule.state_dict()}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        self._chosen, self._weights = list(state["chosen"]), state["weights"]
        self.rule.begin(self._chosen)
        self.rule.load_state_dict(state["rule"])
