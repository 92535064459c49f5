"""A space of users on disk: their embeddings under one model, indexed, and their map. Made once, then only read.

A space lies in `users/` under the home folder, in a folder whose name carries what it was made from, so that another
model or other events never meet an old space. The index is there first, so that neighbours can be asked for while the
map is still being drawn.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from zlib import crc32

import numpy as np

from core.data.histories.histories import Histories
from core.data.histories.reading import read_histories
from core.errors import PrecedenceError
from core.home import home
from core.users import embedders
from core.users.folders import write_whole
from core.users.map import UserMap, make_map
from core.users.neighbours import storage
from core.users.neighbours.index import NeighbourIndex
from core.users.progress import Progress, Report

VERSION = 1  # raise it when what lies in the folder changes, so that no stale space is read
INDEX, MAP = "index", "map.npz"


@dataclass(frozen=True)
class SpaceChoice:
    """Whose events, and under which model: what a page's URL and the command line name."""

    source: str = "shop_histories"  # shop_histories | journey_histories | own
    model: str = "counts"  # key of `embedders.MODELS`
    path: str | None = None  # own only: a file of events, or the folder of an own data set of histories

    def histories(self) -> Histories:
        return read_histories(self.source, self.path)

    def name(self) -> str:
        """Of its folder: source, model, and a mark of the events and of the model's weights."""
        model = embedders.model(self.model)
        histories = self.histories()
        last = int(histories.time.max(initial=0))
        facts = (VERSION, self.path, len(histories), len(histories.time), last, model.mark(self.source))
        return f"{self.source}-{self.model}-{crc32(repr(facts).encode()):08x}"

    def folder(self) -> Path:
        return home() / "users" / self.name()


@dataclass(frozen=True)
class Space:
    """What is there of a space now."""

    choice: SpaceChoice
    index: NeighbourIndex | None
    map: UserMap | None

    @property
    def complete(self) -> bool:
        return self.index is not None and self.map is not None


def open_space(choice: SpaceChoice) -> Space:
    """The space as far as it has been made; nothing is calculated."""
    folder = choice.folder()
    index = storage.load(folder / INDEX) if (folder / INDEX).is_dir() else None
    return Space(choice, index, _read_map(folder / MAP) if (folder / MAP).is_file() else None)


def make_space(choice: SpaceChoice, report: Report = lambda stage, done, total: None) -> Space:
    """The space, with what is missing of it made; another process that makes the same one is waited for."""
    report("reading what users did", 0, 0)
    histories, folder = choice.histories(), choice.folder()
    with _alone(folder):
        if not (folder / INDEX).is_dir():
            total = len(histories)
            model = embedders.model(choice.model)
            report("embedding users", 0, total)
            vectors = model.embed(choice.source, histories, lambda done: report("embedding users", done, total))
            report("building the index of neighbours", 0, 0)
            storage.save(NeighbourIndex.build([str(user) for user in histories.users], vectors), folder / INDEX)
        if not (folder / MAP).is_file():
            report("drawing the map", 0, 0)
            index = storage.load(folder / INDEX)
            _write_map(folder / MAP, make_map(index.vectors()))
    return open_space(choice)


def progress_file(choice: SpaceChoice) -> Path:
    """Where the process that makes a space says how far it is."""
    return choice.folder().with_suffix(".progress.json")


def make_and_tell(choice: SpaceChoice, report: Report = lambda stage, done, total: None) -> Space:
    """`make_space`, with its progress in `progress_file` for whoever waits."""
    file = progress_file(choice)
    file.parent.mkdir(parents=True, exist_ok=True)

    def told(stage: str, done: int, total: int) -> None:
        Progress(process=os.getpid(), stage=stage, done=done, total=total).write(file)
        report(stage, done, total)

    try:
        space = make_space(choice, told)
    except PrecedenceError as error:
        Progress(process=os.getpid(), stage="failed", problem=str(error)).write(file)
        raise
    file.unlink(missing_ok=True)
    return space


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """One process makes a space; the lock goes with the process, however it ends."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _write_map(file: Path, made: UserMap) -> None:
    def write(temporary: Path) -> None:
        with temporary.open("wb") as target:
            np.savez(target, points=made.points, figures=np.array([made.kept, made.chance, made.trustworthiness]))

    write_whole(file, write)


def _read_map(file: Path) -> UserMap:
    try:
        with np.load(file, allow_pickle=False) as stored:
            return UserMap(stored["points"], *stored["figures"].tolist())
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise PrecedenceError(
            f"The map {file.name} in {file.parent.name} cannot be read ({type(error).__name__}); delete it and run "
            "python -m core users embed."
        ) from error
