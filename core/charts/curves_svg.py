"""Curves over steps as a small picture that needs nothing else: for a report that is printed."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

WIDTH, HEIGHT = 620, 230
_LEFT, _RIGHT, _TOP, _BOTTOM = 52, 120, 26, 34
_TICKS = 4  # at most, about
_GAP = 13  # pixels between two names at the lines' ends
_INK, _FAINT, _GRID = "#1F2328", "#59636E", "#E3E6EA"


@dataclass(frozen=True)
class Curve:
    """One line and its name; `points` are (step, value)."""

    name: str
    colour: str
    points: Sequence[tuple[float, float]]


def curves_svg(title: str, curves: Sequence[Curve], marks: Sequence[float] = (), from_zero: bool = False) -> str:
    """The picture as one `<svg>` element; `marks` are steps at which a stage begins. Empty where no curve has a
    point."""
    drawn = [curve for curve in curves if curve.points]
    if not drawn:
        return ""
    values = [value for curve in drawn for _, value in curve.points]
    values += [0.0] * from_zero
    last = max(step for curve in drawn for step, _ in curve.points) or 1.0
    low, high = min(values), max(values)
    high = high if high > low else low + 1.0

    def across(step: float) -> float:
        return _LEFT + (WIDTH - _LEFT - _RIGHT) * step / last

    def up(value: float) -> float:
        return HEIGHT - _BOTTOM - (HEIGHT - _TOP - _BOTTOM) * (value - low) / (high - low)

    parts = [f'<text x="{_LEFT}" y="14" font-weight="600">{escape(title)}</text>']
    for tick in _ticks(low, high):
        parts.append(f'<path d="M{_LEFT} {up(tick):.1f}H{WIDTH - _RIGHT}" stroke="{_GRID}"/>')
        parts.append(f'<text x="{_LEFT - 6}" y="{up(tick) + 4:.1f}" text-anchor="end">{_written(tick)}</text>')
    for tick in _ticks(0, last):
        parts.append(f'<text x="{across(tick):.1f}" y="{HEIGHT - 16}" text-anchor="middle">{tick:,.0f}</text>')
    parts.append(f'<text x="{WIDTH - _RIGHT}" y="{HEIGHT - 2}" text-anchor="end" fill="{_FAINT}">step</text>')
    for step in marks:
        if 0 < step < last:
            parts.append(f'<path d="M{across(step):.1f} {_TOP}V{HEIGHT - _BOTTOM}" stroke="{_FAINT}"/>')
    for curve in drawn:
        path = "L".join(f"{across(step):.1f} {up(value):.1f}" for step, value in curve.points)
        parts.append(f'<path d="M{path}" fill="none" stroke="{curve.colour}" stroke-width="1.8"/>')
    parts += _names(drawn, [up(curve.points[-1][1]) for curve in drawn])
    told = ", ".join(f"{curve.name} {_written(curve.points[-1][1])}" for curve in drawn)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" height="{HEIGHT}" '
        f'role="img" aria-label="{escape(title)}; at the end: {escape(told)}" font-family="system-ui, sans-serif" '
        f'font-size="11" fill="{_INK}">{"".join(parts)}</svg>'
    )


def _names(curves: Sequence[Curve], heights: Sequence[float]) -> list[str]:
    """A name at each line's end, moved down where another one is."""
    free, parts = -math.inf, []
    for height, curve in sorted(zip(heights, curves, strict=True), key=lambda pair: pair[0]):
        place = max(height, free)
        free = place + _GAP
        parts.append(
            f'<circle cx="{WIDTH - _RIGHT + 8}" cy="{place:.1f}" r="3.5" fill="{curve.colour}"/>'
            f'<text x="{WIDTH - _RIGHT + 15}" y="{place + 4:.1f}">{escape(curve.name)}</text>'
        )
    return parts


def _ticks(low: float, high: float) -> list[float]:
    """Round numbers from low to high."""
    rough = (high - low) / _TICKS
    unit = 10 ** math.floor(math.log10(rough))
    step = next(unit * factor for factor in (1, 2, 5, 10) if unit * factor >= rough)
    first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
    return [place * step for place in range(first, last + 1)]


def _written(value: float) -> str:
    return f"{value:.4g}".replace("-", "−")
