"""What bad uploads cost: each is read as a page reads it, and is data, or refused in a sentence, in time, for nothing.

Two people bring files at the same time, each through the child with limits. A file that can be looked at goes on to
what the page would do next: check it as a table, keep it as events, or read it as a catalogue.
"""

from __future__ import annotations

import multiprocessing
import os
import re
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from pathlib import Path
from typing import Any

import psutil

from core.bench.bad_uploads import write_upload
from core.data.reading.options import ReaderOptions
from core.data.sources.uploaded.look import look
from core.data.sources.uploaded.table import check_file
from core.errors import PrecedenceError
from core.relevance.stores.uploaded import read_catalogue
from core.runs.sidecar.confined import SECONDS, UNEXPECTED, confined
from core.users.uploaded_events import keep

LONGEST = 20.0  # seconds for anything
PURPOSES = ("table", "events", None)


class Uploads:
    """What has happened so far."""

    def __init__(self, folder: Path, seed: int, maker: ProcessPoolExecutor) -> None:
        self._folder, self._seed, self._maker = folder, seed, maker
        self._process, self._lock = psutil.Process(), threading.Lock()
        self._free, self._places = threading.local(), re.compile("|".join(_places(folder)))
        self.found: Counter[str] = Counter()
        self.worst, self.memory = 0.0, 0
        self.notes: list[str] = []
        self._before = self._process.memory_info().rss

    def bring(self, number: int) -> None:
        """One file, by the one who is free."""
        person = f"person {threading.get_ident()}"
        with tempfile.TemporaryDirectory(dir=self._folder) as place:
            file = self._maker.submit(write_upload, Path(place), number, self._seed).result()
            purpose = PURPOSES[number % len(PURPOSES)]
            self._step("looked at", number, lambda: confined(look, [file], ReaderOptions(), purpose, person=person))
            steps: dict[str | None, Callable[[], Any]] = {
                "table": lambda: confined(check_file, [file], {}, None, ReaderOptions(), person=person),
                "events": lambda: confined(keep, file, ReaderOptions(), person=person),
                None: lambda: confined(read_catalogue, file, person=person),
            }
            if self._went_well:
                self._step("read", number, steps[purpose])

    @property
    def _went_well(self) -> bool:
        return bool(self._free.well)

    def _step(self, what: str, number: int, work: Callable[[], Any]) -> None:
        began, said, problem = time.monotonic(), "", ""
        try:
            work()
        except PrecedenceError as error:
            said = str(error)
            problem = self._problem(said)
        except Exception as error:
            said, problem = f"{type(error).__name__}: {error}", "tracebacks"
        took = time.monotonic() - began
        with self._lock:
            self._free.well = not said
            self.found["refused" if said else what] += 1
            self.worst = max(self.worst, took)
            self.memory = max(self.memory, self._process.memory_info().rss - self._before)
            self.found["hangs"] += took > LONGEST
            if problem:
                self.found[problem] += 1
            if problem or took > LONGEST:
                self.notes.append(f"{number}, {problem or 'hangs'}, {took:.1f} s: {said[:200]}")

    def _problem(self, said: str) -> str:
        if "Traceback" in said or "\n" in said:
            return "tracebacks"
        if self._places.search(said):
            return "paths"
        return "unexpected" if UNEXPECTED.match(said) else ""


def _places(folder: Path) -> list[str]:
    """Where this server keeps things."""
    known = {str(folder), tempfile.gettempdir(), os.getcwd(), sys.prefix, str(Path.home())}
    return [rf"(?<![\w.]){re.escape(place)}/" for place in known if len(place) > 1]


def measure(
    count: int = 1000, seed: int = 0, at_once: int = 2, report: Callable[[str], None] = lambda line: None
) -> dict[str, Any]:
    """Counts over so many files.

    `hangs`: longer than 20 s. `paths`: refusals with a place of this server. `unexpected`: refusals of what a reader
    did not foresee, which name an exception's type in place of the fault. The files are made in another process, so
    `memory_growth_mb` is of the one that a server would be.
    """
    if count < 0 or at_once < 1:
        raise PrecedenceError("count must be 0 or more, and at_once 1 or more.")
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="precedence-") as name:
        home = Path(name) / "home"
        home.mkdir()
        before, os.environ["PRECEDENCE_HOME"] = os.environ.get("PRECEDENCE_HOME"), str(home)
        try:
            with (
                ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as maker,
                ThreadPoolExecutor(at_once) as people,
            ):
                maker.submit(write_upload, Path(name), 0, seed).result()  # the pool's own memory is not the files'
                uploads = Uploads(Path(name), seed, maker)
                for done, _ in enumerate(people.map(uploads.bring, range(count)), 1):
                    if done % 25 == 0:
                        report(
                            f"{done} of {count}, {time.monotonic() - began:.0f} s: {dict(uploads.found)}, worst "
                            f"{uploads.worst:.1f} s, + {uploads.memory >> 20} MB"
                        )
        finally:
            if before is None:
                del os.environ["PRECEDENCE_HOME"]
            else:
                os.environ["PRECEDENCE_HOME"] = before
    found = uploads.found
    return {
        "uploads": count,
        "refused": found["refused"],
        "read": found["read"],
        **{name: found[name] for name in ("tracebacks", "hangs", "paths", "unexpected")},
        "worst_seconds": round(uploads.worst, 1),
        "limit_seconds": SECONDS,
        "memory_growth_mb": round(uploads.memory / 2**20),
        "seconds": round(time.monotonic() - began),
        "seed": seed,
        "notes": sorted(uploads.notes)[:40],
    }
