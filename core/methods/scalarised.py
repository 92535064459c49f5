"""Weights from losses alone, by TorchJD's scalarisers: w_k = ∂ s(L_1 … L_K) / ∂ L_k, at one backward whatever K."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from core.errors import PrecedenceError
from core.lazy_torch import torch

if TYPE_CHECKING:
    from torch import Tensor


class ScalariserRule:
    """A TorchJD scalariser made anew for each stage by `make(chosen tasks)`.

    `rate`: learning rate (Adam) of the scalariser's own parameters, where it has some that it does not step itself.
    `interval`: steps after which `step()` is called, where the scalariser counts epochs.
    `looks_back`: it wants the losses once more after each step (`update`).
    """

    def __init__(
        self,
        make: Callable[[list[int]], Any],
        rate: float | None = None,
        interval: int | None = None,
        looks_back: bool = False,
    ) -> None:
        self.make = make
        self.rate = rate
        self.interval = interval
        self.looks_back = looks_back
        self.calls = 0

    def begin(self, chosen: list[int]) -> None:
        self.calls = 0
        self.scalariser = self.make(chosen)
        self.optimiser = None if self.rate is None else torch.optim.Adam(self.scalariser.parameters(), lr=self.rate)

    def weigh(self, losses: Tensor) -> Tensor:
        values = losses.detach().clamp_min(1e-12).requires_grad_()
        if self.optimiser is not None:
            self.optimiser.zero_grad()
        with torch.enable_grad():
            self.scalariser(values).backward()
        weights = values.grad
        if weights is None or not bool(torch.isfinite(weights).all()):
            raise PrecedenceError(
                f"A loss is not finite (losses {losses.tolist()}); lower the learning rate or clip the gradient."
            )
        if self.optimiser is not None:
            self.optimiser.step()
        self.calls += 1
        if self.interval is not None and self.calls % self.interval == 0:
            self.scalariser.step()
        return weights

    def look_back(self, losses: Tensor) -> None:
        if self.looks_back:
            self.scalariser.update(losses.detach().clamp_min(1e-12))

    def state_dict(self) -> dict[str, Any]:
        return {"calls": self.calls, "scalariser": _state(self.scalariser), "optimiser": _optimiser(self.optimiser)}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        self.calls = state["calls"]
        _restore(self.scalariser, state["scalariser"])
        if self.optimiser is not None and state["optimiser"] is not None:
            self.optimiser.load_state_dict(state["optimiser"])


def _state(scalariser: Any) -> dict[str, Any]:
    """TorchJD 0.18 keeps some running values as plain attributes, which its own state_dict leaves out."""
    plain = {
        name: value for name, value in vars(scalariser).items() if isinstance(value, torch.Tensor | int | float | list)
    }
    inner = vars(scalariser).get("_optimizer")  # FAMO's
    return {"tensors": dict(scalariser.state_dict()), "plain": plain, "inner": _optimiser(inner)}


def _restore(scalariser: Any, state: dict[str, Any]) -> None:
    scalariser.load_state_dict(state["tensors"])
    for name, value in state["plain"].items():
        setattr(scalariser, name, value)
    if state["inner"] is not None:
        settings = {"lr": scalariser.lr, "weight_decay": scalariser.weight_decay}
        scalariser._optimizer = torch.optim.Adam(list(scalariser.parameters()), **settings)
        scalariser._optimizer.load_state_dict(state["inner"])


def _optimiser(optimiser: torch.optim.Optimizer | None) -> dict[str, Any] | None:
    return None if optimiser is None else optimiser.state_dict()
