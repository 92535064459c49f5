"""How good and how fast: figures on judged queries, what the kept changes do to them, and the race with vectors."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

import streamlit as st

from core.relevance.evaluation.impact import impact
from core.relevance.evaluation.quality import Figures, quality_words
from core.server import collections, search
from pages.relevance.race import race
from pages.relevance.search import SearchSession
from pages.relevance.state import RelevanceState
from pages.relevance.train import training
from pages.shared.markdown_escape import plain
from pages.shared.repeating import repeating
from pages.shared.task_table import STYLE

COLUMNS = {
    "model": "On the same test queries, which no training has seen",
    "NDCG@10": "How good the order of the first ten is; 1 is the best possible",
    "AUC": "How often a good hit is scored above a bad one",
    "spots bad matches": "How well the lowest scores find the bad hits: the area under precision and recall (PR-AUC)",
    "words a query": "in its bag",
    "words a title": "in its bag",
    "unsupported": "Share of added words that no judged pair supports",
}
NAMES = {"bm25": "BM25", "overlap": "word overlap", "deepbow": "DeepBoW", "dense": "dense two-tower"}


def measured(session: SearchSession) -> str:
    """How good the order is in a sentence, with BM25 beside it; empty where nobody has measured it."""
    found = {row.model.partition(" ")[0]: row for row in search.quality(session.name) or ()}
    mine = next(
        (row for kind, row in found.items() if session.kept.encoder.title.startswith(NAMES.get(kind, " "))), None
    )
    if mine is None or mine is found.get("bm25"):
        return ""
    beside = f" (BM25 {found['bm25'].ndcg_at_10:.3f})" if "bm25" in found else ""
    return f" On its test queries: NDCG@10 {mine.ndcg_at_10:.3f}{beside}."


def quality(state: RelevanceState, session: SearchSession) -> None:
    """Three columns: how good, how fast, and a way to train."""
    left, middle, right = st.columns([1.5, 1.2, 0.8])
    with left, st.container(border=True, height="stretch"):
        _figures(session)
    with middle, st.container(border=True, height="stretch"):
        race(session)
    with right, st.container(border=True, height="stretch"):
        training(state, session)


def _figures(session: SearchSession) -> None:
    st.markdown("**How good is the order?**")
    rows = search.quality(session.name)
    if rows is not None:
        st.html(f'{STYLE}<div class="wide" tabindex="0">{_table(rows)}</div>')
        for sentence in quality_words(rows):
            st.caption(plain(sentence))
    elif session.name is None:
        _measure_shop()
    else:
        _measured(session.name, session)
    held_out = [query for query in session.catalogue.queries if query.held_out]
    if session.overrides and held_out:
        alone = session.kept.with_addition(None)
        found = impact(alone.with_overrides(()), alone, held_out)
        if found.ndcg_before is not None and found.ndcg_after is not None:
            st.text(
                f"With the changes that hold: NDCG@10 {found.ndcg_before:.3f} → {found.ndcg_after:.3f} over "
                f"{len(held_out)} test queries."
            )


def _measured(name: str, session: SearchSession) -> None:
    """A collection is measured by the process that made it; one that has no judged pairs cannot be."""
    if session.about is None or session.about.train is None:
        why = session.about.untrainable if session.about else ""
        st.caption(plain(f"Not measured: that takes judged pairs of query and title. {why}"))
    elif collections.is_measuring(name):
        _wait(name)
    else:
        if problem := collections.problem(name):
            st.error(plain(problem), icon=":material/error:")
        st.caption("This model has not been measured here. It takes about a minute, in the background.")
        if st.button("Measure it", icon=":material/straighten:"):
            collections.measure(name)
            st.rerun()


def _measure_shop() -> None:
    """Nobody measured this model yet: a process of its own does, the page looks in on it."""
    problem = search.measuring_problem()
    if search.is_measuring():
        _wait(None)
        return
    if problem:
        st.error(plain(problem), icon=":material/error:")
    st.caption("This model has not been measured here. It takes about a minute, in the background.")
    if st.button("Measure it", icon=":material/straighten:"):
        search.measure()
        st.rerun()


@repeating(2)
def _wait(name: str | None) -> None:
    st.caption(":material/hourglass_top: Measuring on the judged test queries …")
    if not (search.is_measuring() if name is None else collections.is_measuring(name)):
        st.rerun(scope="app")


def _table(rows: Sequence[Figures]) -> str:
    """A row a model; what a model has none of is a dash."""
    head = "".join(f'<th scope="col" title="{escape(about)}">{escape(name)}</th>' for name, about in COLUMNS.items())
    lines = [f"<tr>{''.join(f'<td>{cell}</td>' for cell in _cells(row))}</tr>" for row in rows]
    return f'<table class="tasks"><thead><tr>{head}</tr></thead><tbody>{"".join(lines)}</tbody></table>'


def _cells(row: Figures) -> list[str]:
    kind, _, settings = row.model.partition(" ")  # settings that are not the usual ones: for who points at it
    unsupported = None if row.wacky_share is None else 100 * row.wacky_share
    return [
        f'<span title="{escape(settings)}">{escape(NAMES.get(kind, kind))}</span>',
        *(f"{value:.3f}" for value in (row.ndcg_at_10, row.auc, row.negative_pr_auc)),
        *("–" if value is None else f"{value:.1f}" for value in (row.nonzeros_query, row.nonzeros_product)),
        "–" if unsupported is None else f"{unsupported:.0f} %",
    ]
