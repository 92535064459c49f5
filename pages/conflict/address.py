"""The state of the conflict page as its URL: which part, which run, which method, which arrows, which start."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from core.errors import PrecedenceError
from core.methods.registry import CONSTRAINED, METHODS
from core.runs.folder.names import checked_run_id
from pages.shared.view_state import one_of, pair, pairs_text, read_fields

PARTS = {"run": "A run", "bench": "Geometry bench", "landscape": "Landscape"}
ARROWS = ((1.4, 0.4), (-0.9, 0.8))
WALKED = tuple(kind for kind, card in METHODS.items() if card.pictured)
"""Methods that walk when a landscape opens; the others are a click away, all at once would hide each other."""
LONGEST = 2.0  # of an arrow on the bench, in its units
MOST_MULTIPLIER = 5.0  # of NMT on the bench
FARTHEST = 1e3  # of a start on a landscape

Pair = tuple[float, float]


@dataclass(frozen=True)
class ConflictView:
    """Where a person is on the page.

    `hidden` methods are not drawn on the bench, `walked` ones walk on the landscape; `start` None: where it says.
    """

    part: str = "run"
    run: str | None = None
    method: str = CONSTRAINED
    arrows: tuple[Pair, ...] = ARROWS
    hidden: tuple[str, ...] = ()
    multiplier: float = 1.0
    landscape: str | None = None
    start: Pair | None = None
    walked: tuple[str, ...] = WALKED


def read_view(parameters: Mapping[str, str]) -> tuple[ConflictView, list[str]]:
    """The place that a URL asks for; what cannot be read is left out and told in a sentence each."""
    return read_fields(ConflictView(), parameters, _READERS)


def write_view(place: ConflictView) -> dict[str, str]:
    """The parameters that `read_view` reads as the same place; defaults are left out."""
    written = {
        "part": place.part,
        "run": place.run,
        "method": place.method,
        "arrows": pairs_text(place.arrows),
        "hidden": ",".join(place.hidden),
        "multiplier": f"{place.multiplier:g}",
        "landscape": place.landscape,
        "start": None if place.start is None else pairs_text([place.start]),
        "walked": ",".join(place.walked) or "none",
    }
    default = {
        "part": ConflictView.part,
        "method": ConflictView.method,
        "arrows": pairs_text(ARROWS),
        "multiplier": "1",
        "walked": ",".join(WALKED),
    }
    return {name: value for name, value in written.items() if value and value != default.get(name)}


def read_arrows(pairs: object) -> tuple[Pair, ...]:
    """Two or three arrows of at most LONGEST, as the bench or a URL gives them."""
    arrows = tuple(_pair(given, LONGEST) for given in pairs) if isinstance(pairs, list | tuple) else ()
    if not 2 <= len(arrows) <= 3:
        raise PrecedenceError(f"The bench shows two or three arrows, not {len(arrows)}; give each as across,up.")
    return arrows


def read_multiplier(text: object) -> float:
    """NMT's multiplier on the bench."""
    try:
        value = float(text)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        value = math.nan
    if not 0 <= value <= MOST_MULTIPLIER:  # NaN too
        raise PrecedenceError(
            f"The multiplier {str(text)[:40]!r} does not fit the bench; expected 0 to {MOST_MULTIPLIER:g}."
        )
    return value


def read_start(given: object) -> Pair:
    """A start on a landscape."""
    return _pair(given, FARTHEST)


def read_methods(names: object) -> tuple[str, ...]:
    """Registry keys; unknown ones are refused."""
    listed = list(names) if isinstance(names, list | tuple) else []
    for name in listed:
        one_of(name, METHODS, "method")
    return tuple(listed)


def _pair(given: object, farthest: float) -> Pair:
    across, up = pair(given)
    if not math.hypot(across, up) <= farthest + 0.02:  # NaN too
        raise PrecedenceError(
            f"{str(given)[:60]} is no place on this page; expected two numbers across,up within {farthest:g}."
        )
    return across, up


def _methods(text: str) -> tuple[str, ...]:
    return read_methods([] if text == "none" else text.split(","))


_READERS: dict[str, Callable[[str], object]] = {
    "part": lambda text: one_of(text, PARTS, "part of this page"),
    "run": checked_run_id,
    "method": lambda text: one_of(text, METHODS, "method"),
    "arrows": lambda text: read_arrows([corner.split(",") for corner in text.split(";")]),
    "hidden": _methods,
    "multiplier": read_multiplier,
    "landscape": lambda text: text[:80],  # checked where the landscapes are known
    "start": lambda text: read_start(text.split(",")),
    "walked": _methods,
}
