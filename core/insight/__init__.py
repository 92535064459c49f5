"""What is read off a step or a run: gradients of the tasks, the angles between them, prices of tolerances, the front
of many runs.

May import: `core.methods`, `core.data`.
"""
