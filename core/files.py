"""Files and folders that others may read while they are replaced: the old or the new, never half of either."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import mkdtemp

from core.errors import PrecedenceError


def write_whole(file: Path, write: Callable[[Path], object]) -> None:
    """Lets `write` fill a file beside `file`, then puts it in place in one step; nothing is left where that fails."""
    unfinished = file.with_name(f".{file.name}.{os.getpid()}.{threading.get_ident()}")
    try:
        write(unfinished)
        os.replace(unfinished, file)
    finally:
        unfinished.unlink(missing_ok=True)


def write_text(file: Path, text: str) -> None:
    """Replaces the file's text in one step."""
    write_whole(file, lambda unfinished: unfinished.write_text(text, encoding="utf-8"))


@contextmanager
def whole_folder(folder: Path) -> Iterator[Path]:
    """A fresh folder to be filled, which then takes the place of `folder`; what was there goes only then."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    made = Path(mkdtemp(dir=folder.parent, prefix=f".{folder.name}."))
    try:
        yield made
        put_in_place(made, folder)
    finally:
        shutil.rmtree(made, ignore_errors=True)


def put_in_place(made: Path, folder: Path) -> None:
    """Renames `made` to `folder`; where another process does the same at the same moment, one of the two stays."""
    made.chmod(0o755)
    old = Path(mkdtemp(dir=folder.parent, prefix=f".{folder.name}."))
    try:
        if folder.exists():
            os.replace(folder, old / "old")
        try:
            os.replace(made, folder)
        except OSError:
            if not folder.exists():
                if (old / "old").exists():
                    os.replace(old / "old", folder)
                raise
    finally:
        shutil.rmtree(old, ignore_errors=True)


def all_below(folder: Path) -> Iterator[Path]:
    """Every file and folder in it, at any depth, while others make and remove some: what has gone is left out."""
    for place, folders, names in os.walk(folder):
        for name in (*folders, *names):
            yield Path(place) / name


def bytes_in(place: Path) -> int:
    """What a file takes, or all files of a folder."""
    total = 0
    for file in all_below(place) if place.is_dir() else (place,):
        with suppress(OSError):  # gone meanwhile
            total += file.stat().st_size if file.is_file() else 0
    return total


Stamp = tuple[int, int, int, int]


def stamp(path: Path) -> Stamp | None:
    """Changes whenever the file is replaced or written to; None where there is no file."""
    try:
        found = os.stat(path)
    except OSError:
        return None
    return found.st_ino, found.st_mtime_ns, found.st_size, found.st_ctime_ns


def content_mark(source: Path, *more: object) -> str:
    """Sixteen hexadecimal digits of what a file holds (of a folder: all its files), and of how it is read: `more`.

    Part of the name of whatever is made of the file, so that an edited file never meets what was made of the old one.
    """
    found = hashlib.sha256(repr(more).encode())
    try:
        files = sorted(path for path in source.iterdir() if path.is_file()) if source.is_dir() else [source]
        for file in files:
            found.update(f"{file.name if source.is_dir() else ''}:{file.stat().st_size}:".encode())
            with file.open("rb") as content:
                while block := content.read(1 << 20):
                    found.update(block)
    except FileNotFoundError as error:
        raise PrecedenceError(f"The file {source.name} does not exist; give a file that is there.") from error
    except OSError as error:
        raise PrecedenceError(f"{source.name} cannot be read ({error.strerror}); give a file that is there.") from error
    return found.hexdigest()[:16]


def safe_name(name: str) -> str:
    """A folder name of small letters, digits, - and _ made from what the user typed."""
    safe = re.sub(r"[^a-z0-9_-]+", "-", name.lower()).strip("-_")[:64]
    if not safe:
        raise PrecedenceError(f"The name {name!r} has no letter or digit in it; give one such as my-shop.")
    return safe


def short_hash(said: str) -> str:
    """24 hexadecimal digits: the name under which is kept what the text describes whole."""
    return hashlib.sha256(said.encode()).hexdigest()[:24]
