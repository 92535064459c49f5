"""Kinds of task: binary, multiclass, regression, cost, ranking. `kinds` says what each is, without torch; `functions`
computes.

A new kind is one entry in each of the two. May import nothing of the other rooms but `core.statistics`.
"""
