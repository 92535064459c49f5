"""PCD: the most important task first, a little progress promised to the others (TMLR 2026), by TorchJD."""

from __future__ import annotations

from typing import Literal

from core.methods.gram_rules import RunningRule
from core.methods.interface import ONE_BACKWARD_A_TASK, BaseConfig, MethodCard, Problem
from core.methods.rule_adapters import ByGradients
from core.settings_field import setting


class PCDConfig(BaseConfig):
    """The most important task first, a little progress promised to the others."""

    kind: Literal["pcd"] = "pcd"
    promise: float = setting(
        0.02,
        "Promised progress τ",
        "Share of its own normalised progress kept for each other task.",
        group="Method",
        step=0.01,
        format="%.4f",
        ge=0,
        le=1,
    )
    decay: float = setting(
        0.999,
        "Memory",
        "β: share of the running squared norms that stays at each step.",
        group="Method",
        step=0.01,
        format="%.4f",
        ge=0,
        lt=1,
    )

    def build(self, problem: Problem) -> ByGradients:
        from torchjd.aggregation import PCDWeighting

        return ByGradients(
            RunningRule(PCDWeighting(tau=self.promise, beta=self.decay), problem.seed), problem, ordered=True
        )


CARD = MethodCard(
    config=PCDConfig,
    title="PCD",
    needs="gradients",
    guarantee="Each other task makes at least the promised progress; the most important task decides the rest.",
    cost=ONE_BACKWARD_A_TASK,
    fails="Promises are to first order and for one batch; where not all can be kept, all are dropped.",
    formula=r"\min_d |d - \tilde g_1|^2 \quad \text{s.t. } \tilde g_k \cdot d \ge \tau\,|\tilde g_k|^2",
    source="Priority-constrained descent, TMLR 2026, arXiv 2606.29521",
    place=240,
)
