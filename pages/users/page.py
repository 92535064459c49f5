"""Users: anyone's history and what a model sees in it, who is alike, and the map of everybody."""

from __future__ import annotations

import streamlit as st

from core.server import user_spaces
from core.users.neighbours.index import Neighbour
from core.users.spaces.space import Space
from pages.shared.errors import show_errors, warn_missing
from pages.shared.markdown_escape import plain
from pages.shared.repeating import repeating
from pages.users.attention import attention_card
from pages.users.cohorts import cohorts_card
from pages.users.explore import explore_card
from pages.users.history import history_card
from pages.users.map import map_card
from pages.users.neighbours import nearest, neighbours_card
from pages.users.selection import choose
from pages.users.state import UsersState, open_state, shown, space


def page() -> None:
    state = open_state()
    choose(state)
    for problem in state.problems:
        warn_missing(problem)
    with show_errors():
        _shown(state)
    state.write_address()


def _shown(state: UsersState) -> None:
    found, who = space(state.choice()), shown(state)
    left, right = st.columns([1.5, 1])
    # What a network says of a user fills a card: its room is kept while it reads.
    dupn = state.dupn()
    reads = dupn is not None
    history = left.container(border=True, key="users_history" if reads else "users_history_short")
    picture = left.container(border=True)
    near_by, groups = right.container(border=True, key="users_near"), right.container(border=True)
    with picture:
        _waiting(state, found)
    near: list[Neighbour] = []
    with near_by, show_errors():
        near, unlike = nearest(state, who, found)
        neighbours_card(state, who, near, unlike)
    with picture, show_errors():
        map_card(state, who, found, near)
    with groups, show_errors():
        cohorts_card(state, found)
    below = st.container()
    with st.container(border=True, key="users_explore"):
        trying = st.container()
    if dupn is not None:
        with below:
            attention_card(space(dupn))
    state.write_address()
    with history, show_errors():  # last: the network may take its time, and the rest is there
        history_card(state, who)
    with trying, show_errors():
        explore_card(state, who, found, dupn)


def _waiting(state: UsersState, found: Space) -> None:
    """While the space is being made: how far it is."""
    if not found.complete:
        _progress(state, found.index is not None)


@repeating(1)
def _progress(state: UsersState, indexed: bool) -> None:
    choice = state.choice()
    now = space(choice)
    if now.complete or (now.index is not None) != indexed:
        st.rerun()
    said = user_spaces.ensure(choice)
    if said.problem is not None:
        st.error(plain(said.problem), icon=":material/error:")
        if st.button("Try again"):
            user_spaces.again(choice)
            st.rerun()
        return
    st.subheader("Map", anchor=False)
    st.progress(said.part or 0.0, text=f"Preparing index: {said.words}")


with show_errors():
    page()
