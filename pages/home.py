"""Home: what a person can do here, each one click from a moving example, and the runs made before."""

from __future__ import annotations

import streamlit as st

from core.data.catalogue import cards
from core.server.shared import supervisor
from core.training.address import to_query
from core.training.presets import default_run
from pages.parts.own_table import own_table
from pages.parts.recent import recent_runs
from pages.parts.telling import told

LAB = "priority_lab.py"
JOURNEY = {"source": "journey_histories"}


def page() -> None:
    st.title("Precedence", anchor=False)
    st.markdown(
        "Train several tasks at once without letting the less important ones harm the more important ones. "
        "Rank the tasks, say how much each may lose, and watch what the promise costs."
    )
    known = cards()
    columns = st.columns(3)
    with columns[0], st.container(border=True, height="stretch"):
        st.subheader("Watch priorities trade", anchor=False)
        st.markdown(
            "A simulated shop where relevance and clicks pull apart. The run starts by itself; turn a tolerance while "
            "it trains and see the multiplier answer."
        )
        _start("Start the shop example", {"seed": "0"})
    if "completejourney" in known:
        with columns[1], st.container(border=True, height="stretch"):
            st.subheader("Train on a grocer's tables", anchor=False)
            st.markdown(known["completejourney"].about)
            if known["completejourney"].notice:
                st.caption(known["completejourney"].notice)
            _start("Train on it", to_query(default_run("completejourney")))
    with columns[2], st.container(border=True, height="stretch"):
        st.subheader("Bring your own table", anchor=False)
        st.markdown(
            "A CSV, TSV or Parquet file with a row for each case. Say which columns are to be predicted, and train. "
            "The table is checked first, and what is wrong with it is said in plain words."
        )
        if st.button("Choose a file", type="primary", icon=":material/upload_file:"):
            own_table(lambda config: st.switch_page(LAB, query_params=to_query(config)))
    with st.container(border=True):
        st.subheader("See gradients conflict", anchor=False)
        st.markdown(
            "Where tasks pull apart in a run, what two dozen methods make of two arrows under your hand, and where "
            "each of them walks on a landscape."
        )
        with st.container(horizontal=True):
            _conflict("In a run", "run", ":material/explore:")
            _conflict("Drag the arrows", "bench", ":material/touch_app:")
            _conflict("Walk a landscape", "landscape", ":material/landscape:")
    with st.container(border=True):
        st.subheader("Ask what a tolerance buys", anchor=False)
        st.markdown(
            "A finished run's multipliers say what a little more tolerance would bring. A grid of tolerances beside a "
            "grid of weights shows what no other point beats; the one you adopt comes with a record of why."
        )
        if st.button("Ask what-if", icon=":material/balance:"):
            st.switch_page("what_if.py")
    with st.container(border=True):
        st.subheader("Search that explains itself", anchor=False)
        st.markdown(
            "Search the shop in English or Chinese, see which words carry a score and why one product is above "
            "another, change a weight and watch the ranks move."
        )
        with st.container(horizontal=True):
            for query in ("purple rustic sofa", "无线耳机"):
                if st.button(f"Search “{query}”", icon=":material/manage_search:"):
                    st.switch_page("relevance.py", query_params={"q": query})
    with st.container(border=True):
        st.subheader("Find who is alike", anchor=False)
        st.markdown(
            "Anyone's history, what a network looks at in it under a query, the users nearest to it and what they "
            "share; a map on which two groups are drawn and compared."
        )
        with st.container(horizontal=True):
            for label, settings in (("Explore users", {}), ("Households of the grocer", JOURNEY)):
                if st.button(label, icon=":material/group:"):
                    st.switch_page("users.py", query_params=settings)
    with st.container(border=True):
        st.subheader("Runs so far", anchor=False)
        recent_runs(supervisor())


def _start(label: str, settings: dict[str, str]) -> None:
    if st.button(label, type="primary", icon=":material/play_arrow:"):
        st.switch_page(LAB, query_params=settings)


def _conflict(label: str, part: str, icon: str) -> None:
    if st.button(label, icon=icon):
        st.switch_page("conflict.py", query_params={"part": part})


with told():
    page()
