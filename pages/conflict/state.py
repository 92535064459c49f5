"""The conflict page in one browser session: where a person is, kept in step with the URL."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

import streamlit as st

from core.methods.registry import METHODS
from pages.conflict.address import ConflictView, read_view, write_view
from pages.shared.url import Url
from pages.shared.view_state import open_view

KEY = "conflict_page"


@dataclass
class ConflictState:
    """`version` changes when the URL brings a new place: only then are widgets and pictures filled anew."""

    place: ConflictView = field(default_factory=ConflictView)
    problems: list[str] = field(default_factory=list)
    version: int = 0
    url: Url = field(default_factory=Url)
    own_run: str | None = None  # started here

    def go(self, **changes: Any) -> None:
        """Another place on the page."""
        self.place = replace(self.place, **changes)

    def follows(self, key: str) -> Callable[[], None]:
        """What to call when the component with this key has put another method into focus."""

        def focus() -> None:
            kind = st.session_state[key].get("focus")
            if kind in METHODS:
                self.go(method=kind)

        return focus

    def write_address(self) -> None:
        """Makes the URL show the same again."""
        self.url.show(write_view(self.place))


def open_state() -> ConflictState:
    """This session's page, at the place that the URL asks for."""
    return open_view(KEY, ConflictState, read_view)
