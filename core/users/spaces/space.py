"""A space of users on disk: their embeddings by one model, indexed by one similarity, and their map; made once.

A space lies in `users/` under the home folder, in a folder whose name carries what it was made from, so that another
model or other events never meet an old space. The index is there first, so that neighbours can be asked for while the
map is still being drawn. No torch: `building` makes it.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from zlib import crc32

import numpy as np
from pydantic import BaseModel, ConfigDict

from core.data.histories.histories import Histories
from core.data.registry import content_of, read_histories
from core.errors import PrecedenceError
from core.home import home
from core.records import UNREADABLE
from core.users.embedding import embedders
from core.users.neighbours import storage
from core.users.neighbours.index import NeighbourIndex
from core.users.neighbours.similarity import COSINE, similarity
from core.users.spaces.map import FEWEST, UserMap

VERSION = 1  # raise it when what lies in the folder changes, so that no stale space is read
INDEX, MAP, ATTENTION = "index", "map.npz", "attention.json"


class AttentionTable(BaseModel):
    """Attention by kind of behaviour and age of the event, as `core.users.embedding.attention` counts it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    kinds: list[str]
    ages: list[str]
    share: list[list[float | None]]  # [kinds][ages], the kinds of an age add up to 1; None: too few events
    users: int
    paper: dict[str, tuple[float, float]]  # the paper's shares at the youngest and the oldest age, by kind


@dataclass(frozen=True)
class SpaceChoice:
    """Whose events, by which model, compared how: what a page's URL and the command line name."""

    source: str = "shop_histories"  # a data set of histories, or own
    model: str = "dupn"  # key of `embedders.EMBEDDERS`, or the folder of a kept DUPN
    path: str | None = None  # own alone: an uploaded file of events
    similarity: str = COSINE.name  # key of `SIMILARITIES`

    def histories(self) -> Histories:
        return read_histories(self.source, self.path)

    def name(self) -> str:
        """Of its folder: title, and a mark of the events and of the model's weights."""
        model, title = embedders.embedder(self.model), self.title()
        histories = self.histories()
        last = int(histories.time.max(initial=0))
        events = content_of(self.path)  # of a person's own file: it may be edited under its name
        facts = (VERSION, events, len(histories), len(histories.time), last, model.mark(self.source))
        return f"{title}-{crc32(repr(facts).encode()):08x}"

    def title(self) -> str:
        """Source, model, and the similarity where it is not the cosine, by which all spaces were made once."""
        parts = [self.source, Path(self.model).name]
        return "-".join(parts if similarity(self.similarity) is COSINE else [*parts, self.similarity])

    def folder(self) -> Path:
        return home() / "users" / self.name()


@dataclass(frozen=True)
class Space:
    """What is there of a space now."""

    choice: SpaceChoice
    index: NeighbourIndex | None
    map: UserMap | None
    attention: AttentionTable | None

    @property
    def complete(self) -> bool:
        """All is there that there will be: of few users no map."""
        return self.index is not None and (self.map is not None or len(self.index) < FEWEST)


def open_space(choice: SpaceChoice) -> Space:
    """The space as far as it has been made; nothing is calculated."""
    folder = choice.folder()
    return Space(
        choice,
        storage.load(folder / INDEX) if (folder / INDEX).is_dir() else None,
        _read_map(folder / MAP) if (folder / MAP).is_file() else None,
        _read_attention(folder / ATTENTION) if (folder / ATTENTION).is_file() else None,
    )


def parts_there(choice: SpaceChoice) -> tuple[bool, ...]:
    """Which parts of a space are made: changes when there is more to open."""
    folder = choice.folder()
    return tuple((folder / part).exists() for part in (INDEX, MAP, ATTENTION))


def progress_file(choice: SpaceChoice) -> Path:
    """Where the process that makes a space says how far it is."""
    return choice.folder().with_suffix(".progress.json")


def _read_map(file: Path) -> UserMap:
    try:
        with np.load(file, allow_pickle=False) as stored:
            return UserMap(stored["points"], *stored["figures"].tolist())
    except UNREADABLE as error:
        raise _damaged("map", file, error) from error


def _read_attention(file: Path) -> AttentionTable:
    try:
        return AttentionTable.model_validate_json(file.read_bytes())
    except (OSError, ValueError) as error:
        raise _damaged("attention table", file, error) from error


def _damaged(what: str, file: Path, error: Exception) -> PrecedenceError:
    return PrecedenceError(
        f"The {what} {file.name} in {file.parent.name} cannot be read ({type(error).__name__}); delete it and run "
        "python -m core users embed."
    )
