"""The state of the conflict page as its URL: which part, which run, which method, which arrows, which start."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from core.errors import PrecedenceError
from core.methods.registry import METHODS
from core.runs.names import checked_run_id
from pages.parts.place import read_fields

PARTS = {"run": "A run", "bench": "Geometry bench", "landscape": "Landscape"}
ARROWS = ((1.4, 0.4), (-0.9, 0.8))
WALKED = ("nmt", "weighted_sum", "cograd", "stch", "pcgrad", "cagrad", "mgda", "nash_mtl", "upgrad")
"""Methods that walk when a landscape opens; the others are a click away, all at once would hide each other."""
LONGEST = 2.0  # of an arrow on the bench, in its units
MOST_MULTIPLIER = 5.0  # of NMT on the bench
FARTHEST = 1e3  # of a start on a landscape

Pair = tuple[float, float]


@dataclass(frozen=True)
class Place:
    """Where a person is on the page.

    `hidden` methods are not drawn on the bench, `walked` ones walk on the landscape; `start` None: where it says.
    """

    part: str = "run"
    run: str | None = None
    method: str = "nmt"
    arrows: tuple[Pair, ...] = ARROWS
    hidden: tuple[str, ...] = ()
    multiplier: float = 1.0
    landscape: str | None = None
    start: Pair | None = None
    walked: tuple[str, ...] = WALKED


def read_place(parameters: Mapping[str, str]) -> tuple[Place, list[str]]:
    """The place that a URL asks for; what cannot be read is left out and told in a sentence each."""
    return read_fields(Place(), parameters, _read)


def write_place(place: Place) -> dict[str, str]:
    """The parameters that `read_place` reads as the same place; defaults are left out."""
    written = {
        "part": place.part,
        "run": place.run,
        "method": place.method,
        "arrows": ";".join(map(_pair_text, place.arrows)),
        "hidden": ",".join(place.hidden),
        "multiplier": f"{place.multiplier:g}",
        "landscape": place.landscape,
        "start": None if place.start is None else _pair_text(place.start),
        "walked": ",".join(place.walked) or "none",
    }
    default = {
        "part": Place.part,
        "method": Place.method,
        "arrows": ";".join(map(_pair_text, ARROWS)),
        "multiplier": "1",
        "walked": ",".join(WALKED),
    }
    return {name: value for name, value in written.items() if value and value != default.get(name)}


def read_arrows(pairs: object) -> tuple[Pair, ...]:
    """Two or three arrows of at most LONGEST, as the bench or a URL gives them."""
    arrows = tuple(_pair(pair, LONGEST) for pair in pairs) if isinstance(pairs, list | tuple) else ()
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


def read_start(pair: object) -> Pair:
    """A start on a landscape."""
    return _pair(pair, FARTHEST)


def read_methods(names: object) -> tuple[str, ...]:
    """Registry keys; unknown ones are refused."""
    listed = list(names) if isinstance(names, list | tuple) else []
    for name in listed:
        _known(name, METHODS, "method")
    return tuple(listed)


def _read(name: str, text: str) -> object:
    if name == "part":
        return _known(text, PARTS, "part of this page")
    if name == "run":
        return checked_run_id(text)
    if name == "method":
        return _known(text, METHODS, "method")
    if name == "arrows":
        return read_arrows([pair.split(",") for pair in text.split(";")])
    if name in ("hidden", "walked"):
        return read_methods([] if text == "none" else text.split(","))
    if name == "multiplier":
        return read_multiplier(text)
    if name == "landscape":
        return text[:80]  # checked where the landscapes are known
    if name == "start":
        return read_start(text.split(","))
    known = ", ".join(Place.__dataclass_fields__)
    raise PrecedenceError(f"'{name}={text[:40]}' in the address means nothing to this page; it knows {known}.")


def _known(name: object, known: Mapping[str, object], what: str) -> str:
    if not isinstance(name, str) or name not in known:
        raise PrecedenceError(f"There is no {what} {str(name)[:40]!r}; there are {', '.join(known)}.")
    return name


def _pair(pair: object, farthest: float) -> Pair:
    try:
        across, up = (float(value) for value in pair)  # type: ignore[attr-defined]
    except (TypeError, ValueError):
        across = up = math.nan
    if not math.hypot(across, up) <= farthest + 0.02:  # NaN too
        raise PrecedenceError(
            f"{str(pair)[:60]} is no place on this page; expected two numbers across,up within {farthest:g}."
        )
    return across, up


def _pair_text(pair: Pair) -> str:
    return ",".join(f"{value:g}" for value in pair)
