"""The price of a promise: a slider a tolerance, what the tasks below would gain, and the training that checks it."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import islice

import streamlit as st

from core.data.registry import card, cards
from core.errors import PrecedenceError
from core.insight.prices import predict
from core.methods.interface import ConstrainedConfig
from core.methods.registry import METHODS
from core.narration.price import describe_bounds, describe_gain, describe_trust
from core.runs.comparable_runs import comparable_runs, priced_run
from core.runs.folder.run_folder import RunFolder
from core.runs.library import FinishedRun
from core.server.shared import library, supervisor
from core.server.starting import start_run
from core.settings.presets import default_run
from pages.run_form.tolerance_unit import UNITS
from pages.shared.errors import show_errors
from pages.shared.markdown_escape import plain
from pages.shared.person import sees_run, starter
from pages.what_if.verify import KEY, Offer, verify, wait_for_run

MOST = 60  # runs in the list
WIDEST = 3.0  # times the tolerance, at the slider's end


def show_price() -> None:
    """The whole part."""
    with show_errors():
        runs = _priced_runs()
        if not runs:
            _first_run()
            return
        titles = {name: each.title for name, each in cards().items()}
        names = {
            run.run_id: f"{run.name or run.run_id}: {titles.get(run.dataset, 'own table')}, {run.steps:,} steps"
            for run in runs
        }
        chosen = st.selectbox("Finished run", list(names), format_func=names.__getitem__, key=f"{KEY}_run")
        _price(_offer(chosen))


def _priced_runs() -> list[FinishedRun]:
    """Those that somebody started one by one, then the points of sweeps, dozens of which would hide the others."""
    bounded = [kind for kind, method in METHODS.items() if method.constrains]
    known = {run.run_id: run for kind in bounded for run in library().list(method=kind)}
    names = dict.fromkeys([*supervisor().runs(), *known])
    return list(islice((known[name] for name in names if name in known and sees_run(name) and _is_priced(name)), MOST))


def _is_priced(run_id: str) -> bool:
    """Whether its multipliers moved freely under two tasks or more; its events are only read once it is chosen."""
    try:
        folder = RunFolder(supervisor().home, run_id)
        method = folder.config().method
        held = isinstance(method, ConstrainedConfig) and method.frozen is None and not folder.control().edits
        return held and len(library().result(run_id)) > 1
    except PrecedenceError:  # damaged or deleted meanwhile
        return False


def _first_run() -> None:
    """Before any run has finished: one click starts one, and it is followed until it can be priced."""
    st.markdown("No NMT run has finished yet. Its multipliers are prices: one run shows what each of its limits costs.")
    started = st.session_state.get(f"{KEY}_first")
    if started is None:
        if st.button("Train the default run", icon=":material/play_arrow:", key=f"{KEY}_start"):
            config = default_run("shop").model_copy(update={"reference": False})
            st.session_state[f"{KEY}_first"] = start_run(config, starter())
            st.rerun()
        return
    wait_for_run(started)


def _offer(run_id: str) -> Offer:
    place = supervisor().home
    config = RunFolder(place, run_id).config()
    mine = priced_run(place, run_id)
    tasks = {task.name: task for task in card(config.dataset).tasks}
    return Offer(run_id, config, mine, comparable_runs(place, config), tasks)


@st.fragment
def _price(offer: Offer) -> None:
    """Sliders and answer: dragging one runs this alone."""
    with show_errors():
        left, right = st.columns([1, 1.4], gap="large")
        with left:
            wanted = {task: _slider(offer, task) for task in offer.priced.priced()}
        with right:
            _answer(offer, wanted)
            verify(offer, wanted)


def _slider(offer: Offer, task: str) -> float:
    now, unit = offer.priced.tolerances[task], UNITS[offer.config.tolerance_kind]
    most = WIDEST * (now or unit.usual) * unit.scale
    about = offer.tasks[task]
    value = st.slider(
        f"{plain(about.title)} may lose, {unit.says(about)}",
        0.0,
        float(most),
        float(now * unit.scale),
        step=float(most) / 60,
        format=unit.shape,
        key=f"{KEY}_{offer.run_id}_{task}",
        help=f"The run was trained at {now * unit.scale:g}.",
    )
    return now if abs(value - now * unit.scale) < most / 121 else value / unit.scale


def _answer(offer: Offer, wanted: Mapping[str, float]) -> None:
    run = offer.priced
    gains = predict(run, wanted, offer.trained)
    losses = run.losses()
    last = run.stages[-1]
    if all(run.tolerances[task] == value for task, value in wanted.items()):
        st.markdown("**What each limit costs.** Move a tolerance to see what it would buy.")
        held = {offer.title(task): one for task, one in last.held.items()}
        lines = describe_bounds(held, offer.title(last.objective))
    else:
        st.markdown("**What these tolerances would bring**, against the run as it is, on the validation rows")
        lines = [describe_gain(offer.title(task), gain, losses[task]) for task, gain in gains.items()]
    st.markdown("\n".join(f"- {plain(line)}" for line in lines))
    moved = [gain for gain in gains.values() if gain.gain]
    if moved:
        st.caption(plain(describe_trust(max(moved, key=lambda gain: abs(gain.gain)))))
