"""The weights of a source's histories: those that come with the project, else learnt once and kept by content."""

from __future__ import annotations

from pathlib import Path
from zlib import crc32

from pydantic import BaseModel, ConfigDict

from core.data.histories.histories import Histories
from core.errors import PrecedenceError
from core.files import write_text
from core.home import home
from core.records import put_aside, read_record
from core.users.embedding.starts import STARTS
from core.users.embedding.weighted import Weights, learn

VERSION = 1  # raise it when the same histories would give other weights


class Learnt(BaseModel):
    """Weights, and a mark of what they were learnt from."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    mark: str
    weights: Weights


def weights_for(source: str, histories: Histories) -> Weights:
    """The weights of just these histories."""
    mark = mark_of(histories)
    shipped = shipped_file(source)
    if shipped.is_file():
        found = read_record(Learnt, shipped, "install the program again")
        if found.mark == mark:
            return found.weights
    kept = home() / "users" / "weights" / f"{mark}.json"
    if kept.is_file():
        try:
            return read_record(Learnt, kept, "it is learnt again").weights
        except PrecedenceError as error:
            put_aside(kept, error)
    weights = learn(histories)
    kept.parent.mkdir(parents=True, exist_ok=True)
    write_text(kept, Learnt(mark=mark, weights=weights).model_dump_json())
    return weights


def ship(source: str, histories: Histories) -> Path:
    """Writes the weights of a built-in source among the project's files."""
    file = shipped_file(source)
    file.parent.mkdir(parents=True, exist_ok=True)
    learnt = Learnt(mark=mark_of(histories), weights=weights_for(source, histories))
    write_text(file, learnt.model_dump_json(indent=1) + "\n")
    return file


def shipped_file(source: str) -> Path:
    return STARTS / "weights" / f"{source}.json"


def mark_of(histories: Histories) -> str:
    """Changes with the events, and with what is known of the items."""
    items = histories.items
    parts = (histories.offsets, histories.time, histories.item, histories.behaviour, items.brand, items.category)
    mark = crc32(repr((VERSION, len(items), tuple(map(str, histories.names["behaviour"])))).encode())
    for part in parts:
        mark = crc32(part.astype("int64").tobytes(), mark)
    return f"{mark:08x}"
