"""Where Precedence keeps what it makes: run folders, prepared tables, caches."""

from __future__ import annotations

import os
from pathlib import Path

from core.errors import PrecedenceError


def home() -> Path:
    """The folder named by PRECEDENCE_HOME, default `.precedence` in the working folder; made when absent."""
    folder = Path(os.environ.get("PRECEDENCE_HOME") or ".precedence").expanduser()
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise PrecedenceError(
            f"The folder {folder} cannot be made ({error.strerror}); name a writable one in PRECEDENCE_HOME."
        ) from error
    return folder
