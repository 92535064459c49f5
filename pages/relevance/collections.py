"""Which collection is searched: the shop, one that somebody brought, or what a model was trained on here."""

from __future__ import annotations

import streamlit as st

from core.home import home
from core.server import collections
from core.server.collections import Entry
from pages.relevance.state import RelevanceState
from pages.shared.markdown_escape import plain
from pages.shared.person import owns_thing, sees_run, sees_thing

SHOP = "The simulated shop"


def catalogues(state: RelevanceState, title: str) -> None:
    """A popover, labelled with the `title` of what is open, with the collections there are and a way to bring one."""
    menu = st.popover(
        plain(title), icon=":material/inventory_2:", key=f"relevance_menu_{state.version}", on_change="rerun"
    )
    if not menu.open:  # looking through all runs takes a while, and every change by hand would wait for it
        return
    with menu:
        _choice(state, None, SHOP)
        entries = list(filter(_in_list, collections.entries()))
        for entry in entries:
            if not entry.is_run:
                _line(state, entry)
        if st.button("Bring your own", icon=":material/upload_file:", type="primary", width="stretch"):
            state.bring()
            st.rerun()
        if any(entry.is_run for entry in entries):
            st.caption("By models trained here")
        for entry in entries:
            if entry.is_run:
                _line(state, entry)


def _in_list(entry: Entry) -> bool:
    """Own ones, shared ones, nobody's; models of runs that stand in this person's lists."""
    if collections.is_run(entry.name):
        return sees_run(entry.name)
    return sees_thing(home() / "catalogues" / entry.name)


def _line(state: RelevanceState, entry: Entry) -> None:
    """A collection, and beside it the way to take it away where it was brought as a file."""
    if not (entry.removable and owns_thing(home() / "catalogues" / entry.name)):
        _choice(state, entry.name, entry.title)
        return
    with st.container(horizontal=True, gap="xsmall", vertical_alignment="center"):
        _choice(state, entry.name, entry.title)
        if st.button("", icon=":material/delete:", type="tertiary", key=f"relevance_remove_{entry.name}",
                     help=f"Remove {plain(entry.title)}"):  # fmt: skip
            state.ask_to_remove(entry.name)
            st.rerun()


def _choice(state: RelevanceState, name: str | None, title: str) -> None:
    chosen = name == state.place.catalogue
    if st.button(plain(title), disabled=chosen, width="stretch", key=f"relevance_turn_to_{name}"):
        state.turn_to(name)
        st.rerun()
