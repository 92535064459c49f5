"""Files of events that a person has brought: kept under the home folder, each a source of users."""

from __future__ import annotations

import shutil
from pathlib import Path

from core.data.reading.options import ReaderOptions
from core.data.sources.uploaded.event_file import Repairs, read_events
from core.data.sources.uploaded.event_options import remember
from core.data.sources.uploaded.vector_file import is_vectors, read_vectors
from core.errors import PrecedenceError
from core.files import safe_name
from core.home import home

PREFIX = "own:"  # of a source that is such a file


def folder() -> Path:
    return home() / "users" / "events"


def kept_files() -> list[str]:
    """Names of the files that were kept."""
    return sorted(file.name for file in folder().glob("[!.]*") if file.is_file())


def file_of(source: str) -> Path:
    """The file of a source `own:NAME`."""
    name = source.removeprefix(PREFIX)
    if name not in kept_files():
        raise PrecedenceError(f"There is no file of events {name[:60]!r} any more; bring it again.")
    return folder() / name


def keep(file: Path, options: ReaderOptions | None = None) -> tuple[str, Repairs]:
    """Keeps a file that can be read as events, or holds vectors; its source, and what had to be repaired in it."""
    _, repairs = read_vectors(file) if is_vectors(file) else read_events(file, options=options)
    stem, *endings = file.name.split(".")
    name = ".".join([safe_name(stem), *map(str.lower, endings)])
    if name in kept_files():
        raise PrecedenceError(f"There is a file called {name} already; give this one another name.")
    folder().mkdir(parents=True, exist_ok=True)
    partial = folder() / f".{name}"
    shutil.copyfile(file, partial)
    partial.replace(folder() / name)
    remember(folder() / name, options or ReaderOptions())
    return PREFIX + name, repairs
