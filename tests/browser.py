"""Finds the browser that the browser tests drive; run by `make test` before them, it says what it found.

The system's chromium comes first, then the one that Playwright installs. Without any, the tests are reported as not
run with the reason; with CI=true that is a failure.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
INSTALL_SECONDS = 600


def system_browser() -> str | None:
    """The system's own browser; None where there is none."""
    return next((path for name in NAMES if (path := shutil.which(name))), None)


def own_browser() -> str | None:
    """The browser that Playwright has installed; None where it has not."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        path = playwright.chromium.executable_path
    return path if Path(path).exists() else None


def find() -> str | None:
    """The browser to drive, or None."""
    return system_browser() or own_browser()


def install() -> str:
    """Lets Playwright fetch its chromium; the reason where that fails, else nothing."""
    command = [sys.executable, "-m", "playwright", "install", "chromium"]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=INSTALL_SECONDS)
    except (OSError, subprocess.TimeoutExpired) as error:
        return str(error)
    lines = (done.stderr or done.stdout).strip().splitlines()
    return "" if done.returncode == 0 else lines[-1] if lines else f"exit status {done.returncode}"


def is_required() -> bool:
    """With CI=true a missing browser is a failure."""
    return os.environ.get("CI", "").lower() == "true"


def main() -> int:
    found = find()
    reason = ""
    if found is None:
        reason = install()
        found = find()
    if found is not None:
        print(f"Browser tests drive {found}.")
        return 0
    print(
        f"No browser: none of {', '.join(NAMES)} is installed and Playwright could not fetch its own ({reason}). "
        "The browser tests are not run."
    )
    return 1 if is_required() else 0


if __name__ == "__main__":
    sys.exit(main())
