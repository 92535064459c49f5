"""What is read off a step or a run: angles between task gradients, what a run says in words.

May import: `core.methods`, `core.data`.
"""
