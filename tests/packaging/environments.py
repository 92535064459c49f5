"""Fresh virtual environments that borrow the installed dependencies, so that nothing is fetched."""

from __future__ import annotations

import os
import site
import subprocess
import sys
from pathlib import Path

PIP = ("-m", "pip", "--quiet", "--disable-pip-version-check")


def environment(folder: Path) -> Path:
    """A new one in `folder`; what the program depends on, pip too, comes from the one that runs the tests."""
    done(sys.executable, "-m", "venv", "--without-pip", str(folder))
    (packages,) = folder.glob("lib/python*/site-packages")
    (packages / "zz_borrowed.pth").write_text("\n".join(site.getsitepackages()) + "\n")
    return folder


def install(environment: Path, *what: str) -> Path:
    """pip install, from this machine alone."""
    done(
        sys.executable,
        *PIP,
        "--python",
        str(environment / "bin" / "python"),
        "install",
        "--no-deps",
        "--no-index",
        *what,
    )
    return environment


def done(*command: str, folder: Path | None = None, **more: str) -> str:
    """The command's standard output; `more`: environment variables."""
    ended = subprocess.run(
        command, cwd=folder, env={**os.environ, **more}, capture_output=True, text=True, timeout=300, check=False
    )
    assert ended.returncode == 0, ended.stderr[-2000:]
    return ended.stdout
