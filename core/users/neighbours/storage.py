"""An index on disk: a folder that appears whole or not at all, and is checked before it is believed."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from tempfile import mkdtemp
from typing import Literal
from zlib import crc32

import faiss
from pydantic import BaseModel, ConfigDict, ValidationError

from core.errors import PrecedenceError
from core.files import put_in_place
from core.users.neighbours.index import NeighbourIndex
from core.users.neighbours.similarity import similarity

INDEX, USERS, ABOUT = "index.faiss", "users.json", "index.json"
VERSION: Literal[1] = 1


class _About(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    version: Literal[1]
    similarity: str  # by name
    engine: Literal["exact", "ivf"]
    users: int
    width: int
    recall: float | None
    checksums: dict[str, int]  # CRC-32 of each of the other files


def save(index: NeighbourIndex, folder: Path) -> None:
    """Writes the index as `folder`, in place of one that is there."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    temporary = Path(mkdtemp(dir=folder.parent, prefix=f".{folder.name}."))
    try:
        faiss.write_index(index.faiss_index, str(temporary / INDEX))
        (temporary / USERS).write_text(json.dumps(index.users), encoding="utf-8")
        about = _About(
            version=VERSION,
            similarity=index.similarity.name,
            engine=index.engine,
            users=len(index),
            width=index.width,
            recall=index.recall,
            checksums={name: _checksum(temporary / name) for name in (INDEX, USERS)},
        )
        (temporary / ABOUT).write_text(about.model_dump_json(indent=1) + "\n", encoding="utf-8")
        put_in_place(temporary, folder)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


def load(folder: Path) -> NeighbourIndex:
    """The index that `save` wrote; one that is damaged or half there is refused."""
    try:
        about = _About.model_validate_json((folder / ABOUT).read_bytes())
        for name, expected in about.checksums.items():
            if _checksum(folder / name) != expected:
                raise _damaged(folder, f"{name} is not as it was written")
        users = json.loads((folder / USERS).read_text(encoding="utf-8"))
        stored = faiss.read_index(str(folder / INDEX))
    except FileNotFoundError as error:
        missing = Path(str(error.filename)).name if error.filename else "a file"
        raise _damaged(folder, f"{missing} is missing") from error
    except ValidationError as error:
        raise _damaged(folder, f"{ABOUT} cannot be read") from error
    except (OSError, RuntimeError) as error:  # faiss says RuntimeError
        raise _damaged(folder, str(error).splitlines()[0]) from error
    if stored.ntotal != about.users or len(users) != about.users or stored.d != about.width:
        raise _damaged(folder, f"it holds {stored.ntotal} embeddings for {len(users)} users")
    return NeighbourIndex(similarity(about.similarity), about.engine, users, stored, about.recall)


def _checksum(file: Path) -> int:
    value = 0
    with file.open("rb") as source:
        while block := source.read(1 << 22):
            value = crc32(block, value)
    return value


def _damaged(folder: Path, what: str) -> PrecedenceError:
    return PrecedenceError(
        f"The index of neighbours in {folder.name} cannot be used ({what}); make it again with "
        "python -m core users embed."
    )
