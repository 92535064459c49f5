"""How several task losses become one step.

Words, fixed: *loss* of a task; *bound* it must not exceed; *violation* = loss − bound (positive is bad, negative is
slack); *multiplier* ≥ 0, the price of the constraint. The primal step moves the parameters down, the dual step moves
the multipliers up the violation. May import: nothing else of core but `core.errors`.
"""
