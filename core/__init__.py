"""Precedence: prioritised multi-task learning, live.

Each room below says in its own docstring what lives there and what it may import; the import contract in
`pyproject.toml` holds it. Nothing in core prints or imports a page; `python -m core` is the command line.
"""
