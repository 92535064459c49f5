"""The race of the open collection's index with vectors and with BM25, here and now."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import streamlit as st

from core.relevance.race.engines import ENGINES
from core.relevance.race.load import load_of, source_of, sources
from core.relevance.race.race import side_by_side
from core.server import search
from pages.relevance.search import SearchSession

RACE = {"deepbow": "this index", "faiss_fp32": "vectors, 32 bits", "faiss_int8": "vectors, 8 bits", "bm25s": "BM25"}
QUERIES = 100


def race(session: SearchSession) -> None:
    """A button, and what came of it."""
    st.markdown("**How fast is it?**")
    st.caption("One search of the whole catalogue, encoding left out, one thread, taken in turns here and now.")
    key = f"relevance_raced_{session.name}"
    if st.button("Race against vectors", icon=":material/speed:", key="relevance_race"):
        with st.spinner("Racing …"):
            load, engines = _load(session.name, session.kept.index.vocabulary)
            st.session_state[key] = side_by_side(len(load.bags), engines, load)
    rows: list[dict[str, Any]] | None = st.session_state.get(key)
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


@lru_cache(maxsize=2)
def _load(name: str | None, mark: str) -> Any:
    """The engines of a collection; `mark` is its model's, another one is another catalogue."""
    if name is None:
        source = sources(QUERIES)
    else:
        catalogue, searcher = search.own(name)
        source = source_of(searcher, [query.text for query in catalogue.queries] or list(catalogue.examples), QUERIES)
    load = load_of(source, len(source.bags), 128)
    return load, {engine: ENGINES[engine](load) for engine in RACE}
