"""A folder that others read while it is replaced: the old one or the new one, never half of either."""

from __future__ import annotations

import os
import shutil
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
