"""A mistake reaches the page as one sentence, shown letter by letter."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import streamlit as st

from core.errors import PrecedenceError
from pages.shared.markdown_escape import plain


@contextmanager
def show_errors() -> Iterator[None]:
    """What goes wrong inside for a reason that has a sentence is told in that sentence, where it happened."""
    try:
        yield
    except PrecedenceError as error:
        st.error(plain(str(error)), icon=":material/error:")


def warn_missing(sentence: object) -> None:
    """What an address asks for and is not there."""
    st.warning(plain(str(sentence)), icon=":material/link_off:")


def show_refusal(sentence: object) -> None:
    """What was not done, in passing; the page stays as it is."""
    st.toast(plain(str(sentence)), icon=":material/error:")


def try_action(action: Callable[[], None]) -> bool:
    """Does it; where it is refused the sentence is shown, and the answer is False."""
    try:
        action()
        return True
    except PrecedenceError as error:
        show_refusal(error)
        return False
