"""How several task losses become one step.

Words, fixed: *loss* of a task; *bound* it must not exceed; *violation* = loss − bound (positive is bad, negative is
slack); *multiplier* ≥ 0, the price of the constraint. The primal step moves the parameters down, the dual step moves
the multipliers up the violation.

A method is one module: its config, its card and its rule (`interface`); `registry` finds it there. May import: nothing
else of core but `core.errors`, `core.settings_field` and `core.lazy_torch`.
"""

from core.methods.dual import DualAscent
from core.methods.fixed import FixedWeights
from core.methods.gradients import Combined, TaskGradients, Update
from core.methods.interface import BaseConfig, GradientMethod, Method, MethodCard, Problem, Stage
from core.methods.nmt import NMT, NMTConfig

__all__ = [
    "NMT",
    "BaseConfig",
    "Combined",
    "DualAscent",
    "FixedWeights",
    "GradientMethod",
    "Method",
    "MethodCard",
    "NMTConfig",
    "Problem",
    "Stage",
    "TaskGradients",
    "Update",
]
