"""What is read off a step or a run: gradients of the tasks, the angles between them, prices of tolerances.

May import: `core.methods`, `core.data`.
"""
