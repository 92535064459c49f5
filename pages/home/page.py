"""Home: what a person can do here, each one click from a moving example, and the runs made before."""

from __future__ import annotations

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from core.data.registry import cards
from core.lessons.glossary import term
from core.server.shared import supervisor
from core.settings.address import to_query
from core.settings.presets import default_run
from core.settings.run import RunConfig
from pages import navigation
from pages.shared.click import click_train
from pages.shared.errors import show_errors
from pages.shared.recent_runs import recent_runs
from pages.shared.uploaded_table import upload_table

CONFLICT = (
    ("In a run", "run", ":material/explore:"),
    ("Drag the arrows", "bench", ":material/touch_app:"),
    ("Walk a landscape", "landscape", ":material/landscape:"),
)


def page() -> None:
    st.title("Precedence", anchor=False)
    st.markdown(
        f"Train several {term('task', 'tasks')} at once without letting the less important ones harm the more "
        f"important ones. Rank the tasks, say how much each may lose, and watch what each {term('limit')} costs."
    )
    with st.container(border=True, horizontal=True, vertical_alignment="center"):
        st.markdown("**New here?** Six lessons of a few minutes each: drag, predict, see. In English and 中文.")
        if st.button("Start here", type="primary", icon=":material/menu_book:"):
            st.switch_page(navigation.LEARN, query_params={"lesson": "pull"})
    known = cards()
    columns = st.columns(3)
    with columns[0], st.container(border=True, height="stretch"):
        st.subheader("Watch priorities trade", anchor=False)
        st.markdown(
            f"A simulated shop where relevance and clicks pull apart. Turn a {term('limit', 'tolerance')} while it "
            f"trains and see the {term('multiplier')} answer."
        )
        _start("Start the shop example", {"seed": "0"})
    if "completejourney" in known:
        with columns[1], st.container(border=True, height="stretch"):
            st.subheader("Train on a grocer's tables", anchor=False)
            st.markdown(known["completejourney"].about)
            if known["completejourney"].notice:
                st.caption(known["completejourney"].notice)
            _start("Train on grocery data", to_query(default_run("completejourney")))
    with columns[2], st.container(border=True, height="stretch"):
        st.subheader("Bring your own table", anchor=False)
        st.markdown(
            "A CSV, Excel or Parquet file with a row for each case. Say which columns are to be predicted, then train. "
            "The table is checked first, and what is wrong with it is said in plain words."
        )
        if st.button("Choose a file", type="primary", icon=":material/upload_file:"):
            upload_table(_train)
    rooms = st.columns(4)
    with rooms[0], _room("Ask what a tolerance buys"):
        st.markdown(
            "One task may lose a little: what does another gain by it? The answer says before, after and how sure it "
            "is, and you take home a record of what you decided."
        )
        _go("Ask what-if", navigation.WHAT_IF, ":material/balance:")
    with rooms[1], _room("See gradients conflict"):
        st.markdown(
            f"Where tasks {term('conflict', 'pull apart')} in a run, and what two dozen methods make of two arrows "
            "under your hand."
        )
        for label, part, icon in CONFLICT:
            _go(label, navigation.CONFLICT, icon, part=part)
    with rooms[2], _room("Search that explains itself"):
        st.markdown("See which words carry a score and why one product is above another; strike one out.")
        for query in ("yellow strong lunch box", "大号书柜"):
            _go(f"Search “{query}”", navigation.RELEVANCE, ":material/manage_search:", q=query)
    with rooms[3], _room("Find who is alike"):
        st.markdown("Anyone's history, what a network looks at in it, and the users nearest to it.")
        _go("Explore users", navigation.USERS, ":material/group:")
        _go("Households of the grocer", navigation.USERS, ":material/home_work:", source="journey_histories")
    with st.container(border=True):
        st.subheader("Runs so far", anchor=False)
        recent_runs(supervisor())


def _train(config: RunConfig) -> None:
    click_train()
    st.switch_page(navigation.LAB, query_params=to_query(config))


def _start(label: str, settings: dict[str, str]) -> None:
    if st.button(label, type="primary", icon=":material/play_arrow:"):
        click_train()
        st.switch_page(navigation.LAB, query_params=settings)


def _room(title: str) -> DeltaGenerator:
    """A card of the second row."""
    card = st.container(border=True, height="stretch")
    card.subheader(title, anchor=False)
    return card


def _go(label: str, page: str, icon: str, **parameters: str) -> None:
    if st.button(label, icon=icon):
        st.switch_page(page, query_params=parameters or None)


with show_errors():
    page()
