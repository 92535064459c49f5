"""Amounts of a tolerance in words, in the unit in which the run has its tolerances."""

from __future__ import annotations

from core.methods.interface import ToleranceKind
from core.task_kinds.kinds import KINDS


def amount(value: float, kind: ToleranceKind, task_kind: str, reference: float | None, signed: bool = False) -> str:
    """`1.5 %` of `reference`, `0.002 AUC`, or the bare number."""
    if kind == "metric":
        name = KINDS[task_kind].metric.name if task_kind in KINDS else ""
        return f"{number(value, '+.3g' if signed else '.3g')} {name}".rstrip()
    if kind == "absolute" or not reference:
        return number(value, "+.4g" if signed else ".4g")
    return f"{number(100 * value / reference, '+.1f' if signed else '.3g')} %"


def number(value: float, shape: str) -> str:
    """With a true minus sign, and without a sign before 0."""
    text = f"{value:{shape}}"
    return text.lstrip("+-") if float(text) == 0 else text.replace("-", "−")
