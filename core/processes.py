"""Which process is which: a number alone comes again."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path


def process_mark(pid: int) -> str:
    """The machine's start and the tick of the process' start: no other process has it, and setting the clock changes
    nothing. Empty where the process is gone, is a zombie, or the system does not tell."""
    try:
        after_name = Path(f"/proc/{pid}/stat").read_bytes().rpartition(b")")[2].split()
        return "" if after_name[0] == b"Z" else f"{boot()}:{int(after_name[19])}"
    except (OSError, ValueError, IndexError):
        return ""


@lru_cache(maxsize=1)
def boot() -> str:
    """Which start of the machine this is; empty where the system does not tell."""
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
    except OSError:
        return ""
