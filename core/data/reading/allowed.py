"""Files on the server that may be read from a page: those in the folders that its operator named.

A page shows their names and takes one of them; a path that a browser names is never opened.
"""

from __future__ import annotations

import os
from pathlib import Path

from core.data.reading.container import ENDINGS
from core.errors import PrecedenceError

VARIABLE = "PRECEDENCE_FILES"
"""Folders, with the system's separator between them, whose files visitors may read."""
MOST = 500


def allowed_files() -> dict[str, Path]:
    """The files by the name that a page shows; none where the operator named no folder."""
    found: dict[str, Path] = {}
    for text in filter(None, os.environ.get(VARIABLE, "").split(os.pathsep)):
        folder = Path(text).expanduser().resolve()
        for file in sorted(folder.rglob("*")) if folder.is_dir() else ():
            real = file.resolve()
            inside = folder in real.parents and not any(part.startswith(".") for part in file.relative_to(folder).parts)
            if inside and real.is_file() and real.suffix.lower().lstrip(".") in ENDINGS and len(found) < MOST:
                found.setdefault(file.relative_to(folder).as_posix(), real)
    return found


def allowed_file(name: str) -> Path:
    """One of them by its name."""
    known = allowed_files()
    if name not in known:
        raise PrecedenceError(f"{name[:60]!r} is none of the files that this server offers; choose one of them.")
    return known[name]
