"""What the Relevance page can be turned to beside the shop: files that people brought, and models that runs trained.

A collection is ready, or being made by a process beside this one, or its model still trains.
"""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from core.data.reading.options import ReaderOptions, flags_of
from core.data.registry import card
from core.errors import PrecedenceError
from core.files import safe_name
from core.home import home
from core.progress import Progress
from core.relevance.stores.collection import (
    About,
    folder_of,
    names,
    progress_file,
    read_about,
    refuse_taken,
    remove_collection,
    table_of,
)
from core.relevance.stores.uploaded import folder_of_catalogues
from core.runs.folder import run_folder
from core.runs.folder.run_folder import RunFolder, run_ids
from core.runs.folder.status import RESUMABLE, UNDER_WAY
from core.runs.sidecar.jobs import Jobs
from core.server import search
from core.server.people import Person
from core.server.shared import library, supervisor
from core.server.starting import start_run
from core.settings.run import RunConfig

MOST_RUNS = 12  # runs that the menu offers, the newest
_jobs = Jobs()


@dataclass(frozen=True)
class Entry:
    """A line of the menu: the name that the address carries, and what a person reads.

    `removable`: it is made of files alone. What a run made goes with the run.
    """

    name: str
    title: str
    is_run: bool = False
    removable: bool = False


@dataclass(frozen=True)
class CollectionStatus:
    """`training`: the run `name` goes on or ended without a model. `making`: `progress` says how far."""

    state: Literal["ready", "making", "training"]
    progress: Progress | None = None


def entries() -> list[Entry]:
    """Collections that are ready or being made, models that train, and finished ones not searched by yet."""
    ready = names()
    found = [entry_of(name) for name in ready]
    found += [
        Entry(name, f"{name} (being indexed)") for name in _being_made() if name not in ready and not is_run(name)
    ]
    runs = [*supervisor().runs()[:MOST_RUNS], *(run.run_id for run in library().list(model="deepbow", most=MOST_RUNS))]
    for run_id in dict.fromkeys(runs):
        with suppress(PrecedenceError):  # deleted or damaged, or its data removed: the list goes on without it
            folder = RunFolder(home(), run_id)
            config, state = folder.config(), supervisor().status(run_id).state
            if run_id in ready or not config.makes_bags or state in RESUMABLE:
                continue
            card(config.dataset)
            now = "" if state == "finished" else " (training)"
            found.append(Entry(run_id, run_title(run_id, config) + now, True))
    return sorted(found, key=lambda entry: entry.is_run)


def entry_of(name: str) -> Entry:
    """The line of a collection that is ready."""
    try:
        about = read_about(folder_of(name))
    except PrecedenceError:  # damaged: whoever opens it is told
        about = About()
    return Entry(name, about.title or name, bool(about.run), removable=not is_run(name))


def is_run(name: str) -> bool:
    """A run has this name."""
    return run_folder.is_run(home(), name)


def run_title(run_id: str, config: RunConfig) -> str:
    """A run's model, for a person."""
    try:
        return config.name or f"{card(config.dataset).title}: model {run_id}"
    except PrecedenceError:  # its table is gone: the model can still be named
        return run_id


def about(name: str) -> About:
    return read_about(folder_of(name))


def status_of(name: str) -> CollectionStatus:
    """Where a collection stands. A finished run is made into one as soon as somebody asks for it."""
    if name in names():
        return CollectionStatus("ready")
    said = _jobs.status(name, progress_file(name))
    if said is not None:
        return CollectionStatus("making", said)
    if not is_run(name):
        if progress_file(name).exists():
            return CollectionStatus("making", Progress(process=0, stage="failed", problem=_BROKEN_OFF))
        folder_of(name)  # says that there is none
    folder = RunFolder(home(), name)
    if not folder.config().makes_bags:
        raise PrecedenceError(f"Run {name} trains no bags of words, so nothing can be searched by it; choose another.")
    if folder.result() is None:
        return CollectionStatus("training")
    return CollectionStatus(
        "making", _jobs.ensure(name, progress_file(name), ["relevance", "collection", "--run", name])
    )


