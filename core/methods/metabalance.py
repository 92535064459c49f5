"""MetaBalance: auxiliary gradients brought near the length of the target's (He et al., WWW 2022), CoGrad's baseline."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from core.lazy_torch import torch
from core.methods.gradients import Combined, Update
from core.methods.interface import ONE_BACKWARD_A_TASK, BaseConfig, MethodCard, Problem
from core.methods.rule_adapters import ByGradients, Given
from core.settings_field import setting

if TYPE_CHECKING:
    from torch import Tensor

Strategy = Literal["reduce", "enlarge", "both"]


class MetaBalanceConfig(BaseConfig):
    """Every part of an auxiliary gradient brought near the length that the most important task's has."""

    kind: Literal["metabalance"] = "metabalance"
    strategy: Strategy = setting(
        "both",
        "Which lengths change",
        "Longer auxiliary gradients are shortened, shorter ones lengthened, or both (the paper's A, B, C).",
        group="Method",
        choices={"both": "both", "reduce": "shorten the longer", "enlarge": "lengthen the shorter"},
    )
    relax: float = setting(
        0.7,
        "Balance r",
        "0 leaves the gradient, 1 gives it the other's length.",
        group="Method",
        step=0.1,
        format="%.4f",
        ge=0,
        le=1,
    )
    decay: float = setting(
        0.9,
        "Memory",
        "β: share of the running lengths that stays at each step.",
        group="Method",
        step=0.01,
        format="%.4f",
        ge=0,
        lt=1,
    )

    def build(self, problem: Problem) -> ByGradients:
        return ByGradients(MetaBalance(self.strategy, self.relax, self.decay), problem, ordered=True)


CARD = MethodCard(
    config=MetaBalanceConfig,
    title="MetaBalance",
    needs="gradients",
    guarantee="No auxiliary gradient outweighs the most important task's in any part of the network.",
    cost=ONE_BACKWARD_A_TASK,
    fails="Only lengths change, so a conflict in direction remains; it needs a target task.",
    formula=r"g_k \leftarrow r\,\tfrac{m_1}{m_k} g_k + (1 - r)\, g_k",
    source="He et al., WWW 2022, §3",
    place=120,
)


class MetaBalance:
    """For each part θ_p of the shared parameters (the touched table rows, each weight, each bias) and each task k:

        m_k ← β m_k + (1 − β) |g_k|
        g_k ← r · (m_1 / m_k) g_k + (1 − r) g_k     where the strategy says so;   update = Σ_k g_k

    where
        m      running length of the part's gradient, m_1 that of the most important task
        r, β   `relax`, `decay`
        reduce: only where m_k > m_1; enlarge: only where m_k < m_1; both: always       (the paper's A, B, C)

    Ours: running lengths start at the first step's own instead of 0.
    """

    def __init__(self, strategy: Strategy, relax: float, decay: float) -> None:
        self.strategy = strategy
        self.relax = relax
        self.decay = decay
        self.lengths: Tensor | None = None  # [parts, K]

    def begin(self, chosen: list[int]) -> None:
        self.lengths = None

    def combine(self, given: Given) -> Combined:
        parts = given.gradients.parts
        now = torch.stack([part.flatten(1).norm(dim=1) for part in parts])  # [parts, K]
        self.lengths = now if self.lengths is None else self.lengths.lerp(now, 1 - self.decay)
        factors = self._factors(self.lengths)
        rows, *trunk = [torch.tensordot(factor, part, 1) for factor, part in zip(factors, parts, strict=True)]
        return Combined(Update(given.gradients.touched, rows, tuple(trunk)))

    def _factors(self, lengths: Tensor) -> Tensor:
        """[parts, K] what each gradient is multiplied by."""
        target = lengths[:, :1]
        if self.strategy == "reduce":
            change = lengths > target
        elif self.strategy == "enlarge":
            change = lengths < target
        else:
            change = torch.ones_like(lengths, dtype=torch.bool)
        change = change & (lengths > 0)
        ratio = target / torch.where(lengths > 0, lengths, torch.ones_like(lengths))
        return torch.where(change, self.relax * ratio + (1 - self.relax), torch.ones_like(lengths))

    def state_dict(self) -> dict[str, Any]:
        return {"lengths": self.lengths}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        self.lengths = state["lengths"]
