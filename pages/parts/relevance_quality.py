"""How good and how fast: figures on judged queries, what the kept changes do to them, and the race with vectors."""

from __future__ import annotations

from typing import Any

import streamlit as st

from core.relevance.impact import impact
from core.relevance.quality import Figures, quality_words
from core.server import collections, search
from pages.parts.plain import plain
from pages.parts.relevance_race import race
from pages.parts.relevance_search import Desk
from pages.parts.relevance_state import RelevanceState
from pages.parts.relevance_train import training

NAMES = {"bm25": "BM25", "overlap": "word overlap", "deepbow": "DeepBoW", "dense": "dense two-tower"}


def quality(state: RelevanceState, desk: Desk) -> None:
    """Three columns: how good, how fast, and a way to train."""
    left, middle, right = st.columns([1.5, 1.2, 0.8])
    with left, st.container(border=True, height="stretch"):
        _figures(desk)
    with middle, st.container(border=True, height="stretch"):
        race(desk)
    with right, st.container(border=True, height="stretch"):
        training(state, desk)


def _figures(desk: Desk) -> None:
    st.markdown("**How good is the order?**")
    rows = search.quality(desk.name)
    if rows is not None:
        st.dataframe([_row(row) for row in rows], hide_index=True, column_config=_columns())
        for sentence in quality_words(rows):
            st.caption(sentence)
    elif desk.name is None:
        _measure_shop()
    else:
        _measured(desk.name, desk)
    held_out = [query for query in desk.catalogue.queries if query.held_out]
    if desk.overrides and held_out:
        found = impact(desk.kept.with_overrides(()), desk.kept, held_out)
        if found.ndcg_before is not None and found.ndcg_after is not None:
            st.text(
                f"With the changes that hold: NDCG@10 {found.ndcg_before:.3f} → {found.ndcg_after:.3f} over "
                f"{len(held_out)} test queries."
            )


def _measured(name: str, desk: Desk) -> None:
    """A collection is measured by the process that made it; one that has no judged pairs cannot be."""
    if desk.about is None or desk.about.train is None:
        why = desk.about.untrainable if desk.about else ""
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
        st.error(problem, icon=":material/error:")
    st.caption("This model has not been measured here. It takes about a minute, in the background.")
    if st.button("Measure it", icon=":material/straighten:"):
        search.measure()
        st.rerun()


@st.fragment(run_every=2)
def _wait(name: str | None) -> None:
    st.caption(":material/hourglass_top: Measuring on the judged test queries …")
    if not (search.is_measuring() if name is None else collections.is_measuring(name)):
        st.rerun(scope="app")


def _row(row: Figures) -> dict[str, Any]:
    kind, _, rest = row.model.partition(" ")
    return {
        "model": f"{NAMES.get(kind, kind)} {rest}".strip(),
        "NDCG@10": row.ndcg_at_10,
        "AUC": row.auc,
        "PR-AUC of bad hits": row.negative_pr_auc,
        "words a query": row.nonzeros_query,
        "words a title": row.nonzeros_product,
        "wacky": None if row.wacky_share is None else 100 * row.wacky_share,
    }


def _columns() -> dict[str, Any]:
    number = st.column_config.NumberColumn
    return {
        "NDCG@10": number(format="%.3f", help="How good the order of the first ten is; 1 is the best possible"),
        "AUC": number(format="%.3f", help="How often a good hit is scored above a bad one"),
        "PR-AUC of bad hits": number(format="%.3f", help="How well the lowest scores find the bad hits"),
        "words a query": number(format="%.1f"),
        "words a title": number(format="%.1f"),
        "wacky": number(format="%.0f %%", help="Share of added words that no judged pair supports"),
    }
