"""Where the program lies, and where it keeps what it makes: run folders, prepared tables, caches."""

from __future__ import annotations

import os
from pathlib import Path

from core.errors import PrecedenceError

LOCAL = ".precedence"

PROGRAM = Path(__file__).resolve().parents[1]
"""The folder that holds app.py, pages, core, assets and sample_data."""


def home() -> Path:
    """The folder named by PRECEDENCE_HOME; else `.precedence` of the working folder, where there is one; else the
    user's data folder of this system, e.g. ~/.local/share/precedence. Made when absent."""
    folder = _chosen().expanduser()
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise PrecedenceError(
            f"The folder {folder} cannot be made ({error.strerror}); name a writable one in PRECEDENCE_HOME."
        ) from error
    return folder


def _chosen() -> Path:
    if named := os.environ.get("PRECEDENCE_HOME"):
        return Path(named)
    if Path(LOCAL).is_dir():
        return Path(LOCAL)
    from platformdirs import user_data_path

    return user_data_path("precedence", appauthor=False)


def outside_data() -> Path:
    """The folder of data sets that are not shipped: PRECEDENCE_DATA, default `../shared/data` beside the project."""
    return Path(os.environ.get("PRECEDENCE_DATA") or Path(__file__).resolve().parents[2] / "shared" / "data")
