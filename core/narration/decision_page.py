"""A decision as Markdown and as one HTML page, which needs nothing else and prints on two sheets at most."""

from __future__ import annotations

import base64
import re
import time
from collections.abc import Sequence
from html import escape

from core.narration.decision import Decision, TaskChange

STYLE = """
@page { size: A4; margin: 16mm; }
body { font: 14px/1.42 system-ui, sans-serif; color: #1F2328; background: #fff; max-width: 46rem; margin: 2rem auto;
  padding: 0 1rem; }
h1 { font-size: 1.35rem; margin: 0 0 .4rem; }
h2 { font-size: 1rem; margin: 1rem 0 .2rem; }
p.verdict { font-size: 1.05rem; border-left: 4px solid #0072B2; padding-left: .7rem; }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }
th, td { text-align: right; padding: .25rem .45rem; border-bottom: 1px solid #D8DCE1; }
th:first-child, td:first-child { text-align: left; }
ul { margin: .2rem 0; padding-left: 1.2rem; }
svg { max-width: 100%; height: auto; }
footer { color: #59636E; font-size: .95em; }
@media print { body { margin: 0; padding: 0; max-width: none; font-size: 12px; } svg { max-height: 75mm; }
  table, svg, p.verdict { break-inside: avoid; } }
"""


def to_markdown(decision: Decision, with_picture: bool = True) -> str:
    """The record as Markdown; the picture as data in it."""
    head, *rows = _table(decision)
    lines = [f"# {_plain(decision.question)}", "", f"**{_plain(decision.verdict)}**", ""]
    lines += ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    lines += ["| " + " | ".join(_plain(cell) for cell in row) + " |" for row in rows]
    if decision.picture and with_picture:
        data = base64.b64encode(decision.picture.encode()).decode()
        lines += ["", f"![The front with the chosen point](data:image/svg+xml;base64,{data})"]
    for title, notes in _sections(decision):
        lines += ["", f"## {title}", "", *(f"- {_plain(note)}" for note in notes)]
    return "\n".join([*lines, ""])


def to_html(decision: Decision) -> str:
    """The record as a page; everything a person wrote is shown letter by letter."""
    head, *rows = _table(decision)
    cells = "".join(f"<th>{escape(name)}</th>" for name in head)
    body = "".join("<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in row) + "</tr>" for row in rows)
    *sections, (last, origin) = _sections(decision)
    notes = "".join(f"<h2>{escape(title)}</h2>{_list(notes)}" for title, notes in sections)
    return f"""<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>{escape(decision.question)}</title><style>{STYLE}</style></head>
<body>
<h1>{escape(decision.question)}</h1>
<p class="verdict">{escape(decision.verdict)}</p>
<table><thead><tr>{cells}</tr></thead><tbody>{body}</tbody></table>
{decision.picture}
{notes}
<footer><h2>{escape(last)}</h2>{_list(origin)}</footer>
</body></html>
"""


def _list(notes: Sequence[str]) -> str:
    return f"<ul>{''.join(f'<li>{escape(note)}</li>' for note in notes)}</ul>"


def _table(decision: Decision) -> list[list[str]]:
    compared = decision.baseline is not None
    named = {task.unit for task in decision.tasks}
    of = f"test {named.pop()}" if len(named) == 1 else "test rows"  # else each figure names its own
    rows = [["Task", "May lose", *([f"Before, {of}"] if compared else []), f"After, {of}", *(["Change"] * compared)]]
    for task in decision.tasks:
        unit = "" if "rows" not in of else f"{task.unit} "
        row = [task.title, task.tolerance or "–"]
        if compared:
            row.append(unit + _level(task.before, task.before_half))
        row.append(unit + _level(task.after, task.after_half))
        if compared:
            row.append(_change(task, shares=decision.unit == "relative"))
        rows.append(row)
    return rows


def _level(value: float | None, half: float | None) -> str:
    if value is None:
        return "–"
    return f"{value:.4f}" + (f" ± {half:.4f}" if half is not None else "")


def _change(task: TaskChange, shares: bool) -> str:
    if task.change is None:
        return "–"
    scale, shape, mark = (100, ".2f", "\u00a0%") if shares else (1, ".4f", "")
    half = f" ± {scale * task.half:{shape}}" if task.half is not None else ""
    return f"{scale * task.change:+{shape}}{half}{mark}".replace("-", "−")


def _sections(decision: Decision) -> list[tuple[str, list[str]]]:
    seeds = ", ".join(map(str, decision.seeds))
    many = len(decision.seeds) > 1
    sure = (
        "Intervals are 95 % t-intervals over seeds; those of changes are of the paired differences."
        if many
        else "One seed: no interval can be given, and a difference may be chance."
    )
    against = f"Before: {decision.baseline}." if decision.baseline else "No baseline was pinned."
    return [
        ("What was given up", list(decision.given_up)),
        ("What would change the decision", list(decision.would_change) or ["Nothing that these runs show."]),
        ("How sure it is", [f"{against} {sure}", decision.bounds, *decision.sentences]),
        (
            "Where it comes from",
            [
                f"Owner: {decision.owner or 'not named'}. Written "
                f"{time.strftime('%Y-%m-%d %H:%M', time.gmtime(decision.made))} UTC.",
                f"Data: {decision.dataset}; rows to train on, to keep promises on and to test on: {decision.split}.",
                f"Seed{'s' if many else ''}: {seeds}. Config {decision.config_hash} (of the first seed). "
                f"Run{'s' if many else ''}: {', '.join(decision.runs)}.",
                f"Chosen among {decision.settings} settings of sweep {decision.sweep}, by looking at these same "
                "figures: the best of many looks a little better than it is.",
            ],
        ),
    ]


_MARKS = str.maketrans({mark: f"\\{mark}" for mark in "\\`*_{}[]<>#|$~"})
_SIGN = re.compile(r":(?=[a-zA-Z])")  # begins a picture or a colour in some readers


def _plain(text: str) -> str:
    """As Markdown shows it letter by letter."""
    return _SIGN.sub(r"\\:", text.replace("\n", " ").translate(_MARKS))
