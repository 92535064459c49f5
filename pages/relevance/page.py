"""Relevance: search, see which words carry a score, change one and watch the ranks move."""

from __future__ import annotations

import streamlit as st

from core.errors import PrecedenceError
from core.server import collections, search
from core.server.collections import Stand
from pages.relevance.changes import kept, tried
from pages.relevance.delete import remove
from pages.relevance.quality import quality
from pages.relevance.results import results
from pages.relevance.search import search_box
from pages.relevance.state import RelevanceState, open_state
from pages.relevance.upload import bring
from pages.relevance.waiting import waiting
from pages.shared.errors import told
from pages.shared.markdown_escape import plain

STYLE = """<style>
[data-testid="stMainBlockContainer"] { padding-top: 4.4rem; }
.st-key-relevance_head { flex-wrap: wrap; }
</style>"""


def page() -> None:
    state = open_state()
    st.html(STYLE)
    for problem in state.problems:
        st.warning(plain(problem), icon=":material/link_off:")
    stand = _stand(state)
    if state.place.catalogue is not None and stand.state != "ready":
        with told():
            waiting(state, state.place.catalogue, stand)
    else:
        _search(state)
    state.write_address()
    if state.bringing:
        state.bringing = False
        bring(state)
    elif state.removing is not None:
        name, state.removing = state.removing, None
        remove(state, name)


def _stand(state: RelevanceState) -> Stand:
    """How the chosen collection stands; one that is not there is told, and the shop takes its place."""
    if state.place.catalogue is None:
        return Stand("ready")
    try:
        stand = collections.stand(state.place.catalogue)
        if stand.state == "ready":
            search.own(state.place.catalogue)  # a damaged one is told here, while there is somewhere else to go
        return stand
    except PrecedenceError as error:
        st.warning(plain(str(error)), icon=":material/link_off:")
        state.turn_to(None)
        return Stand("ready")


def _search(state: RelevanceState) -> None:
    desk = search_box(state)
    if state.drafts:  # where the eye is when ranks move
        with told(), st.container(border=True):
            tried(state, desk)
    with told():
        results(state, desk)
    with told(), st.container(border=True):
        kept(state, desk)
    with told():
        quality(state, desk)


with told():
    page()
