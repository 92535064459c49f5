"""A part of a page that brings itself up to date, no faster than one person may ask for."""

from __future__ import annotations

import functools
import time
from collections.abc import Callable
from typing import ParamSpec

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from core.server.pace import pace
from pages.shared.person import me

P = ParamSpec("P")


def keep_pace() -> None:
    """To be called once for each answer: whoever asks too often waits here, without costing anybody anything."""
    context = get_script_run_ctx()
    if wait := pace.wait(me().mark or (context.session_id if context else "")):
        time.sleep(wait)


def repeating(every: float | None) -> Callable[[Callable[P, None]], Callable[P, None]]:
    """Streamlit's fragment with `run_every`, in seconds; None: it does not repeat."""

    def decorate(part: Callable[P, None]) -> Callable[P, None]:
        @functools.wraps(part)
        def paced(*given: P.args, **named: P.kwargs) -> None:
            context = get_script_run_ctx()
            if context is not None and context.fragment_ids_this_run:  # else the page itself has kept it
                keep_pace()
            part(*given, **named)

        return st.fragment(paced, run_every=every)

    return decorate
