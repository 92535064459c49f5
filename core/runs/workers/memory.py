"""The memory that a worker process may take beyond what it needs when it is warm."""

from __future__ import annotations

import contextlib
import logging
import resource
from pathlib import Path

import psutil

from core.runs.limits import MEGABYTE

GRAPHICS_CARD = Path("/dev/nvidiactl")

_log = logging.getLogger(__name__)


class MemoryLimit:
    """Asking for more fails at the run that asks (RLIMIT_DATA), and does not push the machine into swapping.

    Where there is a graphics card, whose driver reserves more than it uses, the resident memory alone is watched.
    """

    def __init__(self, megabytes: int) -> None:
        self._room = megabytes * MEGABYTE
        self._process = psutil.Process()
        self._at_start = self._process.memory_info().rss
        if not GRAPHICS_CARD.exists():
            with contextlib.suppress(OSError, ValueError):
                _, hard = resource.getrlimit(resource.RLIMIT_DATA)
                resource.setrlimit(resource.RLIMIT_DATA, (_data_bytes() + self._room, hard))

    def is_exceeded(self) -> bool:
        """Whether more is resident than allowed; a quarter more is left to the system's own bookkeeping."""
        return bool(self._process.memory_info().rss - self._at_start > self._room * 5 // 4)


def _data_bytes() -> int:
    """What this process has for data now."""
    for line in Path("/proc/self/status").read_text(encoding="ascii", errors="replace").splitlines():
        if line.startswith("VmData:"):
            return int(line.split()[1]) * 1024
    raise OSError("the system does not tell")
