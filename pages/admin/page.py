"""Admin: how the server is, what waits, whose runs take how much; stop and clean up."""

from __future__ import annotations

import time

import streamlit as st

from core.errors import PrecedenceError
from core.runs.clean_up import RunSize, clean_up, sizes
from core.runs.folder.status import UNDER_WAY
from core.server.operation import health
from core.server.rights import may
from core.server.shared import library, supervisor
from pages import navigation
from pages.shared.errors import show_errors, try_action
from pages.shared.headline import STATES
from pages.shared.markdown_escape import plain
from pages.shared.person import me
from pages.shared.recent_runs import ago

MOST_SHOWN = 200


def page() -> None:
    if not may(me(), "administer"):
        raise PrecedenceError(
            "This page is the admin's. At its start the server says an address that makes one browser the admin."
        )
    st.title("Admin", anchor=False)
    runs = sizes(supervisor().home)
    _health(runs)
    _under_way([run for run in runs if run.state in UNDER_WAY])
    _all(runs)
    _clean(runs)


def _health(runs: list[RunSize]) -> None:
    found = health()
    for problem in found["problems"]:
        st.error(plain(problem), icon=":material/error:")
    with st.container(horizontal=True):
        st.metric("Workers alive", f"{found['workers']['alive']} of at most {found['workers']['most']}")
        st.metric("Runs that train", found["workers"]["runs"])
        st.metric("Waiting", found["queue"]["waiting"])
        st.metric("Runs take", f"{sum(run.bytes for run in runs) >> 20:,} MB")
        st.metric("Free on the disk", f"{found['disk']['free_mb']:,} MB")


def _under_way(runs: list[RunSize]) -> None:
    st.subheader("Under way", anchor=False)
    if not runs:
        st.caption("Nothing trains or waits.")
    for run in runs:
        with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
            st.text(f"{run.run_id}: {STATES[run.state]}, step {run.step:,}, owner {run.owner[:8] or 'nobody'}")
            if st.button("Stop", key=f"admin_stop_{run.run_id}", icon=":material/stop:"):
                _stop(run.run_id)


def _stop(run_id: str) -> None:
    if try_action(lambda: supervisor().command(run_id, "stop")):
        st.rerun()


def _all(runs: list[RunSize]) -> None:
    st.subheader("All runs", anchor=False)
    newest = sorted(runs, key=lambda run: -run.created)[:MOST_SHOWN]
    st.dataframe(
        [
            {
                "Run": run.run_id,
                "Status": STATES.get(run.state, run.state),
                "Begun": ago(time.time() - run.created),
                "Owner": run.owner[:8] or "nobody",
                "kB": run.bytes >> 10,
                "Kept": "pinned" if run.pinned else "shared" if run.shared else "",
            }
            for run in newest
        ],
        hide_index=True,
    )


def _clean(runs: list[RunSize]) -> None:
    st.subheader("Disk space", anchor=False)
    now = sum(run.bytes for run in runs) >> 20
    most = st.number_input("Megabytes that all runs together may take", 0, 10_000_000, now + 1, key="admin_most")
    would = clean_up(supervisor().home, int(most) << 20, dry=True)
    st.caption(
        f"{len(would)} runs would go: those that are over, the oldest first; never one that is pinned or shared."
    )
    if st.button("Delete them", disabled=not would, icon=":material/delete:", key="admin_clean"):
        for run_id in would:
            try_action(lambda run_id=run_id: library().delete(run_id))  # type: ignore[misc]
        st.switch_page(navigation.page_file("admin"))


with show_errors():
    page()
