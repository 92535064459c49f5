"""The sweep that is shown: which one, how far it is, and the orders that it takes."""

from __future__ import annotations

import json
import time
from itertools import islice
from urllib.parse import urlencode

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from core.data.registry import card
from core.errors import PrecedenceError
from core.narration.sweep import summary
from core.server.people import Person
from core.server.rights import may
from core.server.shared import sweeps
from core.sweeps.folder import Mode, SweepFolder, sweep_ids
from core.sweeps.progress import Progress
from pages.shared.errors import show_refusal, warn_missing
from pages.shared.headline import duration
from pages.shared.markdown_escape import plain
from pages.shared.person import me
from pages.shared.recent_runs import ago
from pages.shared.share_link import page_for_others, warn_alone
from pages.what_if.state import WhatIf, write_view

MOST = 40  # sweeps in the list


def choose_sweep(state: WhatIf, names: list[str], where: DeltaGenerator) -> str | None:
    """The sweep to show: the URL's, else the newest; None where there is none."""
    shown = state.place.sweep
    if shown is not None and shown not in names:
        try:
            SweepFolder(sweeps().home, shown).config()
            names = [shown, *names]
        except PrecedenceError as error:
            warn_missing(error)
            shown = None
            state.go(sweep=None)
    if not names:
        return None
    shown = shown or next(filter(_is_readable, names), names[0])
    chosen = where.selectbox(
        "Sweep",
        names,
        names.index(shown),
        _title,
        key=f"whatif_sweep_{state.version}_{shown}",
        label_visibility="collapsed",
    )
    state.go(sweep=chosen)
    return chosen


def _is_readable(name: str) -> bool:
    try:
        folder = SweepFolder(sweeps().home, name)
        return bool(folder.config() and folder.records())
    except PrecedenceError:  # damaged: whoever chooses it is told
        return False


def newest_sweeps() -> list[str]:
    """The sweeps of this person's list: own ones and nobody's; somebody else's is opened by its link."""
    person = me()
    return list(islice((name for name in sweep_ids(sweeps().home) if _in_list(person, name)), MOST))


def _in_list(person: Person, name: str) -> bool:
    try:
        owner = SweepFolder(sweeps().home, name).owner()
    except PrecedenceError:  # damaged: whoever chooses it is told
        owner = ""
    return not owner or may(person, "see_all") or may(person, "steer_sweep", owner)


def queue(state: WhatIf, folder: SweepFolder) -> Progress:
    """Progress, time left; pause, go on, cancel for who started it; what failed is said."""
    progress = sweeps().progress(folder.sweep_id)
    share = progress.done / progress.points
    if progress.over:
        cancelled = sum(record.state == "cancelled" for record in folder.records())
        said = f"{progress.points - cancelled} of {progress.points} points done" if cancelled else "All points done"
        st.caption(f"{said}; {duration(progress.seconds)} of training.")
    else:
        left = "" if progress.left is None else f", about {duration(progress.left)} left"
        doing = {"run": "Training", "pause": "Paused", "cancel": "Cancelling"}[progress.mode]
        waits = f", {progress.training} under way" if progress.training else ""
        with st.container(horizontal=True, vertical_alignment="center"):
            st.progress(share, f"{doing}: {progress.done} of {progress.points} points{waits}{left}")
            if _is_mine(state, folder):
                _orders(folder, progress)
            else:
                st.caption("You are watching.", width="content", help="Only who started a sweep may pause or end it.")
    trouble = "" if progress.over else sweeps().trouble(folder.sweep_id)
    if trouble:
        st.warning(plain(trouble), icon=":material/error:")
    _failures(folder)
    return progress


def _is_mine(state: WhatIf, folder: SweepFolder) -> bool:
    """An address of an earlier version had a key: of a sweep that is nobody's, the first who brings it owns it."""
    owner, key = folder.owner(), state.place.key
    if not owner and key and folder.is_steered_by(key) and me().mark:
        owner = me().mark
        folder.give(owner)
    return may(me(), "steer_sweep", owner)


def share(state: WhatIf, where: DeltaGenerator) -> None:
    """The link for others: it shows the same and steers nothing."""
    with where.popover("Share", icon=":material/share:", help="A link for others"):
        st.code(f"{page_for_others()}?{urlencode(write_view(state.place))}", language=None, wrap_lines=True)
        warn_alone()


def take_away(folder: SweepFolder, where: DeltaGenerator) -> None:
    """The sweep as the command line reads it, and its points as the command line writes them."""
    asking = where.popover("Download", icon=":material/download:", on_change="rerun", key="sweep_download")
    if asking.open:
        asking.download_button(
            "The sweep (JSON)",
            folder.config().model_dump_json(indent=1),
            f"{folder.sweep_id}.json",
            "application/json",
            on_click="ignore",
            help="What python -m core sweep reads.",
        )
        asking.download_button(
            "Its points (JSON)",
            json.dumps(summary(folder, sweeps().progress(folder.sweep_id).seconds), indent=1),
            f"{folder.sweep_id}.points.json",
            "application/json",
            on_click="ignore",
        )


def _orders(folder: SweepFolder, progress: Progress) -> None:
    if progress.mode == "cancel":
        return
    if progress.mode == "pause":
        _order(folder, "run", "Go on", ":material/play_arrow:")
    else:
        _order(folder, "pause", "Pause", ":material/pause:")
    _order(folder, "cancel", "Cancel", ":material/close:")


def _order(folder: SweepFolder, mode: Mode, label: str, icon: str) -> None:
    if st.button(label, icon=icon, key=f"sweep_{mode}_{folder.sweep_id}"):
        try:
            sweeps().order(folder.sweep_id, mode)
        except PrecedenceError as error:
            show_refusal(error)
        st.rerun(scope="fragment")


def _failures(folder: SweepFolder) -> None:
    failed = [(number, record) for number, record in enumerate(folder.records()) if record.state == "failed"]
    if failed:
        number, record = failed[0]
        more = f" {len(failed) - 1} more failed." if len(failed) > 1 else ""
        st.warning(f"Point {number + 1}: {plain(record.problem)}{more}", icon=":material/error:")


def _title(name: str) -> str:
    folder = SweepFolder(sweeps().home, name)
    try:
        config = folder.config()
        data = card(config.base.dataset).title
    except PrecedenceError:  # damaged, or its table is gone: it keeps its name
        return name
    age = ago(time.time() - folder.created())
    return f"{config.name or name}: {config.count()} points on {data} ({age})"
