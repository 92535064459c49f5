"""Reading what somebody uploads: in a process with limits, with the time so far, and ended when the dialog closes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import streamlit as st

from core.home import home
from core.runs.sidecar.confined import SECONDS, confined
from core.server.quota import check_room
from pages.shared.person import owner_mark

Answer = TypeVar("Answer")

LONGER = 120.0  # seconds for making a data set of a file that was looked at before


def read_confined(work: Callable[..., Answer], *arguments: Any, seconds: float = SECONDS) -> Answer:
    """What `work(*arguments)` returns; raises PrecedenceError where the file asks for too much."""
    mark = owner_mark()
    check_room(home(), mark)
    bar = st.empty()

    def waiting(since: float) -> None:
        """Whatever a person does meanwhile, such as closing the dialog, ends the script here and the child with it."""
        if since > 0.5:
            bar.progress(min(1.0, since / seconds), f"Reading, {since:.0f} s; close this dialog to cancel.")

    try:
        return confined(work, *arguments, person=mark, seconds=seconds, waiting=waiting)
    finally:
        bar.empty()
