"""Looks through a home for what is damaged, left over or untrue, and mends what can be mended without loss.

Meant for a server that stands still: what is under way changes while one looks. Nothing of the home is deleted: a file
that stands in the way is renamed to NAME.damaged. Temporary files of processes that were killed go.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from core.errors import PrecedenceError
from core.files import all_below
from core.records import DAMAGED, put_aside, read_record
from core.runs.folder.owner import is_owned
from core.runs.folder.run_folder import RunFolder, mended_status, run_ids
from core.runs.folder.shared_stages import read_branched, read_start
from core.runs.folder.status import ACTIVE
from core.runs.paths import queue_folder, runs_folder
from core.runs.workers.handing_on import crashed, mark_crashed, orders_of
from core.runs.workers.registry import Queue, worker_folders
from core.runs.workers.run_records import check_log
from core.temporary import left_over


@dataclass(frozen=True)
class Finding:
    """`place` below the home, what is wrong there, and what was done about it; empty: nothing."""

    place: str
    problem: str
    done: str = ""


class _Sums(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")
    sums: dict[int, int] = {}


def examine(home: Path, mend: bool = False) -> list[Finding]:
    """Everything that was found; with `mend` what can be mended is."""
    found: list[Finding] = []
    for path in sorted(runs_folder(home).glob("*")):
        if path.is_dir() and path.name not in run_ids(home):
            found.append(Finding(f"runs/{path.name}", "It is no whole run: its config.json is missing."))
    for run_id in sorted(run_ids(home)):
        found += _run(RunFolder(home, run_id), mend)
    found += _queue(home, mend)
    found += _workers(home, mend)
    found += _temporary(mend)
    aside = [file for file in sorted(all_below(home)) if DAMAGED in file.name and file.is_file()]
    found += [
        Finding(str(file.relative_to(home)), "It was put aside as damaged; look at it or delete it.") for file in aside
    ]
    return found


def _run(folder: RunFolder, mend: bool) -> Iterator[Finding]:
    place = f"runs/{folder.run_id}"
    looks: list[tuple[str, Callable[[], object], Callable[[], object] | None]] = [
        ("config.json", folder.config, None),
        ("about.json", folder.about, None),
        ("read.token", folder.token, None),
        ("control.json", folder.control, lambda: orders_of(folder)),
        ("applied.json", folder.applied, lambda: put_aside(folder.path / "applied.json", "damaged")),
        ("status.json", folder.status, lambda: mended_status(folder)),
        ("result.json", folder.result, None),
        ("start.json", lambda: read_start(folder.path), None),
        ("branched.json", lambda: read_branched(folder.path), None),
        ("events.jsonl", lambda: _log(folder), None),
        ("checkpoint.pt", lambda: _checkpoint(folder.checkpoint), None),
    ]
    for name, look, repair in looks:
        try:
            look()
        except (PrecedenceError, OSError) as error:
            yield Finding(f"{place}/{name}", str(error), _repaired(repair) if mend else "")
    with suppress(PrecedenceError, OSError):
        status = folder.status()
        if status.state in ACTIVE and not is_owned(folder.path):
            if mend:
                folder.write_status(crashed(status))
            yield Finding(
                f"{place}/status.json",
                f"It says {status.state}, but no process has it.",
                "It is marked as crashed and can be resumed." if mend else "",
            )


def _repaired(repair: Callable[[], object] | None) -> str:
    if repair is None:
        return ""
    try:
        repair()
    except (PrecedenceError, OSError) as error:
        return f"It could not be mended ({error})."
    return "It is put aside and written anew."


def _log(folder: RunFolder) -> None:
    """Every checksum that was kept, and that each line is an event."""
    sums = folder.log.with_suffix(".sum")
    try:
        known = sorted(read_record(_Sums, sums, "start the run again").sums)
    except FileNotFoundError:
        known = []
    size = folder.log.stat().st_size if folder.log.exists() else 0
    for offset in known:
        if offset > size:
            raise PrecedenceError(f"events.jsonl has {size} bytes; it had {offset} at a checkpoint.")
        check_log(folder.log, offset)
    if folder.log.exists():
        problems = folder.tail().read_all().problems
        if problems:
            raise PrecedenceError(f"events.jsonl: {problems[0]}")


def _checkpoint(file: Path) -> None:
    if file.exists():
        from core.training.checkpoint import check

        check(file)


def _queue(home: Path, mend: bool) -> Iterator[Finding]:
    queue = Queue(home)
    waiting = queue.waiting()
    for run_id in waiting:
        if run_id not in run_ids(home):
            if mend:
                queue.remove(run_id)
            yield Finding(f"queue/{run_id}", "There is no such run.", "It is taken out of the queue." if mend else "")
    for file in sorted(queue_folder(home).glob("[!.]*")):
        if not file.is_file() or not any(file.name.endswith(run_id) for run_id in waiting):
            done = "It is put aside." if mend and put_aside(file, "it is no waiting run") else ""
            if not file.name.endswith(DAMAGED):
                yield Finding(f"queue/{file.name}", "It is no waiting run.", done)


def _workers(home: Path, mend: bool) -> Iterator[Finding]:
    for worker in worker_folders(home):
        status = worker.status()
        if status is None or not status.process_exists():
            if mend:
                mark_crashed(home, worker, Queue(home))
            yield Finding(
                f"workers/{worker.worker_id}",
                "Its process is gone.",
                "It is removed, and its runs can be resumed." if mend else "",
            )


def _temporary(mend: bool) -> Iterator[Finding]:
    """Beside the home, in the system's temporary folder."""
    for place in left_over():
        if mend:
            shutil.rmtree(place, ignore_errors=True)
        yield Finding(place.name, "It is temporary, and its process was killed.", "It is removed." if mend else "")
