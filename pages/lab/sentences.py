"""What a run says in words, with the names that the page uses for its tasks."""

from __future__ import annotations

from html import escape

import streamlit as st

from core.data.registry import card
from core.narration.run import describe
from core.runs.folder.shared_stages import read_branched
from pages.shared.markdown_escape import plain
from pages.shared.run_reader import RunReader

NOW_STYLE = """<style>
.now { font-size: .92rem; line-height: 1.35; margin: 0; height: 2.7em; overflow: hidden;
  display: -webkit-box; -webkit-box-orient: vertical; -webkit-line-clamp: 2; }
@media (max-width: 1360px) { .now { height: 4.05em; -webkit-line-clamp: 3; } }
@media (max-width: 640px) { .now { height: auto; min-height: 2.7em; -webkit-line-clamp: 6; } }
</style>"""
TAKEN_OVER = "The first {:,} steps were trained before, with these settings and this seed; Reseed trains all of them."
BEFORE = "Nothing yet: the run has just begun."


def said_of(run: RunReader) -> list[str]:
    """The sentences, the most important first; empty before anything has happened."""
    config = run.folder.config()
    titles = {task.name: task.title for task in card(config.dataset).tasks}
    return [sentence.replace(" %", "\u00a0%") for sentence in describe(run.events, titles, unit=config.tolerance_kind)]


def said_now(run: RunReader) -> None:
    """The first of them above the charts, in a place that keeps its height, so that no chart jumps."""
    words = " ".join(said_of(run)[:3]) or BEFORE
    st.html(f'{NOW_STYLE}<p class="now" title="{escape(words)}">{escape(words)}</p>')


def everything_said(run: RunReader) -> None:
    """All of them as a list, and what was trained before the run."""
    sentences = said_of(run)
    if steps := read_branched(run.folder.path).steps:
        sentences.append(TAKEN_OVER.format(steps))
    st.markdown("\n".join(f"- {plain(sentence)}" for sentence in sentences) or BEFORE)
