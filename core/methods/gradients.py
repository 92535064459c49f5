"""Gradients of several tasks over what they share, and the one update made of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from core.lazy_torch import torch

if TYPE_CHECKING:
    from torch import Tensor


@dataclass(frozen=True)
class Update:
    """One direction over the shared parameters, to be subtracted. U table rows are touched, of dimension d."""

    touched: Tensor  # [U] table rows
    rows: Tensor  # [U, d]
    trunk: tuple[Tensor, ...]  # one for each shared parameter but the table

    @property
    def parts(self) -> tuple[Tensor, ...]:
        return (self.rows, *self.trunk)

    def flat(self) -> Tensor:
        """[P] all of it."""
        return torch.cat([part.flatten() for part in self.parts])

    def squared(self) -> Tensor:
        """|update|², a scalar."""
        return torch.stack([part.flatten().dot(part.flatten()) for part in self.parts]).sum()

    def scaled(self, factor: float | Tensor) -> Update:
        return Update(self.touched, self.rows * factor, tuple(part * factor for part in self.trunk))


@dataclass(frozen=True)
class TaskGradients:
    """Gradients of K tasks over table rows that were touched and over the other shared parameters."""

    touched: Tensor  # [U] table rows
    rows: Tensor  # [K, U, d] with respect to those rows
    trunk: tuple[Tensor, ...]  # [K, *shape] for each shared parameter but the table

    @classmethod
    def of_matrix(cls, gradients: Tensor) -> TaskGradients:
        """From [K, P] with no table: for toy problems."""
        empty = gradients.new_zeros(len(gradients), 0, 1)
        return cls(torch.zeros(0, dtype=torch.long, device=gradients.device), empty, (gradients,))

    def __len__(self) -> int:
        return len(self.rows)

    @property
    def parts(self) -> tuple[Tensor, ...]:
        """The rows first, then the trunk: each [K, *shape]."""
        return (self.rows, *self.trunk)

    def flat(self) -> Tensor:
        """[K, P] all of it, one row a task."""
        return torch.cat([part.flatten(1) for part in self.parts], 1)

    def gram(self) -> Tensor:
        """G [K, K], G_ij = ⟨g_i, g_j⟩, in float64 on the CPU: what most methods and all angles are made from."""
        total = torch.stack([part.flatten(1) @ part.flatten(1).T for part in self.parts]).sum(0)
        return total.to("cpu", torch.float64)

    def weighted(self, weights: Tensor) -> Update:
        """Σ_k w_k g_k for weights [K]."""
        if len(self) == 1 and float(weights[0]) == 1.0:  # the bits of a plain step
            return Update(self.touched, self.rows[0], tuple(part[0] for part in self.trunk))
        w = weights.to(self.rows)
        return self.each(lambda part: torch.tensordot(w, part, 1))

    def each(self, of: Callable[[Tensor], Tensor]) -> Update:
        """An update from a function of every part [K, *shape] → [*shape]."""
        return Update(self.touched, of(self.rows), tuple(of(part) for part in self.trunk))

    def task(self, k: int) -> Update:
        return Update(self.touched, self.rows[k], tuple(part[k] for part in self.trunk))


class Replay(Protocol):
    """The same batch with the same dropout, asked once more: what curvature needs beyond the gradients."""

    def gradient_at(self, k: int, shift: Update) -> Update:
        """∇L_k at θ − shift; heads stay as they are."""

    def curvature_along(self, k: int, direction: Update) -> Update:
        """H_k · direction at θ, with H_k the Hessian of L_k over the shared parameters."""


@dataclass(frozen=True)
class Combined:
    """What a method makes of the task gradients."""

    update: Update
    weights: Tensor | None = None  # [K] where the update is Σ w_k g_k
    correction: Tensor | None = None  # |update − Σ g_k| / |Σ g_k|, of methods that correct the sum
