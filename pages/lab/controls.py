"""The buttons above the charts: what a person can do to the run that is shown."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from core.runs.folder.status import RESUMABLE, UNDER_WAY, RunStatus
from core.runs.workers.supervisor import Action
from core.server.rights import may
from core.server.shared import library
from pages import navigation
from pages.lab.address import link_to_watch
from pages.lab.faq import faq
from pages.lab.keep import keep
from pages.lab.state import Lab
from pages.shared.errors import try_action
from pages.shared.person import me
from pages.shared.run_reader import RunReader
from pages.shared.share_link import page_for_others, warn_alone

SLOW = 8.0  # steps a second in slow motion: slow enough to follow a multiplier by eye
WATCHING = "You are watching somebody else's run."


def controls(lab: Lab, run: RunReader, status: RunStatus) -> None:
    """One row of buttons; those that make another run bring the whole page up to date.

    Who does not own the run finds no button that steers it.
    """
    steers = lab.steers(run)
    with st.container(horizontal=True, gap="xsmall", vertical_alignment="center"):
        if steers:
            _steering(lab, run, status)
        again = "Reset" if steers else "Make my own copy"
        if st.button(again, icon=":material/replay:", key="reset", help="The same settings and seed from step 0."):
            _new_run(lab, lab.train)
        if st.button("Reseed", icon=":material/casino:", key="reseed", help="The same settings with another seed."):
            _new_run(lab, lab.reseed)
        pinned = lab.baseline is not None
        if st.button("Unpin" if pinned else "Pin", icon=":material/push_pin:", key="pin",
                     help="Keeps this run as the baseline: grey, behind the next ones."):  # fmt: skip
            _new_run(lab, lab.pin)
        _share(lab, run)
        keep(lab, run, status)
        if status.state == "finished" and run.folder.config().makes_bags:
            st.page_link(navigation.RELEVANCE, label="Search by this model", icon=":material/manage_search:",
                         query_params={"catalogue": run.folder.run_id})  # fmt: skip
        faq()
        if not steers:
            if may(me(), "stop_any"):
                _stop(lab, run, status)
            st.caption(WATCHING, width="content")


def _steering(lab: Lab, run: RunReader, status: RunStatus) -> None:
    """What changes the course of the run itself."""
    name, active = run.folder.run_id, status.state in UNDER_WAY
    _play(lab, run, status)
    step = run.folder.config().record_every
    if st.button("Step", icon=":material/skip_next:", disabled=not active, key="step",
                 help=f"{step} optimiser steps, up to the next point of the curves; then it waits."):  # fmt: skip
        ordered(lab, run, "step")
    slow = run.folder.control().pace is not None
    if st.toggle("Slow motion", value=slow, disabled=not active, key=f"slow_{name}",
                 help=f"{SLOW:g} optimiser steps a second.") != slow:  # fmt: skip
        try_action(lambda: lab.steer(lambda supervisor, run_id: supervisor.pace(run_id, None if slow else SLOW)))
    _stop(lab, run, status)


def _stop(lab: Lab, run: RunReader, status: RunStatus) -> None:
    """Of its owner, and of a teacher, who may stop anybody's."""
    active = status.state in UNDER_WAY
    if st.button("Stop", icon=":material/stop:", disabled=not active, key="stop", help="Ends the run where it is."):
        try_action(lambda: lab.supervisor.command(run.folder.run_id, "stop"))


def ordered(lab: Lab, run: RunReader, told: Action) -> None:
    """What the projector asks of the run: `pause`, `run`, or `step`, which ends at the next point of the curves."""
    steps = {"steps": run.folder.config().record_every} if told == "step" else {}
    try_action(
        lambda: lab.steer(
            lambda supervisor, run_id: supervisor.command(run_id, told, **steps), goes_on=told in ("run", "step")
        )
    )


def _play(lab: Lab, run: RunReader, status: RunStatus) -> None:
    if status.state in RESUMABLE:
        if st.button("Resume", icon=":material/play_arrow:", type="primary", key="resume",
                     help="Goes on from the last checkpoint."):  # fmt: skip
            _new_run(lab, lambda: lab.steer(lambda supervisor, run_id: supervisor.resume(run_id), goes_on=True))
        return
    mode = run.folder.control().mode
    if mode == "pause" and status.state != "finished":
        if st.button("Play", icon=":material/play_arrow:", type="primary", key="play"):
            ordered(lab, run, "run")
            st.rerun(scope="fragment")
    elif st.button("Pause", icon=":material/pause:", disabled=status.state == "finished", key="pause"):
        ordered(lab, run, "pause")
        st.rerun(scope="fragment")


def _share(lab: Lab, run: RunReader) -> None:
    """The link for others, made when it is asked for: it shows the run and steers nothing."""
    menu = st.popover("Share", icon=":material/share:", help="A link for others", on_change="rerun", key="share")
    if not menu.open:
        return
    with menu:
        lesson = st.toggle("Hide settings", key="share_lesson", help="Shows the charts and the words alone.")
        baseline = lab.baseline.folder.run_id if lab.baseline else None
        link = link_to_watch(page_for_others(), run.folder.run_id, baseline, lesson)
        st.code(link, language=None, wrap_lines=True)
        warn_alone()
        st.caption("Whoever opens this link watches the run and can start an own copy; only your browser steers it.")
        if lab.steers(run):
            name, about = run.folder.run_id, run.folder.about()
            key = f"share_all_{name}"

            def change() -> None:
                try_action(lambda: library().change(name, shared=st.session_state[key]))

            st.toggle("Show it in everybody's list on Home", about.shared, key=key, on_change=change)


def _new_run(lab: Lab, action: Callable[[], None]) -> None:
    if try_action(action):
        lab.write_address()
        st.rerun()
