"""A run that was taken home elsewhere, brought here."""

from __future__ import annotations

import streamlit as st

from core.runs.listing.take_home import run_from_zip
from core.server.shared import library, supervisor
from pages.shared.errors import show_errors
from pages.shared.person import owner_mark


def bring_run() -> None:
    """A popover; the run belongs to who brings it."""
    with st.popover("Bring a run", icon=":material/upload:"), show_errors():
        file = st.file_uploader("A run as Take home wrote it", "zip", key="runs_brought")
        if file is not None and st.button("Bring it", type="primary"):
            run = run_from_zip(supervisor().home, file.getvalue(), owner_mark())
            library().add(run)
            st.toast(f"{run} is among the runs.", icon=":material/check:")
            st.rerun()
