"""Running means between two points of the curves, kept on the device so that a step does not wait for them."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor


class Recorder:
    """Means of losses [K] and training violations [K] since the last record."""

    def __init__(self, like: Tensor) -> None:
        self._zero = torch.zeros(2, len(like), dtype=like.dtype, device=like.device)
        self.clear()

    def clear(self) -> None:
        self._sum, self._count = self._zero.clone(), 0

    def add(self, losses: Tensor, violation: Tensor) -> None:
        self._sum += torch.stack((losses, violation))
        self._count += 1

    def take(self) -> tuple[list[float], list[float]]:
        """The two means; the record begins anew."""
        losses, violation = (self._sum / max(1, self._count)).tolist()
        self.clear()
        return losses, violation

    def state_dict(self) -> dict[str, Any]:
        return {"sum": self._sum, "count": self._count}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        self._sum, self._count = state["sum"], state["count"]
