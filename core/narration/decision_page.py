"""A decision as Markdown and as one HTML page, which needs nothing else and prints on two sheets at most."""

from __future__ import annotations

import base64
import re
import time
from html import escape

from core.narration.decision import Decision, TaskChange
from core.narration.paper import bullets, paper, table


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
    *sections, (last, origin) = _sections(decision)
    notes = "".join(f"<h2>{escape(title)}</h2>{bullets(notes)}" for title, notes in sections)
    body = f"""<h1>{escape(decision.question)}</h1>
<p class="verdict">{escape(decision.verdict)}</p>
{table(head, rows)}
{decision.picture}
{notes}
<footer><h2>{escape(last)}</h2>{bullets(origin)}</footer>"""
    return paper(decision.question, body)


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
