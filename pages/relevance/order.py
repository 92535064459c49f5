"""The order of the hits: relevance alone, or a trained point at which relevance gives something up for another aim."""

from __future__ import annotations

import streamlit as st

from core.narration.order import label, sentence
from core.server import collections, order
from pages.relevance.search import SearchSession
from pages.relevance.state import RelevanceState
from pages.shared.markdown_escape import plain
from pages.shared.repeating import repeating


def order_slider(state: RelevanceState, session: SearchSession) -> None:
    """The slider with what its point comes to on test queries; where there is none, why, if it can be mended."""
    if session.front is None or session.fronts is None:
        _without(session)
        return
    tolerances = [0.0, *(point.tolerance for point in session.front.points)]
    slider, chooser = f"relevance_lose_{state.version}", f"relevance_aim_{state.version}"
    st.session_state.setdefault(slider, session.point.tolerance if session.point else 0.0)
    st.session_state.setdefault(chooser, session.front.name)

    def moved() -> None:
        state.go(lose=st.session_state[slider])

    def aimed() -> None:
        state.go(aim=st.session_state[chooser])

    titles = {front.name: front.title for front in session.fronts.fronts}
    with st.container(key="relevance_order"):
        left, middle, right = st.columns([1.15, 0.55, 2.6], vertical_alignment="bottom", gap="medium")
    left.select_slider(
        "What relevance may lose for a second aim",
        tolerances,
        format_func=label,
        key=slider,
        on_change=moved,
    )
    middle.selectbox(
        "The second aim",
        list(titles),
        format_func=lambda name: f"for {plain(titles[name])}",
        key=chooser,
        on_change=aimed,
        label_visibility="collapsed",
    )
    right.caption(
        plain(sentence(session.front, session.point)),
        help="At a trained point the first fifty hits are ordered by relevance plus a part for the aim. How large that "
        "part is was trained so that relevance loses no more than this on judged queries. In a whole catalogue, where "
        "there is more to exchange, it can lose and gain more than among the judged products.",
    )


def _without(session: SearchSession) -> None:
    """Why there is no slider: said where it can be mended."""
    name = session.name
    if name is None or not session.catalogue.queries:
        return
    if session.fronts is not None and session.fronts.untrained:
        st.caption(f"No order for a second aim: {plain(session.fronts.untrained)}")
    elif not order.has_aims(name):
        st.caption(
            "No order for a second aim: the judged file says no number of its products, like price, sales or "
            "rating_count."
        )
    elif collections.is_measuring(name):
        _wait(name)
    elif st.button("Train an order for a second aim", icon=":material/balance:", type="tertiary"):
        collections.order(name)
        st.rerun()


@repeating(2)
def _wait(name: str) -> None:
    st.caption(":material/hourglass_top: Training the order for a second aim …")
    if not collections.is_measuring(name):
        st.rerun(scope="app")
