"""Spaces that come with the project, so that the page opens at once: vectors and points in half precision.

`python -m core users embed --ship` writes one. It carries the name of the space it was made from: with other events or
another model it is not the space that is asked for, and one is made.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from core.errors import PrecedenceError
from core.files import write_whole
from core.users.embedding.starts import STARTS
from core.users.neighbours.index import NeighbourIndex
from core.users.neighbours.similarity import similarity
from core.users.spaces.map import UserMap
from core.users.spaces.space import AttentionTable, Space, SpaceChoice


def shipped_file(choice: SpaceChoice) -> Path:
    return STARTS / "spaces" / f"{choice.title()}.npz"


def ship(space: Space) -> Path:
    """Writes a complete space among the project's files."""
    if space.index is None or space.map is None:
        raise PrecedenceError("The space is not complete; run python -m core users embed first.")
    index, drawn, file = space.index, space.map, shipped_file(space.choice)
    file.parent.mkdir(parents=True, exist_ok=True)
    parts = {
        "name": np.array(space.choice.name()),
        "vectors": index.vectors().astype(np.float16),
        "points": drawn.points.astype(np.float16),
        "figures": np.array([drawn.kept, drawn.chance, drawn.trustworthiness]),
        "attention": np.array(space.attention.model_dump_json() if space.attention else ""),
    }

    def write(temporary: Path) -> None:
        with temporary.open("wb") as target:
            np.savez_compressed(target, **parts)  # type: ignore[arg-type]

    write_whole(file, write)
    return file


def open_shipped(choice: SpaceChoice) -> Space | None:
    """The space that comes with the project; None where there is none of just these events and this model."""
    file = shipped_file(choice)
    if choice.path is not None or not file.is_file():
        return None
    with np.load(file, allow_pickle=False) as stored:
        if str(stored["name"]) != choice.name():
            return None
        users = [str(user) for user in choice.histories().users]
        index = NeighbourIndex.build(users, stored["vectors"].astype(np.float32), similarity(choice.similarity))
        drawn = UserMap(stored["points"].astype(np.float32), *stored["figures"].tolist())
        said = str(stored["attention"])
    return Space(choice, index, drawn, AttentionTable.model_validate_json(said) if said else None)
