"""Files and folders that others read while they are replaced: the old or the new, never half of either."""

from __future__ import annotations

import os
import shutil
import threading
from collections.abc import Callable
from pathlib import Path
from tempfile import mkdtemp


def put_in_place(made: Path, folder: Path) -> None:
    """Renames `made` to `folder`; what was there goes away only once the new one stands."""
    made.chmod(0o755)
    old = Path(mkdtemp(dir=folder.parent, prefix=f".{folder.name}."))
    try:
        if folder.exists():
            os.replace(folder, old / "old")
        try:
            os.replace(made, folder)
        except OSError:
            if (old / "old").exists() and not folder.exists():
                os.replace(old / "old", folder)
            raise
    finally:
        shutil.rmtree(old, ignore_errors=True)


def write_whole(file: Path, write: Callable[[Path], object]) -> None:
    """Lets `write` fill a file beside `file`, then puts it in place in one step."""
    unfinished = file.with_name(f".{file.name}.{os.getpid()}.{threading.get_ident()}")
    try:
        write(unfinished)
        os.replace(unfinished, file)
    finally:
        unfinished.unlink(missing_ok=True)
