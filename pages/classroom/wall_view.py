"""The wall as HTML: one small card a student. All text of people is escaped here."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from core.classroom.room import Poll
from core.classroom.wall import Tile
from pages.shared.headline import STATES, duration

MANY = 15  # tiles from which on they are drawn closer
STYLE = """<style>
.wall { display: grid; grid-template-columns: repeat(auto-fill, minmax(9.6em, 1fr)); gap: .5em; font-size: .85rem; }
.wall.large { font-size: 1.35rem; grid-template-columns: repeat(auto-fill, minmax(10em, 1fr)); gap: .35em; }
.wall.large .tile { padding: .2em .5em; line-height: 1.4; } .wall.large .spark { height: 1.1em; }
.wall.many:not(.large) { font-size: .8rem; grid-template-columns: repeat(auto-fill, minmax(9em, 1fr)); gap: .35em; }
.wall.many:not(.large) .spark { height: 1.1em; } .wall.many .tile { padding: .15em .5em; line-height: 1.4; }
.wall .tile { border: 1px solid rgba(128, 132, 142, .45); border-radius: .5em; padding: .35em .6em; min-width: 0; }
.wall .tile.shown { outline: .2em solid currentColor; }
.wall .name { font-weight: 600; white-space: nowrap; overflow: hidden; text-overflow: ellipsis; }
.wall .line { display: flex; justify-content: space-between; gap: .5em; font-variant-numeric: tabular-nums; }
.wall .line span { white-space: nowrap; overflow: hidden; text-overflow: ellipsis; }
.wall a { color: inherit; }
.wall .bar { height: .25em; border-radius: 1em; background: rgba(128, 132, 142, .3); margin: .2em 0; }
.wall .bar div { height: 100%; border-radius: 1em; background: currentColor; opacity: .7; }
.wall .spark { height: 1.7em; } .wall .spark div { height: 100%; background: currentColor; opacity: .55; }
.poll { font-size: .9rem; display: grid; gap: 0 1em; grid-template-columns: repeat(auto-fit, minmax(9em, 1fr)); }
.poll.large { font-size: 1.4rem; }
.poll .answer { margin: .35em 0; overflow-wrap: anywhere; }
.poll .bar { height: .6em; border-radius: .2em; background: rgba(128, 132, 142, .3); }
.poll .bar div { height: 100%; border-radius: .2em; background: currentColor; opacity: .75; }
</style>"""


def wall_html(tiles: Sequence[Tile], spotlight: str | None, large: bool = False, lab: str = "") -> str:
    """All tiles; with `lab`, the address of the Priority lab, each name is a link to the run: the teacher's wall."""
    cards = "".join(_tile(tile, tile.run_id != "" and tile.run_id == spotlight, lab) for tile in tiles)
    return f'{STYLE}<div class="wall{" large" if large else ""}{" many" if len(tiles) > MANY else ""}">{cards}</div>'


def tile_html(tile: Tile) -> str:
    """One run alone: a student's own."""
    return (
        f'{STYLE}<div class="wall" style="max-width: 24rem; grid-template-columns: 1fr">{_tile(tile, False, "")}</div>'
    )


def _tile(tile: Tile, shown: bool, lab: str) -> str:
    name = escape(tile.name)
    if lab and tile.run_id:
        name = f'<a href="{escape(lab)}?run={escape(tile.run_id)}">{name}</a>'
    share = min(1.0, tile.step / tile.most_steps) if tile.most_steps else 0.0
    if tile.state == "finished":
        share = 1.0
    return (
        f'<div class="tile{" shown" if shown else ""}" title="{escape(tile.note)}"><div class="name">{name}</div>'
        f'<div class="line"><span>{escape(state_words(tile))}</span><span>{_step(tile)}</span></div>'
        f'<div class="bar"><div style="width: {100 * share:.0f}%"></div></div>{_spark(tile)}'
        f'<div class="line"><span title="Multiplier of {escape(tile.task)}">λ {_figure(tile.multiplier, 2)}</span>'
        f'<span title="{escape(tile.task)}, validation rows">{escape(tile.metric_title)} '
        f"{_figure(tile.metric, 3)}</span></div></div>"
    )


def state_words(tile: Tile) -> str:
    """`Training`, `Place 3, about 2 min`, `Not started`."""
    if tile.state is None:
        return "Not started"
    if tile.state == "queued" and tile.place:
        return f"Place {tile.place}" + (f", {duration(tile.wait)}" if tile.wait else "")
    return STATES[tile.state]


def _step(tile: Tile) -> str:
    return f"{tile.step:,}" if tile.state is not None else ""


def _figure(value: float | None, digits: int) -> str:
    return "–" if value is None else f"{value:.{digits}f}"


def _spark(tile: Tile) -> str:
    """The multiplier from its first value to now, zero at the bottom; an empty strip of the same height before that.

    An area cut out of a box: Streamlit lets no SVG into a page's HTML.
    """
    if len(tile.line) < 2:
        return '<div class="spark"></div>'
    top = max(*tile.line, 1e-9)
    across = 100 / (len(tile.line) - 1)
    points = ",".join(
        f"{at * across:.1f}% {100 - 100 * max(0.0, value) / top:.0f}%" for at, value in enumerate(tile.line)
    )
    shape = f"clip-path: polygon(0 100%,{points},100% 100%)"
    return f'<div class="spark" title="At most {top:.2f}"><div style="{shape}"></div></div>'


def poll_html(poll: Poll, large: bool = False, mine: int | None = None) -> str:
    """The answers with how many chose each."""
    counts, answers = poll.counts(), []
    for at, (answer, count) in enumerate(zip(poll.answers, counts, strict=True)):
        share = count / sum(counts) if sum(counts) else 0.0
        own = " (yours)" if at == mine else ""
        answers.append(
            f'<div class="answer">{escape(answer)}{own}: <b>{count}</b>'
            f'<div class="bar"><div style="width: {100 * share:.0f}%"></div></div></div>'
        )
    return f'{STYLE}<div class="poll{" large" if large else ""}">{"".join(answers)}</div>'
