"""python -m core COMMAND …, or precedence COMMAND …: everything the pages do, without a browser."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from core.commands.root import execute


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs one line, by default this process's own, and gives its exit status."""
    return execute(arguments)


if __name__ == "__main__":
    sys.exit(main())
