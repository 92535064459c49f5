"""A collection that cannot be searched yet: its model trains, or it is being encoded and indexed."""

from __future__ import annotations

import streamlit as st

from core.data.registry import card
from core.runs.folder.run_folder import RunFolder
from core.runs.folder.status import RESUMABLE
from core.server import collections
from core.server.collections import CollectionStatus, is_run, run_title
from core.server.shared import supervisor
from pages import navigation
from pages.relevance.collections import catalogues
from pages.relevance.state import RelevanceState
from pages.shared.errors import show_errors
from pages.shared.headline import headline
from pages.shared.live_charts import live_charts
from pages.shared.markdown_escape import plain
from pages.shared.numbers import measures_of
from pages.shared.repeating import repeating
from pages.shared.run_reader import RunReader

RUN = "relevance_run"  # the reader of the run that trains


def waiting(state: RelevanceState, name: str, stand: CollectionStatus) -> None:
    """What there is to see until the collection can be searched."""
    title = run_title(name, RunFolder(supervisor().home, name).config()) if is_run(name) else name
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        st.subheader(plain(title), anchor=False, width="stretch")
        catalogues(state, title)
    if stand.state == "training":
        _training(state, name)
    else:
        _making(state, name)


def _training(state: RelevanceState, name: str) -> None:
    run: RunReader | None = st.session_state.get(RUN)
    if run is None or run.folder.run_id != name:
        run = st.session_state[RUN] = RunReader.open(supervisor().home, name)
    config = run.folder.config()
    over = supervisor().status(name).state in RESUMABLE
    repeating(None if over else 1)(_slow_lane)(state, run, over)
    live_charts(
        [task for task in card(config.dataset).tasks if not task.metric.is_loss],
        name,
        unit=config.tolerance_kind,
        constrained=False,
        steps_until_bounds=config.stage_steps,
        panels=("losses", "order"),
        key="relevance_live",
    )


def _slow_lane(state: RelevanceState, run: RunReader, was_over: bool) -> None:
    """How far, how good so far, and on to the index once the run has ended."""
    with show_errors():
        name = run.folder.run_id
        run.refresh()
        status = supervisor().status(name)
        if status.state == "finished" or (status.state in RESUMABLE) != was_over:
            st.rerun()
        headline(run, status)
        if status.state in RESUMABLE:
            said = status.error or f"The run is {status.state}: it has no model to search by."
            st.warning(plain(said), icon=":material/error:")
        _so_far(run)
        if status.state not in RESUMABLE:
            st.caption("When the training ends, this page turns to searching by its model. It goes on when you leave.")
        st.page_link(
            navigation.LAB,
            label="Steer it and see everything in the Priority lab",
            icon=":material/open_in_full:",
            query_params={"run": name},
        )


def _so_far(run: RunReader) -> None:
    said = measures_of(run)
    if "ndcg_at_10" in said:
        found = f"The order of the first ten is worth **{said['ndcg_at_10']:.3f}** of the best possible (NDCG@10)"
        if {"nonzeros_query", "nonzeros_product"} <= set(said):
            query, product = said["nonzeros_query"], said["nonzeros_product"]
            found += f", with **{query:.1f}** words in a query's bag and **{product:.0f}** in a title's"
        st.markdown(f"{found}: on queries that the training does not see.")
    else:
        every = run.folder.config().evaluate_every
        st.caption(f"The order is judged every {every} steps, on queries that the training does not see.")


@repeating(1)
def _making(state: RelevanceState, name: str) -> None:
    with show_errors():
        stand = collections.status_of(name)
        if stand.state != "making" or stand.progress is None:
            st.rerun()
        elif stand.progress.problem is None:
            st.progress(stand.progress.part or 0.0, text=f"Preparing index: {stand.progress.words}")
            st.caption("This page turns to the search by itself. It goes on when you leave.")
        else:
            st.error(plain(stand.progress.problem), icon=":material/error:")
            _after_failure(state, name)


def _after_failure(state: RelevanceState, name: str) -> None:
    with st.container(horizontal=True):
        if is_run(name) and st.button("Try again", icon=":material/replay:"):
            collections.forget(name)
            st.rerun()
        if not is_run(name) and st.button("Bring another file", icon=":material/upload_file:", type="primary"):
            collections.forget(name)
            state.turn_to(None)
            state.bring()
            st.rerun()
        if st.button("Back to the shop"):
            if not is_run(name):
                collections.forget(name)
            state.turn_to(None)
            st.rerun()
