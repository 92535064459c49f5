"""The box for SQL: ready questions, one's own, and the answer as a table."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd  # type: ignore[import-untyped]
import streamlit as st

from core.runs.listing.overview import RunRow
from core.runs.listing.sql import MOST_ROWS, QUESTIONS, SECONDS, ask
from pages.runs.table import parquet_of
from pages.shared.errors import show_errors

TABLES = (
    "`runs`: run, name, state, dataset, method, network, priority, seed, steps, seconds, device, created, tags, notes, "
    "pinned, sweep, family (equal for runs that differ in the seed alone)  \n"
    "`results`: run, task, kind, metric_name, metric, loss, violation, multiplier, single_task_metric, better (1 where "
    "a higher metric is better, else −1)  \n"
    "`settings`: run, field, value"
)


def questions(rows: Sequence[RunRow]) -> None:
    """One SELECT over the runs that this person sees."""

    def take() -> None:
        ready = st.session_state.get("runs_ready")
        if ready in QUESTIONS:
            st.session_state["runs_sql"] = QUESTIONS[ready]

    st.session_state.setdefault("runs_sql", next(iter(QUESTIONS.values())))
    st.selectbox("Ready questions", list(QUESTIONS), key="runs_ready", on_change=take, width=420)
    text = st.text_area("SQL", key="runs_sql", height=170, max_chars=10_000)
    bar = st.container(horizontal=True, vertical_alignment="center")
    pressed = bar.button("Ask", type="primary", icon=":material/play_arrow:")
    bar.caption(f"DuckDB's SQL; one SELECT, at most {SECONDS:g} s and {MOST_ROWS:,} rows, no files and no network.")
    with st.expander("Tables"):
        st.markdown(TABLES)
    if pressed:
        st.session_state.pop("runs_answer", None)
        with show_errors(), st.spinner("Asking"):
            st.session_state["runs_answer"] = ask(text or "", rows)
    answer = st.session_state.get("runs_answer")
    if answer is None:
        return
    frame = pd.DataFrame(answer.rows, columns=_apart(answer.columns))
    st.dataframe(frame, hide_index=True)
    if answer.truncated:
        st.caption(f"Only the first {len(frame):,} rows are shown.")
    bar = st.container(horizontal=True)
    bar.download_button("CSV", lambda: frame.to_csv(index=False), "answer.csv", "text/csv", on_click="ignore")
    bar.download_button("Parquet", lambda: parquet_of(frame.astype(str)), "answer.parquet", on_click="ignore")


def _apart(names: Sequence[str]) -> list[str]:
    """Columns of one name told apart: a table shows each once."""
    return [name if names[:at].count(name) == 0 else f"{name} {names[:at].count(name) + 1}"
            for at, name in enumerate(list(names))]  # fmt: skip
