"""What is read off a step: gradients of the tasks, the angles between them.

May import: `core.methods`, `core.data`.
"""
