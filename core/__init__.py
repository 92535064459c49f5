"""Precedence: prioritised multi-task learning, live.

Each room below says in its own docstring what lives there and what it may import; the import contract in
`pyproject.toml` holds it. Nothing in core prints or imports a page; `python -m core` is the command line.
"""

__version__ = "0.2.0"
"""Of the program, the package and the wheel: pyproject.toml reads it here. `CHANGELOG.md` says what changed."""
