"""python -m core doctor | admin … | backup | restore: looking after a home, with or without a server."""

from __future__ import annotations

import os
import tarfile
import time
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

from core.commands.options import FILE, Command, report, show
from core.errors import PrecedenceError

LEFT_OUT = ("workers", "queue", "cache", "logs", "server.json", "library.duckdb", "library.duckdb.wal")
"""Of a home: made again by itself, or true of this moment alone."""


@click.command(cls=Command)
@click.option(
    "--mend", is_flag=True, help="Mend what can be mended without loss; nothing but temporary files is deleted."
)
def doctor(mend: bool) -> dict[str, Any]:
    """Look through the home for what is damaged, left over or untrue."""
    from core.home import home
    from core.runs.doctor import examine

    found = examine(home(), mend)
    for one in found:
        show(f"{one.place}: {one.problem} {one.done}".rstrip())
    if not found:
        show("Everything is as it was written.")
    return {"findings": [asdict(one) for one in found], "mended": sum(bool(one.done) for one in found)}


@click.command(cls=Command)
@click.option("--state", default="", help="Only runs in this state, e.g. running.")
def runs(state: str) -> dict[str, Any]:
    """All runs: state, step, whose, how large."""
    from core.home import home
    from core.runs.clean_up import sizes

    rows = [row for row in sizes(home()) if not state or row.state == state]
    for row in rows:
        shared = ", shared" * row.shared + ", pinned" * row.pinned
        show(f"{row.run_id}: {row.state}, step {row.step:,}, {row.bytes >> 10:,} kB, {row.owner[:8] or '–'}{shared}")
    return {"runs": [asdict(row) for row in rows]}


@click.command(cls=Command)
@click.argument("names", nargs=-1, required=True)
def stop(names: tuple[str, ...]) -> dict[str, Any]:
    """Stop runs by their names; they can be resumed."""
    from core.home import home
    from core.runs.workers.supervisor import Supervisor

    supervisor, stopped = Supervisor(home()), []
    for name in names:
        try:
            supervisor.command(name, "stop")
            stopped.append(name)
        except PrecedenceError as error:
            report(str(error))
    show(f"{len(stopped)} of {len(names)} are asked to stop.")
    return {"stopped": stopped}


@click.command(cls=Command)
def queue() -> dict[str, Any]:
    """What waits, and what the workers do."""
    from core.home import home
    from core.runs.workers.registry import Queue, worker_folders

    waiting = Queue(home()).waiting()
    workers = []
    for folder in worker_folders(home()):
        status = folder.status()
        alive = status is not None and status.alive()
        workers.append({"worker": folder.worker_id, "alive": alive, "runs": folder.claimed()})
        show(f"{folder.worker_id}: {'alive' if alive else 'silent'}, {', '.join(folder.claimed()) or 'idle'}")
    for place, name in enumerate(waiting, 1):
        show(f"{place}. {name}")
    show(f"{len(waiting)} wait.")
    return {"waiting": waiting, "workers": workers}


@click.command(cls=Command)
def users() -> dict[str, Any]:
    """Whose runs there are: marks of browsers or accounts, never a secret."""
    from core.home import home
    from core.runs.clean_up import sizes

    found: dict[str, dict[str, Any]] = {}
    for row in sizes(home()):
        one = found.setdefault(row.owner, {"owner": row.owner, "runs": 0, "bytes": 0, "training": 0})
        one["runs"] += 1
        one["bytes"] += row.bytes
        one["training"] += row.state in ("starting", "running")
    for one in found.values():
        show(f"{one['owner'] or 'nobody'}: {one['runs']} runs, {one['bytes'] >> 20:,} MB, {one['training']} training")
    return {"users": list(found.values())}


@click.command(cls=Command)
@click.option("--megabytes", type=click.IntRange(min=0), required=True, help="What all runs together may take.")
@click.option("--dry", is_flag=True, help="Only say what would go.")
def clean(megabytes: int, dry: bool) -> dict[str, Any]:
    """Delete runs that are over, the oldest first, never one that is pinned or shared, until they take no more."""
    from core.home import home
    from core.runs.clean_up import clean_up

    gone = clean_up(home(), megabytes << 20, dry)
    for name in gone:
        show(name)
    show(f"{len(gone)} runs {'would go' if dry else 'are gone'}.")
    return {"deleted": gone, "dry": dry}


@click.command(cls=Command)
@click.argument("file", type=FILE)
def backup(file: Path) -> dict[str, Any]:
    """The whole home as one FILE.tar.gz; a run that is under way can be resumed from it."""
    from core.files import all_below
    from core.home import home

    place = home().resolve()
    unfinished = file.with_name(f".{file.name}.{os.getpid()}")
    count = 0
    try:
        with tarfile.open(unfinished, "w:gz", compresslevel=3) as packed:
            for path in sorted(all_below(place)):
                parts = path.relative_to(place).parts
                if (
                    parts[0] in LEFT_OUT
                    or path.is_symlink()
                    or path.resolve() in (file.resolve(), unfinished.resolve())
                ):
                    continue
                with suppress(FileNotFoundError):  # replaced while we looked
                    packed.add(path, arcname=str(Path(*parts)), recursive=False)
                    count += path.is_file()
        os.chmod(unfinished, 0o600)
        os.replace(unfinished, file)
    except OSError as error:
        raise PrecedenceError(f"{file} cannot be written ({error.strerror}); give another place.") from error
    finally:
        unfinished.unlink(missing_ok=True)
    show(f"{count} files, {file.stat().st_size >> 20:,} MB, in {file}")
    return {"files": count, "bytes": file.stat().st_size}


@click.command(cls=Command)
@click.argument("file", type=FILE)
def restore(file: Path) -> dict[str, Any]:
    """A backup into the home, which must be empty; runs that were under way then count as crashed."""
    from core.home import home
    from core.runs.doctor import examine

    place = home()
    if any(path.name not in LEFT_OUT for path in place.iterdir()):
        raise PrecedenceError(f"{place} is not empty; name an empty folder in PRECEDENCE_HOME.")
    began = time.monotonic()
    try:
        with tarfile.open(file, "r:gz") as packed:
            packed.extractall(place, filter="data")
    except (OSError, tarfile.TarError, EOFError) as error:
        raise PrecedenceError(f"{file} is no backup that can be read ({error}); give another.") from error
    found = examine(place, mend=True)
    show(f"Restored in {time.monotonic() - began:.0f} s; {len(found)} findings, see: python -m core doctor")
    return {"findings": [asdict(one) for one in found]}
