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


NOTABLE = 0.1  # share of what was learnt from which a tolerance deserves a word


def share_of_learnt(allowed: float, learnt: float) -> float:
    """The most that a tolerance gives up of what was learnt, as a share: ε / (m(constant) − m(θ)), at most 1.

    where
        ε               `allowed`, in the unit of the loss or the metric
        m(θ)            the loss of the protected model, m(constant) that of the best constant prediction on the same
                        rows; `learnt` is their difference, of a metric the other way round

    A loss of 0.0489 where a constant has 0.0514 has learnt 0.0025: 1 % of it is 0.00049, a fifth of that.
    """
    return min(1.0, allowed / learnt) if learnt > 0 else 1.0


def at_most(name: str, size: str, share: float, by: str = "") -> str:
    """What a tolerance can lose at most: `1 % of the loss of conversion is up to 20 % of all that was learnt of it`.

    `size` as `amount` writes it, with its unit; `by`: who learnt it, where that was not the run itself.
    """
    learnt = f"all that {by} learnt of it" if by else "all that was learnt of it"
    most = "as much as " if share >= 1 else f"up to {100 * share:.0f} % of "
    return f"{size} of {name} is {most}{learnt}"
