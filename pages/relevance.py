"""Relevance: search, see which words carry a score, change one and watch the ranks move."""

from __future__ import annotations

import streamlit as st

from pages.parts.plain import plain
from pages.parts.relevance_changes import kept, tried
from pages.parts.relevance_quality import quality
from pages.parts.relevance_results import results
from pages.parts.relevance_search import search_box
from pages.parts.relevance_state import open_state
from pages.parts.telling import told

STYLE = """<style>
[data-testid="stMainBlockContainer"] { padding-top: 4.4rem; }
.st-key-relevance_head { flex-wrap: wrap; }
</style>"""


def page() -> None:
    state = open_state()
    st.html(STYLE)
    for problem in state.problems:
        st.warning(plain(problem), icon=":material/link_off:")
    desk = search_box(state)
    if state.drafts:  # where the eye is when ranks move
        with told(), st.container(border=True):
            tried(state, desk)
    with told():
        results(state, desk)
    with told(), st.container(border=True):
        kept(state, desk)
    with told():
        quality(desk)
    state.write_address()


with told():
    page()