_BROKEN_OFF = "The server was closed before this catalogue was ready; bring the file again."


def is_measuring(name: str) -> bool:
    """Its figures are being taken: the last thing that the process does which makes it."""
    said = _jobs.status(name, progress_file(name))
    return said is not None and said.problem is None


def measure(name: str) -> None:
    """Takes its figures in the background."""
    forget(name)
    _jobs.ensure(name, progress_file(name), ["relevance", "collection", "--measure", name])


def order(name: str) -> None:
    """Trains the points of its order in the background; `is_measuring` says whether that goes on."""
    _jobs.ensure(name, progress_file(name), ["relevance", "order", "--collection", name])


def problem(name: str) -> str:
    """Why its figures could not be taken; empty where nothing went wrong."""
    said = _jobs.status(name, progress_file(name))
    return said.problem or "" if said is not None else ""


def forget(name: str) -> None:
    """Forgets that the making failed, so that it can be tried or brought again."""
    _jobs.forget(name, progress_file(name))


def free_name(name: str) -> str:
    """The name as a folder has it; refused where it stands for something already."""
    safe = safe_name(name)
    refuse_taken(safe)
    if is_run(safe) or is_measuring(safe):
        raise PrecedenceError(f"There is a run or catalogue called {safe} already; give this one another name.")
    return safe


def bring(source: Path, name: str, columns: Mapping[str, str], model: str, options: ReaderOptions | None = None) -> str:
    """Begins to make a collection of a file, or of the folder of WANDS' three; returns its name in the address.

    The file is copied: the original may go.
    """
    safe = free_name(name)
    forget(safe)
    upload = _upload(safe)
    shutil.rmtree(upload, ignore_errors=True)
    kept = upload / source.name
    if source.is_dir():
        shutil.copytree(source, kept)
    else:
        upload.mkdir(parents=True)
        shutil.copyfile(source, kept)
    command = ["relevance", "collection", str(kept), "--take", f"--name={name.strip()}", "--model", model]
    command += flags_of(options or ReaderOptions())
    for what, column in columns.items():
        command += ["--column", f"{what}={column}"]
    _jobs.ensure(safe, progress_file(safe), command)
    return safe


def _upload(name: str) -> Path:
    """Where a file waits that is being indexed."""
    return home() / "uploads" / name


def learnt_from(name: str) -> list[str]:
    """The runs that learn or learnt from this collection's judged pairs."""
    try:
        held = table_of(about(name))
    except PrecedenceError:  # damaged: what it was made of is not known any more
        held = None
    if held is None:
        return []
    table, found = held.resolve(), []
    for run_id in run_ids(home()):
        with suppress(PrecedenceError):  # deleted or damaged meanwhile
            path = RunFolder(home(), run_id).config().dataset.path
            if path and Path(path).resolve() == table:
                found.append(run_id)
    return sorted(found)


def remove(name: str) -> None:
    """Takes a collection away for everybody, with its table and its overrides; refused while a run learns from it."""
    folder_of(name)
    for run_id in learnt_from(name):
        state = supervisor().status(run_id).state
        if state in UNDER_WAY:
            raise PrecedenceError(f"Run {run_id}, which learns from {name}, is {state}; stop it before removing that.")
    _jobs.end(name, progress_file(name))  # it may still be measured
    remove_collection(name, search.overrides())
    search.forget(name)
    shutil.rmtree(_upload(name), ignore_errors=True)


def train(config: RunConfig, person: Person) -> str:
    """Begins a run and returns its name, which is that of the collection it will become."""
    return start_run(config, person)


def close() -> None:
    """Ends what is being made."""
    _jobs.close()


def _being_made() -> list[str]:
    files = folder_of_catalogues().glob(".*.progress.json")
    return sorted(file.name.removeprefix(".").removesuffix(".progress.json") for file in files)
