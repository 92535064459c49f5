"""The models that give a user an embedding, by name: what the page offers and the command line takes. No torch."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from zlib import crc32

from core.errors import PrecedenceError
from core.users.embedding.starts import STARTS, WEIGHTS


@dataclass(frozen=True)
class Model:
    """One way to embed users; `making.EMBED` has the function."""

    title: str
    about: str
    mark: Callable[[str], str]  # source → text that changes when the embeddings would
    sources: Callable[[str], bool]  # can it embed the users of this source?


def _has_start(source: str) -> bool:
    return (STARTS / source / WEIGHTS).is_file()


def _weights_mark(source: str) -> str:
    return str(crc32((STARTS / source / WEIGHTS).read_bytes())) if _has_start(source) else ""


MODELS = {  # the one whose neighbours were judged best comes first: docs/results.md
    "counts": Model(
        title="Count baseline",
        about="what users did most, counted: categories and brands by tf-idf, in 64 directions; no learning, no order",
        mark=lambda source: "2",
        sources=lambda source: True,
    ),
    "dupn": Model(
        title="DUPN",
        about="what a network makes of the order of events: attention over a property-gated LSTM, and the profile",
        mark=_weights_mark,
        sources=_has_start,
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
