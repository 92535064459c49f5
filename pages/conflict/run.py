"""One run's conflict: which run, and its compass, angles, layers and transference along the probes."""

from __future__ import annotations

import time
from contextlib import suppress
from itertools import islice

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from core.charts.palette import task_colours
from core.data.registry import card
from core.errors import PrecedenceError
from core.methods.registry import METHODS
from core.runs.folder.run_folder import RunFolder
from core.runs.folder.status import UNDER_WAY
from core.server.example import ExampleFolder, example, example_address, now
from core.server.shared import live_address, plotly_address, supervisor
from core.server.starting import start_run
from core.settings.presets import default_run
from core.settings.run import RunConfig
from pages import navigation
from pages.conflict.method_text import describe_method
from pages.conflict.state import ConflictState
from pages.shared.component import component
from pages.shared.errors import show_errors, warn_missing
from pages.shared.headline import STATES
from pages.shared.markdown_escape import plain
from pages.shared.person import sees_run, starter
from pages.shared.recent_runs import ago
from pages.shared.repeating import repeating

MOST = 60  # runs in the list
LEAST_TASKS = 2
PROBE_BATCHES = 16
"""Of a run that is started here, to look at angles: four times the default, at about 12 % of its time; few batches
leave the angle of two noisy gradients open."""

_component = component(
    "precedence_conflict_run",
    "conflict/run.js",
    html='<div class="conflict-run"></div>',
    styles=("conflict/common.css", "shared/panel_help.css", "conflict/run.css"),
    isolate_styles=False,
)


def run_part(state: ConflictState, bar: DeltaGenerator) -> None:
    """The pictures of the chosen run; without one the newest, and without any the shipped example, replayed.

    `bar` takes the choice.
    """
    names = list(islice(filter(sees_run, supervisor().runs()), MOST))
    shown = _shown(state, names)
    if shown is None:
        _example(state, bar)
        return
    if shown not in names:
        names = [shown, *names]
    chosen = bar.selectbox(
        "Run",
        names,
        names.index(shown),
        _title,
        key=f"conflict_run_{state.version}_{shown}",
        width="stretch",
        label_visibility="collapsed",
    )
    if bar.button("Start the default run", icon=":material/play_arrow:", key="conflict_start"):
        _start(state)
        st.rerun()
    with bar.popover("Another method", icon=":material/alt_route:"):
        kind = st.selectbox("Method", list(METHODS), format_func=lambda kind: METHODS[kind].title, key="conflict_kind")
        st.caption(METHODS[kind].guarantee)
        if st.button("Start it on the shop", icon=":material/play_arrow:", type="primary"):
            _start(state, kind)
            st.rerun()
    bar.page_link(
        navigation.LAB,
        label="Open in the Priority lab",
        icon=":material/open_in_full:",
        query_params={"run": chosen},
    )
    state.go(run=chosen)
    config = RunFolder(supervisor().home, chosen).config()
    over = supervisor().status(chosen).state not in UNDER_WAY
    repeating(None if over else 2)(_status)(chosen, over)
    _pictures(config, live_address(chosen))


def _example(state: ConflictState, bar: DeltaGenerator) -> None:
    """Before anybody has trained here: a recorded run, and the button for one's own."""
    if bar.button("Start the default run", icon=":material/play_arrow:", key="conflict_start"):
        _start(state)
        st.rerun()
    if example() is not None:
        st.caption("A recorded run of the default settings, replayed.")
        began = st.session_state.setdefault("conflict_replay", now())
        _pictures(ExampleFolder().config(), example_address(began))


def _pictures(config: RunConfig, address: str) -> None:
    tasks = card(config.dataset).tasks
    colours = task_colours([task.name for task in tasks])
    if len(tasks) < LEAST_TASKS or config.probe_every == 0:
        st.info("This run has nothing to compare: it has one task, or its probes are switched off.")
    _component(
        key="conflict_run_pictures",
        data={
            "address": address,
            "tasks": [{"name": task.name, "title": task.title, "color": colours[task.name]} for task in tasks],
            "method_title": METHODS[config.method.kind].title,
            "constrained": METHODS[config.method.kind].constrains,
            "plotly_address": plotly_address(),
        },
    )
    st.caption(
        f"**Exact**: the markers, from gradients over everything the tasks share, every {config.probe_every} steps "
        f"on {config.probe_batches} small batches; the bar is a 90 % interval. "
        "**Cheap**: the dotted line, from the last shared layer and one batch; it is there at every eighth "
        "record and costs little, but it is biased: it only shows what happens between two probes."
    )
    describe_method(config.method.kind)


def _status(name: str, was_over: bool) -> None:
    """What a run that ended badly says."""
    with show_errors():
        status = supervisor().status(name)
        if (status.state not in UNDER_WAY) != was_over:
            st.rerun()
        if status.state in ("failed", "crashed"):
            st.error(plain(status.error or "The run ended without a word."), icon=":material/error:")
        elif status.state in ("queued", "starting"):
            st.caption(f"{STATES[status.state]}. {plain(status.note)}")


def _shown(state: ConflictState, names: list[str]) -> str | None:
    wanted = state.place.run
    if wanted is not None:
        try:
            RunFolder(supervisor().home, wanted).config()
            return wanted
        except PrecedenceError as error:
            warn_missing(error)
    for name in names:
        with suppress(PrecedenceError):  # damaged: the next one is shown
            RunFolder(supervisor().home, name).config()
            return name
    return None


def _start(state: ConflictState, kind: str | None = None) -> str:
    """The shop's default run, or the same under another method; one that was started here before is stopped, so that
    clicks do not pile up work."""
    before = state.own_run
    if before is not None and supervisor().status(before).state in UNDER_WAY:
        supervisor().command(before, "stop")
    config = default_run("shop").model_copy(update={"priority": (), "probe_batches": PROBE_BATCHES})
    if kind is not None and kind != config.method.kind:
        config = config.model_copy(update={"method": METHODS[kind].config()})
    state.own_run = start_run(config, starter())
    state.go(run=state.own_run)
    return state.own_run


def _title(name: str) -> str:
    try:
        folder = RunFolder(supervisor().home, name)
        config, about = folder.config(), folder.about()
        method, data = METHODS[config.method.kind].title, card(config.dataset).title
    except (PrecedenceError, KeyError):  # damaged: it keeps its name
        return name
    age = ago(time.time() - about.created)
    return f"{about.name or name}: {method} on {data}, seed {config.seed} ({age})"
