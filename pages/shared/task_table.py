"""A table with a row a task, each beside its colour."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape

import streamlit as st

from pages.shared.terms import term_html

STYLE = """<style>
.wide { overflow-x: auto; }
.tasks { width: 100%; border-collapse: collapse; font-size: .85rem; font-variant-numeric: tabular-nums; }
.tasks th, .tasks td { padding: .22rem .45rem; text-align: right; border-bottom: 1px solid rgba(128, 132, 142, .3); }
.tasks th { font-weight: 500; opacity: .8; }
.tasks th:first-child, .tasks td:first-child { text-align: left; }
.tasks td + td { white-space: nowrap; }
.tasks i { display: inline-block; width: .7em; height: .7em; border-radius: 50%; margin-right: .4em; }
@media (max-width: 640px) {
  .tasks th, .tasks td { padding: .22rem .2rem; }
  .tasks td + td { white-space: normal; } /* a band stands under its figure */
}
</style>"""
NOT_DEFINED = "–"


def task_table(heads: Sequence[str], rows: Iterable[tuple[str, str, Sequence[str]]]) -> None:
    """A row is a task's colour, its title and what stands under the heads after the first."""
    head = "".join(f'<th scope="col">{term_html(name)}</th>' for name in heads)
    body = "".join(
        f'<tr><td><i style="background: {colour}"></i>{escape(title)}</td>'
        + "".join(f"<td>{escape(cell)}</td>" for cell in cells)
        + "</tr>"
        for colour, title, cells in rows
    )
    table = f'<table class="tasks"><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>'
    st.html(f'{STYLE}<div class="wide" tabindex="0">{table}</div>')


def figure(value: float | None, shape: str = ".4f") -> str:
    """With a true minus sign, and none before what rounds to nothing; a dash where it is not defined."""
    if value is None:
        return NOT_DEFINED
    text = f"{value:{shape}}"
    return text.replace("-", "−") if text.strip("+-0.") else text.lstrip("+-")
