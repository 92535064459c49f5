"""A person's own events: a file is looked at, each column's part is shown and chosen, and its users are a source."""

from __future__ import annotations

import streamlit as st

from core.data.reading.container import ENDINGS
from core.data.reading.options import ReaderOptions
from core.data.sources.uploaded.look import look
from core.data.sources.uploaded.vector_file import ENDINGS as VECTORS
from core.data.sources.uploaded.vector_file import is_vectors
from core.server.owners import set_owner
from core.temporary import temporary_folder
from core.users.uploaded_events import file_of, keep
from pages.shared.column_form import columns_by_form
from pages.shared.errors import show_errors
from pages.shared.markdown_escape import plain
from pages.shared.person import owner_mark
from pages.shared.reading import LONGER, read_confined, saved
from pages.shared.reading_form import read_by_form
from pages.users.address import UsersView
from pages.users.state import UsersState

KEPT = "users_kept"


@st.dialog("Bring your own events", width="large")
def bring(state: UsersState) -> None:
    """Upload, check, keep."""
    st.markdown(
        "A file with a row for each event: **user**, **item** and **time**; the type of event, category, brand, shop "
        "and price where you have them. Columns are recognised by their names; say below where that went wrong. Or "
        "vectors that you have already: Parquet with an **id** and a **vector**, a list of numbers in each row."
    )
    uploaded = st.file_uploader("File of events", list(ENDINGS))
    if uploaded is None:
        return
    with show_errors(), temporary_folder() as place:
        file = saved(uploaded, place)
        key = f"events_{uploaded.file_id}"
        options = ReaderOptions()
        if file.suffix.lower() in VECTORS and read_confined(is_vectors, file):
            st.caption("An id and a list of numbers in each row: vectors, whose neighbours and map can be looked at.")
        else:
            reading, options = read_by_form(key, lambda chosen: read_confined(look, [file], chosen, "events"))
            if reading is None:
                return
            options = options.with_columns(columns_by_form(key, reading))
        if not st.button("Check and use", type="primary"):
            return
        source, repairs = read_confined(keep, file, options, seconds=LONGER)
        set_owner(file_of(source), owner_mark())
        st.session_state[KEPT] = source, repairs.sentences()
        state.place = UsersView(source=source)
        state.version += 1
        st.rerun()


def say_what_was_repaired(source: str) -> None:
    """Of the file that was brought last, as long as it is looked at."""
    brought, sentences = st.session_state.get(KEPT, ("", []))
    if sentences and brought == source:
        with st.expander("What was read of your file", expanded=True, icon=":material/build:"):
            st.markdown(plain(" ".join(sentences)))
