"""A mistake reaches the page as one sentence."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import streamlit as st

from core.errors import PrecedenceError
from pages.parts.plain import plain


@contextmanager
def told() -> Iterator[None]:
    """What goes wrong inside for a reason that has a sentence is told in that sentence, where it happened."""
    try:
        yield
    except PrecedenceError as error:
        st.error(plain(str(error)), icon=":material/error:")
