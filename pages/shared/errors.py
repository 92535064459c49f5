"""A mistake reaches the page as one sentence, shown letter by letter."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import streamlit as st

from core.errors import PrecedenceError
from pages.shared.markdown_escape import plain


@contextmanager
def told() -> Iterator[None]:
    """What goes wrong inside for a reason that has a sentence is told in that sentence, where it happened."""
    try:
        yield
    except PrecedenceError as error:
        st.error(plain(str(error)), icon=":material/error:")


def missing(sentence: object) -> None:
    """What an address asks for and is not there."""
    st.warning(plain(str(sentence)), icon=":material/link_off:")


def refused(sentence: object) -> None:
    """What was not done, in passing; the page stays as it is."""
    st.toast(plain(str(sentence)), icon=":material/error:")


def done(action: Callable[[], None]) -> bool:
    """Does it; where it is refused the sentence is shown, and the answer is False."""
    try:
        action()
        return True
    except PrecedenceError as error:
        refused(error)
        return False
