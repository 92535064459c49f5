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
TAKEN_ALONE = (
    "{} alone, to compare with, {} trained before, with these settings and this seed: {:,} of the steps shown."
)
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
    sentences = [*said_of(run), *_taken_over(run)]
    st.markdown("\n".join(f"- {plain(sentence)}" for sentence in sentences) or BEFORE)


def _taken_over(run: RunReader) -> list[str]:
    """What another run has trained of this one: its first steps, and tasks alone."""
    taken = read_branched(run.folder.path)
    said = [TAKEN_OVER.format(taken.steps)] if taken.steps else []
    if taken.alone:
        titles = {task.name: task.title for task in card(run.folder.config().dataset).tasks}
        names = [titles.get(name, name) for name in taken.alone]
        joined = " and ".join(filter(None, (", ".join(names[:-1]), names[-1])))
        said.append(TAKEN_ALONE.format(joined, "was" if len(names) == 1 else "were", sum(taken.alone.values())))
    return said
