"""The models that give a user an embedding, one declaration each: pages, command line and spaces read them here.

No torch: what embeds is imported by first use, and a server process never calls what needs it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from core.data.histories.histories import Histories
from core.data.sources.uploaded.vector_file import is_vectors
from core.errors import PrecedenceError
from core.users.embedding.starts import STARTS, WEIGHTS

if TYPE_CHECKING:
    from core.users.embedding.model import UserModel

Embed = Callable[[Histories, int, Callable[[int], None]], NDArray[np.float32]]
"""(histories, first, progress in users) → [U − first, width] embeddings of the users from number `first` on."""


@dataclass(frozen=True)
class Embedder:
    """One way to embed users.

    `fit` learns from all the users of a source what is needed to embed any, or loads it. What it returns embeds those
    users, and also one composed by hand, who is put after them (`composed.with_user`) and so is the last.
    """

    name: str  # in addresses, on the command line and in folder names: never changed
    title: str
    about: str
    needs_torch: bool  # then composed users are embedded by the side process, not by the server
    mark: Callable[[str], str]  # source → text that changes when the embeddings would
    sources: Callable[[str], bool]  # can it embed the users of this source?
    fit: Callable[[str, Histories], Embed]  # of a source by name and its histories
    is_ready: Callable[[str], bool] = lambda source: True  # without learning anything first?
    attends: bool = False  # is there attention to events, of which the space keeps a table?


def _fit_counts(source: str, histories: Histories) -> Embed:
    from core.users.embedding.counts import Counts

    return Counts.of(histories).vectors


def _fit_items(source: str, histories: Histories) -> Embed:
    from core.users.embedding.counts import ITEMS as OF_ITEMS
    from core.users.embedding.counts import Counts

    return Counts.of(histories, OF_ITEMS).vectors


def _fit_recent(source: str, histories: Histories) -> Embed:
    from core.users.embedding.recent import RecentItems

    return RecentItems.of(histories).vectors


def _fit_weighted(source: str, histories: Histories) -> Embed:
    from core.users.embedding.learnt_weights import weights_for
    from core.users.embedding.weighted import WeightedHistories

    return WeightedHistories.of(histories, weights_for(source, histories)).vectors


def _has_weights(source: str) -> bool:
    return (STARTS / "weights" / f"{source}.json").is_file()


def _load_dupn(source: str, histories: Histories) -> Embed:
    from core.users.embedding.model import load_start

    return _placed_by(load_start(source), histories)


def _placed_by(model: UserModel, histories: Histories) -> Embed:
    from core.users.embedding.shared_space import SharedSpace

    space = SharedSpace.of(model, histories)
    return lambda given, first, progress: space.vectors(given, range(first, len(given)), progress=progress)


def _own_vectors(histories: Histories, first: int, progress: Callable[[int], None]) -> NDArray[np.float32]:
    if histories.vectors is None or len(histories.vectors) < len(histories):
        raise PrecedenceError("These users have no vectors of their own; choose another model, or bring vectors.")
    return np.asarray(histories.vectors[first:], dtype=np.float32)


def _has_start(source: str) -> bool:
    return (STARTS / source / WEIGHTS).is_file()


def _weights_mark(source: str) -> str:
    return _mark_of(STARTS / source / WEIGHTS) if _has_start(source) else ""


def _mark_of(weights: Path) -> str:
    return f"2-{crc32(weights.read_bytes())}"  # 2: how a network's users are placed, see `shared_space`


WEIGHTED = Embedder(
    name="weighted",
    title="Weighted history",
    about=(
        "what users did, each event weighed by its kind and age as was learnt from who did alike afterwards: items, "
        "brands, categories, shops and words of titles, in 128 directions; no order"
    ),
    needs_torch=True,
    mark=lambda source: "1",
    sources=lambda source: True,
    fit=_fit_weighted,
    is_ready=_has_weights,
)
COUNTS = Embedder(
    name="counts",
    title="Count baseline",
    about="what users did most, counted: categories and brands by tf-idf, in 64 directions; no learning, no order",
    needs_torch=False,
    mark=lambda source: "2",
    sources=lambda source: True,
    fit=_fit_counts,
)
RECENT = Embedder(
    name="recent",
    title="Recent items",
    about=(
        "which items users turned to lately: how fast events are forgotten, how much rare items count and what else "
        "counts is chosen by what neighbours did next in these very events; no network, no order"
    ),
    needs_torch=False,
    mark=lambda source: "1",
    sources=lambda source: True,
    fit=_fit_recent,
)
ITEMS = Embedder(
    name="items",
    title="Item tf-idf",
    about="which items users turned to, counted: tf-idf of the items in 64 directions; no learning, no order",
    needs_torch=False,
    mark=lambda source: "1",
    sources=lambda source: True,
    fit=_fit_items,
)
DUPN = Embedder(
    name="dupn",
    title="DUPN",
    about=(
        "what a network makes of the latest events by its attention, and of all events by the vectors it learnt: "
        "categories, words, items, and where it expects the next one; items lie in the same space"
    ),
    needs_torch=True,
    mark=_weights_mark,
    sources=_has_start,
    fit=_load_dupn,
    attends=True,
)
VECTORS = Embedder(
    name="vectors",
    title="Own vectors",
    about="the vectors of the file, as they are",
    needs_torch=False,
    mark=lambda source: "1",
    sources=lambda source: False,  # of a file of vectors alone, see `models_for`
    fit=lambda source, histories: _own_vectors,
)
EMBEDDERS = {each.name: each for each in (WEIGHTED, RECENT, COUNTS, DUPN, ITEMS, VECTORS)}
"""By name; the one whose neighbours were judged best comes first, of a person's own log without learning anything first
the second: docs/results.md."""


def embedder(name: str) -> Embedder:
    """The embedder of this name; of a folder that `users train --out` wrote, the DUPN in it."""
    if name in EMBEDDERS:
        return EMBEDDERS[name]
    if (Path(name) / WEIGHTS).is_file():
        return _kept_dupn(Path(name))
    raise PrecedenceError(
        f"There is no model {name[:80]!r} of users; choose one of {', '.join(EMBEDDERS)}, or a folder that users train "
        "--out wrote."
    )


def _kept_dupn(folder: Path) -> Embedder:
    def load(source: str, histories: Histories) -> Embed:
        from core.users.embedding.model import load_model

        return _placed_by(load_model(folder), histories)

    mark = _mark_of(folder / WEIGHTS)
    return Embedder(
        name=str(folder),
        title="DUPN",
        about="a network that was trained on these or on other histories, and kept in a folder",
        needs_torch=True,
        mark=lambda source: mark,
        sources=lambda source: True,
        fit=load,
        attends=True,
    )


def offered(source: str) -> list[str]:
    """The models that can embed the users of a source, the preferred one first; what has to learn comes last."""
    found = [name for name, each in EMBEDDERS.items() if each.sources(source)]
    return sorted(found, key=lambda name: not EMBEDDERS[name].is_ready(source))


def models_for(source: str, file: Path | None) -> list[str]:
    """The same of a person's own file: vectors are not embedded again."""
    return [VECTORS.name] if file is not None and is_vectors(file) else offered(source)
