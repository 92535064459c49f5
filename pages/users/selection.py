"""Who is looked at: picked, searched for, drawn at random or composed by hand; and the way back."""

from __future__ import annotations

import numpy as np
import streamlit as st

from core.data.histories.limits import MOST
from core.errors import PrecedenceError
from core.users.embedding.composed import MadeEvent, checked_events
from core.users.embedding.embedders import COUNTS, DUPN, EMBEDDERS, ITEMS, RECENT, VECTORS, WEIGHTED
from core.users.search import favourites, find_items, find_users
from core.users.uploaded_events import PREFIX
from pages.shared.markdown_escape import plain
from pages.users.address import sources
from pages.users.state import UsersState, everyone, models_of
from pages.users.upload import bring, say_what_was_repaired

AGO = {1: "an hour ago", 6: "6 hours ago", 24: "a day ago", 72: "3 days ago", 168: "a week ago", 720: "a month ago"}


_ROW = (WEIGHTED.name, COUNTS.name, DUPN.name)
_OWN_ROW = (RECENT.name, ITEMS.name, DUPN.name)


def choose(state: UsersState) -> None:
    """One row: the source, the model, and the ways to a user."""
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small", key="users_bar"):
        known = sources()
        source = st.selectbox(
            "Users of", list(known), list(known).index(state.place.source), known.__getitem__,
            key=f"users_source_{state.version}", width=230,
        )  # fmt: skip
        if source != state.place.source:
            state.go(source=source, model=None, user=None, trail=(), made=(), query="", first=(), second=())
            state.version += 1
            st.rerun()
        models = _models(source, state.model)
        if len(models) > 1:
            model = st.segmented_control(
                "Neighbours by", models, default=state.model, required=True,
                format_func=lambda name: EMBEDDERS[name].title, key=f"users_model_{state.version}",
                help="  \n".join(f"**{EMBEDDERS[name].title}**: {EMBEDDERS[name].about}" for name in models),
            )  # fmt: skip
            if model != state.model:
                state.go(model=model, first=(), second=())
                st.rerun()
        text = st.text_input(
            "Find a user", placeholder="an id, or what they like", width=250,
            key=f"users_find_{state.version}",
        )  # fmt: skip
        if st.button("Random user", icon=":material/casino:", help="A user at random"):
            histories = everyone(source).histories
            able = np.flatnonzero(np.diff(histories.offsets) > 1)
            drawn = np.random.default_rng().choice(able if len(able) else len(histories))
            state.visit(str(histories.users[drawn]))
            st.rerun()
        if st.button("Compose one", icon=":material/edit:", help="Make a user by adding events by hand"):
            compose(state)
        if st.button("Bring events", icon=":material/upload_file:", type="tertiary"):
            bring(state)
    say_what_was_repaired(state.place.source)
    if text:
        _found(state, text)
    _trail(state)


def _models(source: str, chosen: str) -> list[str]:
    """Those that are offered in the row, which has room for three: of own logs, which often have no categories, by
    items."""
    if models_of(source) == [VECTORS.name]:
        return [VECTORS.name]
    row = _OWN_ROW if source.startswith(PREFIX) else _ROW
    return [name for name in models_of(source) if name in (chosen, *row)]


def _found(state: UsersState, text: str) -> None:
    read = everyone(state.place.source)
    users = find_users(read, text)
    if not users:
        st.warning(f"Nobody has the id '{plain(text)}' or does much of that; try a category or a brand.")
        return
    if len(users) == 1:
        state.visit(users[0])
        st.rerun()
    with st.container(horizontal=True, gap="small", vertical_alignment="center"):
        st.caption("They do most of it:")
        for user in users:
            told = ", ".join(value for value, _ in favourites(read, read.histories.number_of(user), most=2))
            if st.button(f"User {plain(str(user))}", key=f"users_found_{user}", help=told, type="tertiary"):
                state.visit(user)
                st.rerun()


def _trail(state: UsersState) -> None:
    """Breadcrumbs: who was looked at before, each a way back."""
    if not state.place.trail:
        return
    with st.container(horizontal=True, gap="xsmall", vertical_alignment="center"):
        for user in state.place.trail:
            if st.button(
                f"User {plain(str(user))}", key=f"users_trail_{user}", type="tertiary", icon=":material/chevron_left:"
            ):
                state.visit(user)
                st.rerun()
        st.caption("composed" if state.place.made else f"User {plain(str(state.place.user))}")


@st.dialog("Compose a user", width="large")
def compose(state: UsersState) -> None:
    """Events one by one; the page behind shows the user when it is closed by Show."""
    histories = everyone(state.place.source).histories
    events: list[MadeEvent] = st.session_state.setdefault("users_made", list(state.place.made))
    st.caption(
        "What would the model make of somebody who did just this? Add events; the newest counts most. Nothing else is "
        "known of the person."
    )
    words = st.text_input("Item", placeholder="words of its title, category or brand: camera, dress, 咖啡")
    numbers = find_items(histories, words)
    if words and not numbers:
        st.warning("No item has these words.")
    items = histories.items
    category = histories.names["category"]
    with st.container(horizontal=True, vertical_alignment="bottom"):
        titles = {n: f"{items.title[n]} ({category[items.category[n]]})" for n in numbers}
        item = st.selectbox("Which", numbers, format_func=titles.__getitem__, disabled=not numbers)
        what = st.selectbox("What", [str(name) for name in histories.names["behaviour"][1:]], width=150)
        hours = st.selectbox("When", list(AGO), 2, AGO.__getitem__, width=150)
        if st.button("Add", icon=":material/add:", disabled=item is None or len(events) >= MOST):
            events.append(MadeEvent(str(items.name[item]), what, float(hours)))
    for at, event in enumerate(events):
        title = items.title[items.name == event.item]
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            if st.button("Take away", key=f"users_away_{at}", icon=":material/close:", type="tertiary"):
                events.pop(at)
                st.rerun(scope="fragment")
            ago = AGO.get(int(event.hours), f"{event.hours:g} hours ago")
            st.text(f"{event.behaviour}: {title[0] if len(title) else event.item}, {ago}")
    if st.button("Show this user", type="primary", disabled=not events):
        try:
            state.go(made=tuple(checked_events(histories, events)))
        except PrecedenceError as error:
            st.error(plain(str(error)))
            return
        st.session_state.pop("users_made", None)
        state.version += 1
        st.rerun()
