"""Temporary files that name the process they belong to, so that those of one that was killed can be told and go.

`precedence-temporary-PID-TICK-…` in the system's folder; TICK: when the process began, see `process_mark`.
"""

from __future__ import annotations

import os
import re
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from uuid import uuid4

from core.processes import process_mark

PREFIX = "precedence-temporary-"
_NAMED = re.compile(rf"{PREFIX}(\d+)-(\d+)-\w+")
_OF_BEFORE = re.compile(r"precedence-spilled-[0-9a-f]{32}")  # of an earlier version: they name nobody
OLD = 86400.0  # seconds after which what names nobody belongs to nobody


def named_place() -> Path:
    """A name for a file or folder of this process that nothing has yet."""
    tick = process_mark(os.getpid()).rpartition(":")[2] or "0"
    return Path(tempfile.gettempdir()) / f"{PREFIX}{os.getpid()}-{tick}-{uuid4().hex}"


@contextmanager
def temporary_folder() -> Iterator[Path]:
    """An empty folder that is gone afterwards."""
    folder = named_place()
    folder.mkdir(mode=0o700)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def keep_together() -> Path:
    """From now on all temporary files of this process lie in one folder of its own, which goes with it."""
    folder = named_place()
    folder.mkdir(mode=0o700)
    tempfile.tempdir = str(folder)
    return folder


def left_over() -> list[Path]:
    """What lies there of processes of this account that are gone."""
    return [place for place in _ours() if _is_left(place)]


def remove_left_over() -> int:
    """Removes it and says how much there was."""
    found = left_over()
    for place in found:
        shutil.rmtree(place, ignore_errors=True)
    return len(found)


def _ours() -> list[Path]:
    with suppress(OSError), os.scandir(_system_folder()) as entries:
        return [
            Path(entry.path)
            for entry in entries
            if entry.is_dir(follow_symlinks=False)
            and (_NAMED.fullmatch(entry.name) or _OF_BEFORE.fullmatch(entry.name))
            and entry.stat(follow_symlinks=False).st_uid == os.getuid()
        ]
    return []


def _system_folder() -> Path:
    """Where this process' temporary files would lie without `keep_together`."""
    folder = Path(tempfile.gettempdir())
    return folder.parent if _NAMED.fullmatch(folder.name) else folder


def _is_left(place: Path) -> bool:
    named = _NAMED.fullmatch(place.name)
    if named is None or named[2] == "0":
        with suppress(OSError):
            return time.time() - place.stat().st_mtime > OLD
        return False
    return process_mark(int(named[1])).rpartition(":")[2] != named[2]
