"""Relevance: search, see which words carry a score, change one and watch the ranks move."""

from __future__ import annotations

import streamlit as st

from core.errors import PrecedenceError
from core.home import home
from core.server import collections, search
from core.server.collections import CollectionStatus
from pages.relevance.changes import kept, tried
from pages.relevance.delete import remove
from pages.relevance.quality import quality
from pages.relevance.results import results
from pages.relevance.search import search_box
from pages.relevance.state import RelevanceState, open_state
from pages.relevance.upload import bring
from pages.relevance.waiting import waiting
from pages.shared.errors import show_errors
from pages.shared.markdown_escape import plain
from pages.shared.person import sees_thing


def page() -> None:
    state = open_state()
    for problem in state.problems:
        st.warning(plain(problem), icon=":material/link_off:")
    stand = _stand(state)
    if state.place.catalogue is not None and stand.state != "ready":
        with show_errors():
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


def _stand(state: RelevanceState) -> CollectionStatus:
    """How the chosen collection stands; one that is not there is said to be missing, and the shop takes its place."""
    if state.place.catalogue is None:
        return CollectionStatus("ready")
    try:
        if not collections.is_run(state.place.catalogue) and not sees_thing(
            home() / "catalogues" / state.place.catalogue
        ):
            raise PrecedenceError("This catalogue is somebody else's; ask who brought it to share it on the Data page.")
        stand = collections.status_of(state.place.catalogue)
        if stand.state == "ready":
            search.own(state.place.catalogue)  # a damaged one is told here, while there is somewhere else to go
        return stand
    except PrecedenceError as error:
        st.warning(plain(str(error)), icon=":material/link_off:")
        state.turn_to(None)
        return CollectionStatus("ready")


def _search(state: RelevanceState) -> None:
    session = search_box(state)
    if state.drafts:  # where the eye is when ranks move
        with show_errors(), st.container(border=True):
            tried(state, session)
    with show_errors():
        results(state, session)
    with show_errors(), st.container(border=True):
        kept(state, session)
    with show_errors():
        quality(state, session)


with show_errors():
    page()
