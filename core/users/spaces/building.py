"""Making a space of users: embed them, index them, draw their map, and say how far it is. May take minutes."""

from __future__ import annotations

import fcntl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from core.data.histories.histories import Histories
from core.errors import PrecedenceError
from core.files import write_whole
from core.progress import Report, telling
from core.users.embedding import embedders
from core.users.neighbours import storage
from core.users.neighbours.index import NeighbourIndex
from core.users.neighbours.similarity import similarity
from core.users.spaces.map import FEWEST as FEWEST_ON_MAP
from core.users.spaces.map import UserMap, make_map
from core.users.spaces.space import ATTENTION, INDEX, MAP, AttentionTable, Space, SpaceChoice, open_space, progress_file

ATTENTION_USERS = 2000  # drawn at random, whose attention the table is of
FEWEST = 30  # events of a cell of the table


def embed_all(
    model: str, source: str, histories: Histories, progress: Callable[[int], None] = lambda done: None
) -> NDArray[np.float32]:
    """[U, width] embeddings of all users by a model, learnt from these histories; `progress` counts users."""
    chosen = embedders.embedder(model)
    if chosen.needs_torch:
        import torch  # only who embeds by a network waits for it

        torch.set_num_threads(1)
    return chosen.fit(source, histories)(histories, 0, progress)


def make_space(choice: SpaceChoice, report: Report = lambda stage, done, total: None) -> Space:
    """The space, with what is missing of it made; another process that makes the same one is waited for."""
    report("reading what users did", 0, 0)
    histories, folder = choice.histories(), choice.folder()
    model = embedders.embedder(choice.model)
    known = embedders.models_for(choice.source, None if choice.path is None else Path(choice.path))
    fits = model.sources(choice.source) if histories.vectors is None else model.name in known
    if not fits:
        raise PrecedenceError(
            f"The model {choice.model} is not trained for {choice.source}; choose one of {', '.join(known)}."
        )
    with _alone(folder):
        if not (folder / INDEX).is_dir():
            total = len(histories)
            report("embedding users", 0, total)
            vectors = embed_all(
                choice.model, choice.source, histories, lambda done: report("embedding users", done, total)
            )
            report("building the index of neighbours", 0, 0)
            users, measure = [str(user) for user in histories.users], similarity(choice.similarity)
            storage.save(NeighbourIndex.build(users, vectors, measure), folder / INDEX)
        if model.attends and not (folder / ATTENTION).is_file():
            _write_attention(folder / ATTENTION, _attention(choice, histories, report))
        if not (folder / MAP).is_file() and len(histories) >= FEWEST_ON_MAP:
            report("drawing the map", 0, 0)
            _write_map(folder / MAP, make_map(storage.load(folder / INDEX).vectors()))
    return open_space(choice)


def make_and_tell(choice: SpaceChoice, report: Report = lambda stage, done, total: None) -> Space:
    """`make_space`, with its progress in `progress_file` for whoever waits."""
    with telling(progress_file(choice), report) as told:
        return make_space(choice, told)


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """One process makes a space; the lock goes with the process, however it ends."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _attention(choice: SpaceChoice, histories: Histories, report: Report) -> AttentionTable:
    from core.users.embedding.attention import PAPER, of_users
    from core.users.embedding.model import model_of

    report("reading the attention", 0, 0)
    random = np.random.default_rng(0)
    users = np.sort(random.choice(len(histories), min(ATTENTION_USERS, len(histories)), replace=False))
    found = of_users(model_of(choice.model, choice.source), histories, users.tolist())
    return AttentionTable(
        kinds=list(found.behaviours),
        ages=list(found.ages),
        share=[[None if n < FEWEST else float(value) for value, n in zip(*row, strict=True)]
               for row in zip(found.share, found.events, strict=True)],
        users=len(users),
        paper={kind: PAPER[kind] for kind in found.behaviours if kind in PAPER},
    )  # fmt: skip


def _write_attention(file: Path, table: AttentionTable) -> None:
    write_whole(file, lambda temporary: temporary.write_text(table.model_dump_json(), encoding="utf-8"))


def _write_map(file: Path, made: UserMap) -> None:
    def write(temporary: Path) -> None:
        with temporary.open("wb") as target:
            np.savez(target, points=made.points, figures=np.array([made.kept, made.chance, made.trustworthiness]))

    write_whole(file, write)
