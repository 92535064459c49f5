"""Taking away a collection that somebody brought: what goes with it, and that it goes for everybody."""

from __future__ import annotations

import streamlit as st

from core.errors import PrecedenceError
from core.home import home
from core.server import collections, search
from core.server.owners import forget_owner
from pages.relevance.state import RelevanceState
from pages.shared.errors import show_errors
from pages.shared.markdown_escape import plain
from pages.shared.person import owns_thing

MOST_NAMED = 5  # runs


@st.dialog("Remove this catalogue?")
def remove(state: RelevanceState, name: str) -> None:
    """Asks once; without an answer nothing happens."""
    with show_errors():
        changes, runs = len(search.overrides().all(name)), collections.learnt_from(name)
        by_hand = f" and {changes} {'change' if changes == 1 else 'changes'} by hand" if changes else ""
        st.markdown(
            f"**{plain(collections.entry_of(name).title)}** goes for everybody and does not come back: titles, judged "
            f"pairs, index, the table that models are trained on{by_hand}."
        )
        if runs:
            named = ", ".join(runs[:MOST_NAMED]) + (" …" if len(runs) > MOST_NAMED else "")
            st.caption(
                plain(
                    f"Trained on it: {named}. What was searched by them stays searchable, but these runs can no "
                    "longer be opened in the Priority lab."
                )
            )
        with st.container(horizontal=True):
            if st.button("Remove it", type="primary", icon=":material/delete:"):
                if not owns_thing(home() / "catalogues" / name):
                    raise PrecedenceError("This catalogue is somebody else's; only they or an admin take it away.")
                collections.remove(name)
                forget_owner(home() / "catalogues" / name)
                if state.place.catalogue == name:
                    state.turn_to(None)
                st.rerun()
            if st.button("Keep it"):
                st.rerun()
