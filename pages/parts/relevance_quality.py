"""How good and how fast: figures on judged queries, what the kept changes do to them, and the race with vectors."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import streamlit as st

from core.bench.relevance import side_by_side
from core.bench.relevance_engines import ENGINES
from core.bench.relevance_load import load_of, sources
from core.data.pairs.judged import divided
from core.relevance.impact import impact
from core.relevance.quality import Figures, quality_words
from core.server import search
from core.training.address import to_query
from core.training.presets import default_run
from pages.parts.relevance_search import Desk

LAB = "priority_lab.py"
TEST = 2
RACE = {"deepbow": "this index", "faiss_fp32": "vectors, 32 bits", "faiss_int8": "vectors, 8 bits", "bm25s": "BM25"}
NAMES = {"bm25": "BM25", "overlap": "word overlap", "deepbow": "DeepBoW", "dense": "dense two-tower"}


def quality(desk: Desk) -> None:
    """Three columns: how good, how fast, and a way to train."""
    left, middle, right = st.columns([1.5, 1.2, 0.8])
    with left, st.container(border=True, height="stretch"):
        _figures(desk)
    with middle, st.container(border=True, height="stretch"):
        _race()
    with right, st.container(border=True, height="stretch"):
        _train()


def _figures(desk: Desk) -> None:
    st.markdown("**How good is the order?**")
    rows = search.quality()
    if rows is None:
        _measure()
    else:
        st.dataframe([_row(row) for row in rows], hide_index=True, column_config=_columns())
        for sentence in quality_words(rows):
            st.caption(sentence)
    if desk.overrides:
        texts = [query.text for query in desk.catalogue.queries]
        held_out = [query for query, split in zip(desk.catalogue.queries, divided(texts), strict=True) if split == TEST]
        found = impact(desk.kept.with_overrides(()), desk.kept, held_out)
        if found.ndcg_before is not None and found.ndcg_after is not None:
            st.text(
                f"With the changes that hold: NDCG@10 {found.ndcg_before:.3f} → {found.ndcg_after:.3f} over "
                f"{len(held_out)} test queries."
            )


def _measure() -> None:
    """Nobody measured this model yet: a process of its own does, the page looks in on it."""
    problem = search.measuring_problem()
    if search.is_measuring():
        _wait()
        return
    if problem:
        st.error(problem, icon=":material/error:")
    st.caption("This model has not been measured here. It takes about a minute, in the background.")
    if st.button("Measure it", icon=":material/straighten:"):
        search.measure()
        st.rerun()


@st.fragment(run_every=2)
def _wait() -> None:
    st.caption(":material/hourglass_top: Measuring on the judged test queries …")
    if not search.is_measuring():
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


def _race() -> None:
    st.markdown("**How fast is it?**")
    st.caption("One search of the whole catalogue, encoding left out, one thread, taken in turns here and now.")
    if st.button("Race against vectors", icon=":material/speed:", key="relevance_race"):
        with st.spinner("Racing …"):
            st.session_state["relevance_raced"] = _raced()
    rows = st.session_state.get("relevance_raced")
    if rows:
        st.dataframe(
            [
                {"engine": RACE[row["engine"]], "ms, median": row["p50_ms"], "ms, 95 %": row["p95_ms"],
                 "bytes a product": row["bytes_per_product"]}
                for row in rows
            ],
            hide_index=True,
            column_config={"bytes a product": st.column_config.NumberColumn(format="%.0f")},
        )  # fmt: skip
        own, dense = (row["p50_ms"] for row in rows[:2])
        st.caption(f"Vectors of 128 dimensions take {dense / own:.1f} times as long as this index.")


def _raced() -> list[dict[str, Any]]:
    load, engines = _load()
    return side_by_side(len(load.bags), engines, load)


@lru_cache(maxsize=1)
def _load() -> Any:
    source = sources(100)
    load = load_of(source, len(source.bags), 128)
    return load, {name: ENGINES[name](load) for name in RACE}


def _train() -> None:
    st.markdown("**Train it yourself**")
    st.caption(
        "Watch a DeepBoW learn from the shop's judged pairs: its loss, the order on unseen queries, and how many words "
        "a title needs."
    )
    if st.button("Train live", icon=":material/play_arrow:", type="primary", key="relevance_train"):
        st.switch_page(LAB, query_params=to_query(default_run("shop_pairs")))
