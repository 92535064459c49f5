"""The front of a sweep as a small picture that needs nothing else: for a record that is printed."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

WIDTH, HEIGHT = 620, 330
_LEFT, _RIGHT, _TOP, _BOTTOM = 70, 20, 34, 52
_TICKS = 5  # at most, about
_PADDING = 0.08  # of an axis's range, beyond its outermost point
_INK, _FAINT, _GRID, _CHOSEN, _BEFORE = "#1F2328", "#9AA1AB", "#E3E6EA", "#0072B2", "#D55E00"


@dataclass(frozen=True)
class Place:
    """One setting: where it lies, half of its interval each way, and what it is."""

    label: str
    x: float
    y: float
    half_x: float | None = None
    half_y: float | None = None
    is_beaten: bool = False
    is_chosen: bool = False
    is_baseline: bool = False


@dataclass(frozen=True)
class SvgAxis:
    """What one direction shows."""

    title: str
    higher_is_better: bool


def front_svg(places: Sequence[Place], x: SvgAxis, y: SvgAxis) -> str:
    """The picture as one `<svg>` element; every text in it is shown letter by letter."""
    across = _Scale([(place.x, place.half_x) for place in places], _LEFT, WIDTH - _RIGHT)
    up = _Scale([(place.y, place.half_y) for place in places], HEIGHT - _BOTTOM, _TOP)
    parts = [*_grid(across, up), *_titles(x, y), *_key(places)]
    for place in sorted(places, key=lambda one: (one.is_chosen, one.is_baseline, not one.is_beaten)):
        parts += _mark(place, across, up)
    chosen = next((place.label for place in places if place.is_chosen), "")
    alt = f"{y.title} against {x.title} of {len(places)} settings; chosen: {chosen}."
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" height="{HEIGHT}" '
        f'role="img" aria-label="{escape(alt)}" font-family="system-ui, sans-serif" font-size="12" fill="{_INK}">'
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#FFFFFF"/>{"".join(parts)}</svg>'
    )


class _Scale:
    """From values to pixels."""

    def __init__(self, values: Sequence[tuple[float, float | None]], first: float, last: float) -> None:
        low = min((value - (half or 0.0) for value, half in values), default=0.0)
        high = max((value + (half or 0.0) for value, half in values), default=1.0)
        room = _PADDING * (high - low) or 0.5 * abs(high) or 1.0
        self.low, self.high = low - room, high + room
        self._first, self._last = first, last

    def at(self, value: float) -> float:
        share = (value - self.low) / (self.high - self.low)
        return round(self._first + share * (self._last - self._first), 1)

    def ticks(self) -> list[float]:
        """At round numbers, a few of them."""
        rough = (self.high - self.low) / _TICKS
        size = 10.0 ** math.floor(math.log10(rough))
        step = next(size * factor for factor in (1, 2, 5, 10) if size * factor >= rough)
        first = math.ceil(self.low / step)
        return [place * step for place in range(first, math.floor(self.high / step) + 1)]


def _grid(across: _Scale, up: _Scale) -> list[str]:
    parts = []
    for value in across.ticks():
        parts.append(_line(across.at(value), _TOP, across.at(value), HEIGHT - _BOTTOM, _GRID))
        parts.append(_text(across.at(value), HEIGHT - _BOTTOM + 16, f"{value:.4f}", "middle"))
    for value in up.ticks():
        parts.append(_line(_LEFT, up.at(value), WIDTH - _RIGHT, up.at(value), _GRID))
        parts.append(_text(_LEFT - 6, up.at(value) + 4, f"{value:.4f}", "end"))
    return parts


def _titles(x: SvgAxis, y: SvgAxis) -> list[str]:
    to = "better →" if x.higher_is_better else "← better"
    upwards = "↑ better" if y.higher_is_better else "↓ better"
    return [
        _text((_LEFT + WIDTH - _RIGHT) / 2, HEIGHT - 12, f"{x.title} ({to})", "middle"),
        _text(8, 18, f"{y.title} ({upwards})", "start"),
    ]


def _key(places: Sequence[Place]) -> list[str]:
    """What the marks mean, of those that are drawn; from the right."""
    kinds = {
        "beaten": Place("", 0, 0, is_beaten=True),
        "not beaten": Place("", 0, 0),
        "before": Place("", 0, 0, is_baseline=True),
        "chosen": Place("", 0, 0, is_chosen=True),
    }
    drawn = {_colour(place) for place in places}
    parts, right = [], WIDTH - 8.0
    for word, like in kinds.items():
        if _colour(like) in drawn:
            right -= 7.0 * len(word) + 10
            parts += [_shape(like, right, 14), _text(right + 12, 18, word, "start")]
            right -= 16
    return parts


def _colour(place: Place) -> str:
    return _CHOSEN if place.is_chosen else _BEFORE if place.is_baseline else _FAINT if place.is_beaten else _INK


def _shape(place: Place, x: float, y: float) -> str:
    title = f"<title>{escape(place.label)}</title>" if place.label else ""
    if place.is_baseline and not place.is_chosen:
        return f'<rect x="{x - 5}" y="{y - 5}" width="10" height="10" fill="{_colour(place)}">{title}</rect>'
    return f'<circle cx="{x}" cy="{y}" r="{7 if place.is_chosen else 4}" fill="{_colour(place)}">{title}</circle>'


def _mark(place: Place, across: _Scale, up: _Scale) -> list[str]:
    x, y = across.at(place.x), up.at(place.y)
    colour = _colour(place)
    parts = []
    if place.half_x:
        parts.append(_line(across.at(place.x - place.half_x), y, across.at(place.x + place.half_x), y, colour))
    if place.half_y:
        parts.append(_line(x, up.at(place.y - place.half_y), x, up.at(place.y + place.half_y), colour))
    return [*parts, _shape(place, x, y)]


def _line(x1: float, y1: float, x2: float, y2: float, colour: str) -> str:
    return f'<line x1="{x1}" y1="{y1}" x2="{x2}" y2="{y2}" stroke="{colour}"/>'


def _text(x: float, y: float, words: str, anchor: str) -> str:
    return f'<text x="{x}" y="{y}" text-anchor="{anchor}">{escape(words)}</text>'
