"""Priority lab: rank the tasks, say how much each may lose, train, and watch the multipliers trade."""

from __future__ import annotations

import streamlit as st

from core.data.registry import card
from core.methods.registry import METHODS
from core.runs.folder.status import UNDER_WAY
from core.server.example import example_address
from core.server.shared import supervisor
from core.settings.run import RunConfig
from core.training.schedule import steps_until_bounds
from pages.lab.controls import controls, ordered
from pages.lab.faq import faq
from pages.lab.replay import Replay
from pages.lab.sentences import everything_said, said_now
from pages.lab.state import Lab, open_lab
from pages.run_form.form import NAMED_BUTTON, same_data, settings
from pages.shared.errors import show_errors, warn_missing
from pages.shared.headline import headline, is_preparing
from pages.shared.live_charts import live_charts
from pages.shared.markdown_escape import plain
from pages.shared.numbers import numbers, readings
from pages.shared.repeating import repeating
from pages.shared.run_reader import RunReader
from pages.shared.uploaded_table import upload_table

FIGURES, WORDS = 2, 4
"""Seconds between two looks of each browser: no more often than an eye needs, as a class shares one server."""


def page() -> None:
    lab = open_lab(supervisor())
    above, charts, below = st.container(key="lab_above"), st.container(key="lab_charts"), st.container()
    shown = lab.run or lab.replay
    over = shown is not None and is_over(lab, shown)
    if shown is not None:
        with charts:  # first: the browser fetches what draws them while the rest is put together
            _charts(lab, shown)
    if not lab.lesson:
        with st.sidebar, st.container(gap="xsmall"):
            st.html(NAMED_BUTTON)
            _settings(lab)
    with above:
        for problem in lab.problems:
            warn_missing(problem)
        if shown is not None:
            if isinstance(shown, Replay):
                repeating(None if over else FIGURES)(_replayed)(lab, shown, over)
            else:
                repeating(None if over else FIGURES)(_slow_lane)(lab, shown, over)
        else:
            _not_begun(lab)
    if shown is not None:
        with below:
            repeating(None if over else WORDS)(_words)(shown)


def is_over(lab: Lab, run: RunReader) -> bool:
    """Whether nothing changes by itself any more: the page then asks for nothing until it is touched, or until the live
    line says that the run goes on, since somebody resumed it elsewhere."""
    status = run.status() if isinstance(run, Replay) else lab.supervisor.status(run.folder.run_id)
    return status.state not in UNDER_WAY


def _settings(lab: Lab) -> None:
    """The form; wrong input is told beside it and leaves the last good settings in place."""
    with st.container(height=46, horizontal=True, vertical_alignment="center", gap="small", border=False):
        train = st.button("Train", type="primary", icon=":material/play_arrow:", width="stretch", key="train")
        note = st.empty()  # beside it, so that nothing below jumps away under a hand
    with show_errors():
        answer = settings(lab.base, lab.generation)
        if not same_data(answer.dataset, lab.base.dataset):
            lab.fill_form(answer)
            st.rerun()
        lab.answer(answer)
        if train:
            _train(lab, answer)
        if st.button("Bring your own table", icon=":material/upload_file:", type="tertiary"):
            upload_table(lambda config: _train(lab, config))
        if lab.differs():
            note.caption("Some settings take effect with the next Train.", width=150)
    lab.write_address()


def _train(lab: Lab, config: RunConfig) -> None:
    lab.problems.clear()
    if config != lab.config:
        lab.fill_form(config)
    lab.train()
    lab.write_address()
    st.rerun()


def _charts(lab: Lab, run: RunReader) -> None:
    config, baseline = run.folder.config(), lab.baseline
    tasks = card(config.dataset).tasks
    live_charts(
        tasks,
        run.folder.run_id,
        unit=config.tolerance_kind,
        address=example_address(run.began) if isinstance(run, Replay) else None,
        constrained=METHODS[config.method.kind].constrains,
        steps_until_bounds=steps_until_bounds(config, len(config.priority) or len(tasks)),
        baseline_id=baseline.folder.run_id if baseline else None,
        baseline_title=f"{METHODS[baseline.folder.config().method.kind].title}, pinned" if baseline else None,
        order=(lambda told: ordered(lab, run, told)) if lab.steers(run) else None,
    )


def _replayed(lab: Lab, run: Replay, was_over: bool) -> None:
    """The shipped example: what it shows, and the way to a run of one's own."""
    with show_errors():
        run.refresh()
        if is_over(lab, run) != was_over:
            st.rerun()
        headline(run, run.status(), "Recorded")
        with st.container(horizontal=True, gap="small", vertical_alignment="center"):
            _train_button(lab)
            st.caption("A recorded run of these settings, replayed.", width="content")
            faq()
        said_now(run)


def _not_begun(lab: Lab) -> None:
    """The settings of a link: an address alone starts nothing."""
    st.space("small")
    with st.container(border=True):
        st.markdown("**These settings are ready to train.** Nothing runs until you press Train.")
        _train_button(lab)


def _train_button(lab: Lab) -> None:
    """In the middle of the page, where the settings may be folded away or hidden by a lesson."""
    if st.button("Train", type="primary", icon=":material/play_arrow:", key="train_here"):
        with show_errors():
            lab.train()
            lab.write_address()
            st.rerun()


def _slow_lane(lab: Lab, run: RunReader, was_over: bool) -> None:
    """Status, buttons and figures, apart from the curves, which have a line of their own."""
    with show_errors():
        run.refresh()
        status = lab.supervisor.status(run.folder.run_id)
        if (status.state not in UNDER_WAY) != was_over:
            st.rerun()  # the whole page, so that it repeats, or does not any more
        lab.supervisor.watched(run.folder.run_id)
        headline(run, status)
        controls(lab, run, status)
        if status.state in ("failed", "crashed"):
            st.error(plain(status.error or "The run ended without a word."), icon=":material/error:")
        elif status.note and not is_preparing(status):
            st.caption(plain(status.note))
        said_now(run)


def _words(run: RunReader) -> None:
    """What the picture says, and the numbers behind it."""
    with show_errors():
        run.refresh()
        left, right = st.columns([1, 1.2])
        with left, st.container(border=True):
            st.markdown("**What the picture says**")
            everything_said(run)
        with right, st.container(border=True):
            st.markdown("**Numbers**")
            numbers(run, card(run.folder.config().dataset))
        table = st.expander("Every reading behind the charts", on_change="rerun", key="readings")
        if table.open:
            with table:
                readings(run)


with show_errors():
    page()
