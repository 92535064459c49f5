"""The models that give a user an embedding, by name: what the page offers and the command line takes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.data.histories.histories import Histories
from core.errors import PrecedenceError
from core.users.counts import Counts

Embed = Callable[[str, Histories, Callable[[int], None]], NDArray[np.float32]]
"""(source, histories, progress in users) → [U, width]."""


@dataclass(frozen=True)
class Model:
    """One way to embed users. `mark` changes when the embeddings would: source → text."""

    title: str
    about: str
    embed: Embed
    mark: Callable[[str], str]
    sources: Callable[[str], bool]  # can it embed the users of this source?


MODELS = {
    "counts": Model(
        title="Count baseline",
        about="What users did most, counted: categories and brands by tf-idf, in 64 directions (no learning, no order)",
        embed=lambda source, histories, progress: Counts.of(histories).vectors(histories, progress=progress),
        mark=lambda source: "1",
        sources=lambda source: True,
    ),
}


def model(name: str) -> Model:
    """The model of this name."""
    if name not in MODELS:
        raise PrecedenceError(f"There is no model {name[:40]!r} of users; choose one of {', '.join(MODELS)}.")
    return MODELS[name]


def offered(source: str) -> list[str]:
    """The models that can embed the users of a source, the preferred one first."""
    return [name for name, each in MODELS.items() if each.sources(source)]
