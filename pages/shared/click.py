"""A click on one page that begins something on another: the session carries it, never the address.

An address alone starts nothing: any site can lead a browser to one.
"""

from __future__ import annotations

import streamlit as st

_TRAIN = "train_was_clicked"


def click_train() -> None:
    """To be followed by the way to the Priority lab, which then trains what its address says."""
    st.session_state[_TRAIN] = True


def train_was_clicked() -> bool:
    """Once for each click."""
    return bool(st.session_state.pop(_TRAIN, False))
