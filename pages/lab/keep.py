"""What remains of a run: its name, its place in the list, its files; or nothing."""

from __future__ import annotations

import streamlit as st

from core.data.registry import card
from core.narration.run_report import run_report
from core.runs.folder.status import UNDER_WAY, RunStatus
from core.server.runs import delete_run
from core.server.shared import library, log_address
from pages import navigation
from pages.lab.state import Lab
from pages.shared.errors import try_action
from pages.shared.run_reader import RunReader


def keep(lab: Lab, run: RunReader, status: RunStatus) -> None:
    """A popover, filled when it is opened; who does not own the run only finds the files in it."""
    menu = st.popover("Keep", icon=":material/bookmark:", help="Name this run, take it away, or delete it",
                      on_change="rerun", key="keep")  # fmt: skip
    if menu.open:
        with menu:
            _menu(lab, run, status)


def _menu(lab: Lab, run: RunReader, status: RunStatus) -> None:
    steers = lab.steers(run)
    if steers:
        _naming(run)
    st.download_button("Report (HTML, to print)", lambda: _report(run), f"{run.folder.run_id}.html", "text/html",
                       icon=":material/print:", on_click="ignore", width="stretch")  # fmt: skip
    st.download_button("Settings (JSON)", lambda: run.config_now().model_dump_json(indent=1),
                       f"{run.folder.run_id}.json", "application/json", icon=":material/download:", on_click="ignore",
                       width="stretch")  # fmt: skip
    st.link_button("Everything it said (JSON lines)", log_address(run.folder.run_id), icon=":material/download:",
                   width="stretch")  # fmt: skip
    if steers:
        _deleting(lab, run, status)


def _report(run: RunReader) -> str:
    config, about = run.config_now(), run.folder.about()
    return run_report(about.name or run.folder.run_id, config, card(config.dataset), run.everything(), about.created)


def _naming(run: RunReader) -> None:
    name, about = run.folder.run_id, run.folder.about()
    text, first = f"keep_name_{name}", f"keep_first_{name}"

    def rename() -> None:
        try_action(lambda: library().rename(name, st.session_state[text]))

    def pin() -> None:
        try_action(lambda: library().pin(name, st.session_state[first]))

    st.text_input("Name", about.name, placeholder=name, max_chars=60, key=text, on_change=rename)
    st.toggle("First in the list on Home", about.pinned, key=first, on_change=pin)


def _deleting(lab: Lab, run: RunReader, status: RunStatus) -> None:
    name, active = run.folder.run_id, status.state in UNDER_WAY
    sure = st.checkbox("It may go, with its curves and its model", disabled=active, key=f"keep_sure_{name}",
                       help="Stop it first." if active else None)  # fmt: skip
    pressed = st.button("Delete this run", icon=":material/delete:", disabled=active or not sure, width="stretch")
    if pressed and try_action(lambda: delete_run(name)):
        lab.let_go(name)
        st.switch_page(navigation.HOME)
