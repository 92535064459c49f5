"""A person's own events: a file is checked, what was repaired is said, and its users are a source like any other."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

import streamlit as st

from core.server.owners import set_owner
from core.users.uploaded_events import file_of, keep
from pages.shared.errors import show_errors
from pages.shared.markdown_escape import plain
from pages.shared.person import owner_mark
from pages.shared.reading import LONGER, read_confined
from pages.users.address import UsersView
from pages.users.state import UsersState

KEPT = "users_kept"


@st.dialog("Bring your own events")
def bring(state: UsersState) -> None:
    """Upload, check, keep."""
    st.markdown(
        "A CSV, TSV or Parquet file with a row for each event: columns **user**, **item** and **time**; **type**, "
        "**category**, **brand**, **shop** and **price** where you have them."
    )
    uploaded = st.file_uploader("File of events", ["csv", "tsv", "parquet"])
    if uploaded is None or not st.button("Check and use", type="primary"):
        return
    with show_errors(), TemporaryDirectory() as place:
        file = Path(place) / Path(uploaded.name).name
        file.write_bytes(uploaded.getvalue())
        source, repairs = read_confined(keep, file, seconds=LONGER)
        set_owner(file_of(source), owner_mark())
        st.session_state[KEPT] = " ".join(repairs.sentences())
        state.place = UsersView(source=source)
        state.version += 1
        st.rerun()


def say_what_was_repaired() -> None:
    """Once, after a file was brought."""
    said = st.session_state.pop(KEPT, "")
    if said:
        st.info(plain(said), icon=":material/build:")
