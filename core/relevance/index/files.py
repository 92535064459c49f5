"""Arrays on disk: written whole or not at all, opened as memory maps, checked before anything is believed."""

from __future__ import annotations

import json
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.errors import PrecedenceError
from core.files import whole_folder, write_text

ABOUT = "about.json"
_CHUNK = 1 << 22  # bytes


def write_folder(folder: Path, arrays: Mapping[str, NDArray[Any]], about: Mapping[str, Any]) -> None:
    """Writes every array and what is said of them; the folder appears whole or not at all."""
    files: dict[str, Any] = {}
    with whole_folder(folder) as unfinished:
        for name, array in arrays.items():
            file = unfinished / f"{name}.npy"
            np.save(file, np.ascontiguousarray(array), allow_pickle=False)
            files[name] = {"shape": list(array.shape), "dtype": array.dtype.str, "checksum": _checksum(file)}
        write_json(unfinished / ABOUT, {**about, "arrays": files})


def open_folder(folder: Path, thorough: bool = False) -> tuple[dict[str, NDArray[Any]], dict[str, Any]]:
    """The arrays as read-only memory maps, and what was said of them.

    Shape, type and length of every file are checked; `thorough` reads all of them and compares checksums too.
    """
    about = read_json(folder / ABOUT)
    arrays: dict[str, NDArray[Any]] = {}
    try:
        for name, said in about["arrays"].items():
            file = folder / f"{name}.npy"
            array = np.load(file, mmap_mode="r" if np.prod(said["shape"]) else None, allow_pickle=False)
            if list(array.shape) != said["shape"] or array.dtype.str != said["dtype"]:
                raise ValueError(f"{name} is {array.dtype.str}{list(array.shape)}")
            if thorough and _checksum(file) != said["checksum"]:
                raise ValueError(f"{name} has changed since it was written")
            arrays[name] = array
    except (KeyError, TypeError, AttributeError, OSError, ValueError) as error:
        raise PrecedenceError(
            f"The index folder {folder.name} is damaged ({error}); delete the index and build it again."
        ) from error
    return arrays, about


def write_json(path: Path, value: Mapping[str, Any]) -> None:
    """Replaces `path` in one step: a reader sees the old text or the new."""
    write_text(path, json.dumps(value, ensure_ascii=False))


def read_json(path: Path) -> dict[str, Any]:
    """A JSON object; anything else at that place is an index that is missing or damaged."""
    try:
        value = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise PrecedenceError(
            f"There is no index in {path.parent.name}: {path.name} is missing; build it with `relevance index`."
        ) from error
    except (OSError, ValueError) as error:
        raise PrecedenceError(f"{path.name} of the index cannot be read ({error}); build the index again.") from error
    if not isinstance(value, dict):
        raise PrecedenceError(f"{path.name} of the index holds no JSON object; build the index again.")
    return value


def _checksum(file: Path) -> int:
    value = 0
    with file.open("rb") as stream:
        while chunk := stream.read(_CHUNK):
            value = zlib.crc32(chunk, value)
    return value
