"""Runs that were made before, to open again."""

from __future__ import annotations

import time

import streamlit as st

from core.data.registry import card
from core.errors import PrecedenceError
from core.methods.registry import METHODS
from core.runs.folder.run_folder import RunFolder
from core.runs.workers.supervisor import Supervisor
from pages import navigation
from pages.shared.headline import STATES
from pages.shared.markdown_escape import plain
from pages.shared.person import sees_run

MOST = 12


def recent_runs(supervisor: Supervisor) -> None:
    """The runs that somebody bookmarked and the newest, each with a link that shows it."""
    names = [name for name in supervisor.runs() if sees_run(name)]
    if not names:
        st.caption("No run yet. The examples above start one.")
        return
    if len(names) > MOST and not st.toggle(f"All {len(names)} of them", key="recent_all"):
        names = names[:MOST]
    for name in names:
        try:
            folder = RunFolder(supervisor.home, name)
            config, status, about = folder.config(), supervisor.status(name), folder.about()
            data = card(config.dataset).title
        except PrecedenceError:  # deleted or damaged: the list goes on without it
            continue
        with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
            first = ":material/bookmark: " if about.pinned else ""
            said = f"{METHODS[config.method.kind].title} on {plain(data)}, seed {config.seed}"
            st.markdown(f"{first}**{plain(about.name or name)}**  {said}")
            st.caption(f"{STATES[status.state]}, {status.step:,} steps, {ago(time.time() - about.created)}")
            st.page_link(navigation.LAB, label="Open", icon=":material/open_in_full:", query_params={"run": name})


def ago(seconds: float) -> str:
    """`just now`, `5 min ago`, `3 h ago`, `2 days ago`."""
    if seconds < 60:
        return "just now"
    if seconds < 3600:
        return f"{seconds // 60:.0f} min ago"
    if seconds < 48 * 3600:
        return f"{seconds // 3600:.0f} h ago"
    return f"{seconds // 86400:.0f} days ago"
