"""The price of a promise: a slider a tolerance, what the tasks below would gain, and the training that checks it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import streamlit as st

from core.data.catalogue import card
from core.data.description import Task
from core.errors import PrecedenceError
from core.explain.price_words import bound_words, gain_words, trust_words
from core.insight.prices import Check, PricedRun, checks, predict
from core.methods.config import NMTConfig
from core.runs.folder import RunFolder, config_hash
from core.runs.sisters import priced_run, sisters
from core.runs.status import ACTIVE
from core.server.shared import library, supervisor
from core.training.config import RunConfig
from core.training.events import TaskResult
from core.training.presets import default_run
from pages.parts.headline import STATES
from pages.parts.sentences import plain
from pages.parts.telling import told
from pages.parts.tolerance_unit import UNITS

MOST = 60  # runs in the list
WIDEST = 3.0  # times the tolerance, at the slider's end
NEWEST = 12  # runs looked through for a training that is under way
KEY = "whatif_price"


@dataclass(frozen=True)
class Offer:
    """What the sliders need: nothing here is read again while one is dragged."""

    run_id: str
    config: RunConfig
    priced: PricedRun
    trained: list[Check]
    tasks: Mapping[str, Task]

    def title(self, name: str) -> str:
        return self.tasks[name].title


def show_price() -> str | None:
    """The whole part; gives the name of the run that it shows, None before there is one."""
    with told():
        runs = [run for run in library().list(method="nmt", most=MOST) if _is_priced(run.run_id)]
        if not runs:
            _first_run()
            return None
        names = {run.run_id: f"{run.name or run.run_id}: {run.dataset}, {run.steps:,} steps" for run in runs}
        chosen = st.selectbox("Finished run", list(names), format_func=names.__getitem__, key=f"{KEY}_run")
        _price(_offer(chosen))
        return chosen
    return None


def _is_priced(run_id: str) -> bool:
    """Whether its multipliers moved freely under two tasks or more; its events are only read once it is chosen."""
    try:
        folder = RunFolder(supervisor().home, run_id)
        method = folder.config().method
        held = isinstance(method, NMTConfig) and method.frozen is None and not folder.control().edits
        return held and len(library().result(run_id)) > 1
    except PrecedenceError:  # damaged or deleted meanwhile
        return False


def _first_run() -> None:
    """Before any run has finished: one click starts one, and it is followed until it can be priced."""
    st.markdown("No NMT run has finished yet. Its multipliers are the prices, so one run answers this page's question.")
    started = st.session_state.get(f"{KEY}_first")
    if started is None:
        if st.button("Train the default run", icon=":material/play_arrow:", type="primary", key=f"{KEY}_start"):
            config = default_run("shop").model_copy(update={"reference": False})
            st.session_state[f"{KEY}_first"] = supervisor().submit(config)
            st.rerun()
        return
    _wait(started)


@st.fragment(run_every=1)
def _wait(run_id: str) -> None:
    with told():
        status = supervisor().status(run_id)
        if status.state in (*ACTIVE, "queued"):
            share = status.step / status.most_steps if status.most_steps else 0.0
            st.progress(
                min(1.0, share), f"{STATES[status.state]}: step {status.step:,} of at most {status.most_steps:,}"
            )
        elif status.state == "finished":
            library().add(run_id)
            st.rerun()
        else:
            st.warning(status.error or f"The run ended as {STATES[status.state].lower()}.", icon=":material/error:")


def _offer(run_id: str) -> Offer:
    place = supervisor().home
    config = RunFolder(place, run_id).config()
    mine = priced_run(place, run_id)
    tasks = {task.name: task for task in card(config.dataset).tasks}
    return Offer(run_id, config, mine, checks([mine, *sisters(place, config)]), tasks)


@st.fragment
def _price(offer: Offer) -> None:
    """Sliders and answer: dragging one runs this alone."""
    with told():
        left, right = st.columns([1, 1.4], gap="large")
        with left:
            wanted = {task: _slider(offer, task) for task in offer.priced.priced()}
        with right:
            _answer(offer, wanted)
            _verify(offer, wanted)


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
        st.markdown("**What the promises cost.** Move a tolerance to see what it would buy.")
        lines = [bound_words(offer.title(task), held, offer.title(last.objective)) for task, held in last.held.items()]
    else:
        st.markdown("**What these tolerances would bring**, against the run as it is, on the slice")
        lines = [gain_words(offer.title(task), gain, losses[task]) for task, gain in gains.items()]
    st.markdown("\n".join(f"- {plain(line)}" for line in lines))
    moved = [gain for gain in gains.values() if gain.gain]
    if moved:
        st.caption(plain(trust_words(max(moved, key=lambda gain: abs(gain.gain)))))


def _verify(offer: Offer, wanted: Mapping[str, float]) -> None:
    """Train the very point, and put predicted and real side by side."""
    if all(offer.priced.tolerances[task] == value for task, value in wanted.items()):
        return
    config = offer.config.model_copy(update={"tolerances": {**offer.config.tolerances, **wanted}, "name": ""})
    trained = library().same_config(config)
    if trained:
        _side_by_side(offer, wanted, trained[-1])
        return
    running = _under_way(config)
    if running is not None:
        _wait(running)
    elif st.button(
        "Verify by training",
        icon=":material/fact_check:",
        key=f"{KEY}_verify",
        help="Trains the same run with these tolerances; what comes of it also corrects later predictions.",
    ):
        run_id = supervisor().submit(config)
        st.session_state.setdefault(f"{KEY}_verifying", {})[config_hash(config)] = run_id
        _wait(run_id)


def _under_way(config: RunConfig) -> str | None:
    """The run that trains this config now, also where another session or an earlier visit started it."""
    wanted, place = config_hash(config), supervisor().home
    own = st.session_state.get(f"{KEY}_verifying", {}).get(wanted)
    for run_id in [own] if own else supervisor().runs()[:NEWEST]:
        try:
            same = config_hash(RunFolder(place, run_id).config()) == wanted
            if same and supervisor().status(run_id).state in (*ACTIVE, "queued"):
                return run_id
        except PrecedenceError:  # deleted or damaged
            continue
    return None


def _side_by_side(offer: Offer, wanted: Mapping[str, float], run_id: str) -> None:
    """Predicted without the run's own check, against what it brought; quality on the test rows beside it."""
    real = priced_run(supervisor().home, run_id)
    before, after = offer.priced.losses(), real.losses()
    own = {(check.before, check.after, check.gained) for check in checks([offer.priced, real])}
    blind = [check for check in offer.trained if (check.before, check.after, check.gained) not in own]
    predicted = predict(offer.priced, wanted, blind)
    tests = [library().result(name) for name in (offer.run_id, run_id)]
    rows = []
    for task, gain in predicted.items():
        rows.append(
            {
                "Task": offer.title(task),
                "Predicted fall of its loss, %": 100 * gain.gain / before[task],
                "Band from": 100 * gain.low / before[task],
                "to": 100 * gain.high / before[task],
                "Trained, %": 100 * (before[task] - after[task]) / before[task],
                "On test rows, before": _quality(tests[0][task]),
                "after": _quality(tests[1][task]),
            }
        )
    st.dataframe(
        rows,
        hide_index=True,
        column_config={name: st.column_config.NumberColumn(format="%.3f") for name in list(rows[0])[1:]}
        if rows
        else None,
    )
    st.caption(
        "Trained on these tolerances with the same seed. The prediction is made without this run's own result. On test "
        "rows: AUC, or the root mean squared error of a number."
    )
    st.page_link(
        "priority_lab.py", label="Open the trained run", icon=":material/open_in_full:", query_params={"run": run_id}
    )


def _quality(result: TaskResult) -> float | None:
    return result.rmse if result.auc is None else result.auc
