"""Methods whose weights follow from the Gram matrix alone, most of them TorchJD's (torchjd.org, 0.18).

    update = Σ_k w_k g_k,   w = weigh(G / s),   s = trace(G) / K

where
    G      [K, K] Gram matrix of the task gradients
    s      brings G to a scale of one: TorchJD's thresholds (1e-4, 1e-8, 1e-12) are then relative, so that a method does
           the same at gradients of 1e-10 and of 1e10. Weights of all methods here do not depend on the scale.

Ours: weights of methods that average (sum 1 for equal gradients) are multiplied by K, so that K equal gradients always
give the plain sum and methods differ in direction, not in step length; a task whose gradient is zero (no label in the
batch) is left out of a rule that keeps nothing between steps.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, TypeAlias

from core.lazy_torch import torch
from core.methods.gradients import Combined
from core.methods.rule_adapters import Given

if TYPE_CHECKING:
    from torch import Tensor

Weigh: TypeAlias = "Callable[[Tensor], Tensor]"


class GramRule:
    """Weights from the Gram matrix, nothing kept between steps but a count for the random order."""

    def __init__(self, weigh: Weigh, averages: bool = True, seed: int | None = None) -> None:
        self.weigh = weigh
        self.averages = averages
        self.seed = seed  # None: nothing random
        self.calls = 0

    def begin(self, chosen: list[int]) -> None:
        self.calls = 0

    def combine(self, given: Given) -> Combined:
        gram = given.gram
        known = (gram.diagonal() > 0).nonzero().flatten()
        weights = torch.zeros(len(gram), dtype=gram.dtype)
        if len(known) == 1:
            weights[known] = 1.0
        elif len(known) > 1:
            weights[known] = self._weigh(scaled(gram[known][:, known])) * (len(known) if self.averages else 1)
        self.calls += 1
        return Combined(given.gradients.weighted(weights), weights)

    def _weigh(self, gram: Tensor) -> Tensor:
        if self.seed is None:
            return self.weigh(gram)
        with repeatable(self.seed, self.calls):
            return self.weigh(gram)

    def state_dict(self) -> dict[str, Any]:
        return {"calls": self.calls}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        self.calls = state["calls"]


class RunningRule:
    """A TorchJD weighting that keeps running means between steps.

    The scale s is that of the stage's first step and stays, so that the running means stay comparable.
    """

    def __init__(self, weighting: Any, seed: int) -> None:
        self.weighting = weighting
        self.seed = seed
        self.tasks = 0
        self.begin([])

    def begin(self, chosen: list[int]) -> None:
        self.weighting.reset()
        self.tasks, self.calls, self.scale = len(chosen), 0, 0.0

    def combine(self, given: Given) -> Combined:
        gram = given.gram
        self.scale = self.scale or gram.diagonal().mean().item()
        weights = torch.zeros(len(gram), dtype=gram.dtype)
        if bool(gram.diagonal().sum() > 0):
            with repeatable(self.seed, self.calls):
                weights = self.weighting(gram / self.scale)
        self.calls += 1
        return Combined(given.gradients.weighted(weights), weights)

    def state_dict(self) -> dict[str, Any]:
        kept = dict(self.weighting.state_dict()) if self.calls and self.scale else {}
        return {"calls": self.calls, "scale": self.scale, "kept": kept}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        self.calls, self.scale = state["calls"], state["scale"]
        if state["kept"]:
            self.weighting(torch.eye(self.tasks, dtype=torch.float64))  # makes the buffers
            self.weighting.load_state_dict(state["kept"])


class SignRule:
    """A TorchJD aggregator that draws coordinate by coordinate (GradDrop), part of the parameters by part."""

    def __init__(self, aggregator: Callable[[Tensor], Tensor], seed: int) -> None:
        self.aggregator = aggregator
        self.seed = seed
        self.calls = 0

    def begin(self, chosen: list[int]) -> None:
        self.calls = 0

    def combine(self, given: Given) -> Combined:
        with repeatable(self.seed, self.calls):
            update = given.gradients.each(
                lambda part: self.aggregator(part.flatten(1)).nan_to_num().view(part.shape[1:])
            )
        self.calls += 1
        return Combined(update)

    def state_dict(self) -> dict[str, Any]:
        return {"calls": self.calls}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        self.calls = state["calls"]


def scaled(gram: Tensor) -> Tensor:
    return gram / gram.diagonal().mean()


@contextmanager
def repeatable(seed: int, call: int) -> Iterator[None]:
    """Draws inside follow from seed and call alone, and torch's global generators are left as they were."""
    with torch.random.fork_rng():
        torch.manual_seed(seed * 1_000_003 + call)
        yield


def through_root(aggregate: Weigh) -> Weigh:
    """Weights of an aggregator that wants gradients but depends on their products alone.

    R with R Rᵀ = G stands for the gradients (any such R gives the same weights): w solves Rᵀ w = aggregate(R).
    """

    def weigh(gram: Tensor) -> Tensor:
        values, vectors = torch.linalg.eigh(gram)
        root = vectors * values.clamp_min(0).sqrt()  # [K, K]
        return torch.linalg.pinv(root.T) @ aggregate(root)

    return weigh
