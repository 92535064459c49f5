"""A page's URL, read and written, and told apart from its own echoes."""

from __future__ import annotations

import time
from dataclasses import dataclass, field

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

LATE = 30.0  # seconds that a click may be on its way
HERE = "page_shown"  # in the session's state: the page that was shown last
Key = frozenset[tuple[str, str]]


@dataclass
class Url:
    """What this page's URL held of late.

    Each click brings the URL that the browser then knew. Of two quick clicks, or over a slow line, the second leaves
    before the browser has heard what the first one made of the URL: it brings an older one, which asks for nothing.
    """

    held: dict[Key, float] = field(default_factory=dict)  # → when
    last: Key = frozenset()

    def asked(self) -> dict[str, str]:
        """The parameters where they ask for another place than the page's own; else none."""
        parameters = st.query_params.to_dict()
        key = frozenset(parameters.items())
        echo = time.monotonic() - self.held.get(key, -LATE) < LATE and not _is_chosen()
        if not parameters or key == self.last or echo:
            return {}
        self._keep(key)
        return parameters

    def show(self, parameters: dict[str, str]) -> None:
        """Makes the URL hold these parameters and no others."""
        if parameters != st.query_params.to_dict():
            st.query_params.from_dict(parameters)
        self._keep(frozenset(parameters.items()))

    def _keep(self, key: Key) -> None:
        now = time.monotonic()
        self.held = {old: at for old, at in self.held.items() if now - at < LATE} | {key: now}
        self.last = key


def arrive(page: str) -> None:
    """To be called before a page runs: where it is another one than before, its URL is a link's, and no echo."""
    st.session_state[HERE] = page, page != st.session_state.get(HERE, (page,))[0]


def _is_chosen() -> bool:
    """True where a link, or the browser's way back, brought this URL."""
    context = get_script_run_ctx()
    return (context is not None and context.is_history_navigation) or st.session_state.get(HERE, ("", False))[1]
