"""The question at the top of the page: what may a task lose, and what does another gain by it."""

from __future__ import annotations

from dataclasses import dataclass

import streamlit as st

from core.charts.palette import task_colours
from core.data.description import DatasetCard, Task
from core.data.registry import card, cards
from core.errors import PrecedenceError
from core.methods.interface import ConstrainedConfig, ToleranceKind
from core.narration.question import amount, describe_answer, describe_change, describe_source, level, units_of
from core.server.shared import library, sweeps
from core.server.starting import start_sweep
from core.settings.presets import default_run
from core.settings.run import RunConfig
from core.sweeps.answer import Answer, answer
from core.sweeps.folder import SweepFolder
from core.sweeps.progress import progress_of
from core.sweeps.question import Missing, Question, asked_config, checked, known_runs, missing, training_seconds
from core.sweeps.read_off import read_off_runs, readable
from pages.run_form.tolerance_unit import UNITS
from pages.shared.errors import show_errors, show_refusal
from pages.shared.headline import duration
from pages.shared.markdown_escape import plain
from pages.shared.person import sees_run, starter
from pages.shared.repeating import repeating
from pages.shared.task_table import task_table
from pages.what_if.queue import newest_sweeps
from pages.what_if.read_off import offer_reading
from pages.what_if.state import WhatIf

KEY = "whatif_ask"
MOST_SETTINGS = 12  # of runs, in the list
NEWEST_RUNS = 60  # looked through for settings
NEWEST = 12  # sweeps looked through for one that trains the answer
USUAL: dict[ToleranceKind, float] = {"metric": 0.002, "absolute": 0.002, "relative": 1.0}
"""The amount of a question that nobody has asked yet, as a person writes it."""
_FREE = {"seed", "tolerance", "tolerances", "name", "device", "reference", "probe_every", "probe_batches", "priority"}


@dataclass(frozen=True)
class Settings:
    """In which settings a question is asked: `key` in the address, `label` in the list."""

    key: str
    label: str
    config: RunConfig


def question_part(state: WhatIf) -> None:
    """The line, the answer, and the offer to train what is missing."""
    with show_errors():
        options = _settings(state.place.on)
        _question(state, options)


@st.fragment
def _question(state: WhatIf, options: dict[str, Settings]) -> None:
    with show_errors():
        place = st.container()
        chosen = options[_chosen_settings(state, options)]
        about = card(chosen.config.dataset)
        with place:
            question = _line(state, chosen, about)
        tasks = {task.name: task for task in about.tasks}
        checked(question, about.tasks)
        home = sweeps().home.resolve()
        known = [*known_runs(home, chosen.config, question), *read_off_runs(home, chosen.config, question)]
        lacking = missing(chosen.config, question, known)
        with place:
            found = answer(question, known)
            _show(found, lacking, tasks, about)
            _offer(state, chosen.config, found, lacking)
            offer_reading(found, readable(chosen.config, question, known))


# ------------------------------------------------------------------ what is asked


def _settings(asked: str | None) -> dict[str, Settings]:
    """The newest runs' settings first, since they know most; then each data set's default run."""
    found: dict[str, Settings] = {}
    seen: list[tuple[object, ...]] = []
    defaults = [Settings(name, f"{about.title}, default run", default_run(name)) for name, about in cards().items()]
    known = [_like(one.config) for one in defaults]
    names = {run.run_id: run.name or run.run_id for run in library().list(most=NEWEST_RUNS) if sees_run(run.run_id)}
    if asked is not None and asked not in names and asked not in cards():
        names[asked] = asked
    for run_id, name in names.items():
        if len(found) >= MOST_SETTINGS and run_id != asked:
            continue
        try:
            config = library().config(run_id)
            title = card(config.dataset).title
        except PrecedenceError:  # damaged, its table is gone, or the address is wrong
            continue
        if not isinstance(config.method, ConstrainedConfig) or len(config.priority) == 1:
            continue
        like = _like(config)
        if like in seen and run_id != asked:
            continue
        seen.append(like)
        if like in known and run_id != asked:
            same = defaults[known.index(like)]
            found[same.key] = same
            continue
        label = f"{title}, {config.stage_steps:,} steps a stage (as {name})"
        found[run_id] = Settings(run_id, label, config)
    return {**found, **{one.key: one for one in defaults if one.key not in found}}


def _like(config: RunConfig) -> tuple[object, ...]:
    return (config.model_dump(exclude={**dict.fromkeys(_FREE, True), "method": {"tolerance_kind"}}),)


def _chosen_settings(state: WhatIf, options: dict[str, Settings]) -> str:
    asked = state.place.on
    if asked is not None and asked not in options:
        raise PrecedenceError(f"'{asked[:40]}' in the address is neither a data set nor a finished run here.")
    chosen = st.selectbox(
        "Settings",
        list(options),
        list(options).index(asked) if asked else 0,
        lambda key: options[key].label,
        key=f"{KEY}_on_{state.version}_{next(iter(options))}",  # new runs know more than what stood first before
        help="The question is answered for a model that is trained like this.",
    )
    if chosen != next(iter(options)) or asked:
        state.go(on=chosen)
    return chosen


def _line(state: WhatIf, chosen: Settings, about: DatasetCard) -> Question:
    """*[Relevance] may lose [.002] [AUC]: what does [Click] gain?*"""
    names = list(about.task_names())
    order = [name for name in chosen.config.priority if name in names] or names
    titles = {task.name: task for task in about.tasks}
    place, key = state.place, f"{KEY}_{state.version}_{chosen.key}"
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key=f"{KEY}_line"):
        task = _task("Task that may lose", names, place.ask or order[0], titles, f"{key}_task")
        st.markdown("may lose", width="content")
        units = units_of(titles[task])
        usual = place.unit or "metric"
        amount_place = st.container(width=130)
        unit = st.selectbox(
            "Unit",
            list(units),
            list(units).index(usual),
            units.__getitem__,
            key=f"{key}_unit",
            label_visibility="collapsed",
            width=130,
        )
        shown = place.lose if place.lose is not None and unit == usual else USUAL[unit]
        lost = amount_place.number_input(
            "Amount",
            min_value=0.0,
            value=float(shown),
            step=USUAL[unit] / 2,
            format="%.2f" if unit == "relative" else "%.4f",
            key=f"{key}_amount_{unit}",
            label_visibility="collapsed",
        )
        st.markdown("what does", width="content")
        others = [name for name in names if name != task]
        below = [name for name in order[order.index(task) + 1 :] if name != task] if task in order else []
        wanted = place.gain if place.gain in others else (below or others)[0]
        gainer = _task("Task that gains", others, wanted, titles, f"{key}_gain_{task}")
        st.markdown("gain?", width="content")
    asked = {"ask": task, "lose": lost, "unit": unit, "gain": gainer}
    usual_question = {"ask": order[0], "lose": USUAL["metric"], "unit": "metric", "gain": wanted}
    if place.ask is not None or asked != usual_question:
        state.go(**asked)
        state.write_address()
    return Question(task, lost / UNITS[unit].scale, unit, gainer)


def _task(label: str, names: list[str], usual: str, titles: dict[str, Task], key: str) -> str:
    if usual not in names:
        raise PrecedenceError(f"There is no task '{usual[:40]}'; the data set has {', '.join(names)}.")
    return st.selectbox(
        label,
        names,
        names.index(usual),
        lambda name: titles[name].title,
        key=key,
        label_visibility="collapsed",
        width=170,
    )


# ------------------------------------------------------------------ what is answered


def _show(found: Answer, lacking: Missing, tasks: dict[str, Task], about: DatasetCard) -> None:
    question = found.question
    if found.found != "unknown":
        st.markdown(f"**{plain(describe_answer(found, tasks))}**")
    if found.gained is not None:
        colours = task_colours(about.task_names())
        rows = []
        for name, moved in ((question.task, found.lost), (question.gainer, found.gained)):
            if moved is not None:
                cells = [level(moved.before), level(moved.after), describe_change(moved, question.unit)]
                rows.append((colours[name], tasks[name].title, cells))
        units = {tasks[name].metric.name for name in (question.task, question.gainer)}
        of = "Loss" if question.unit != "metric" else units.pop() if len(units) == 1 else "Metric"
        lost = amount(question.amount, tasks[question.task], question.unit)
        task_table([f"{of} on the test rows", "May lose nothing", f"May lose {lost}", "Change (90 % band)"], rows)
    st.caption(plain(describe_source(found, lacking)))


def _offer(state: WhatIf, base: RunConfig, found: Answer, lacking: Missing) -> None:
    """Trains exactly what is missing, and shows it below."""
    question = found.question
    running = _under_way(asked_config(base, question))
    if running:
        _follow(running)
        return
    if not lacking.runs:
        return
    at_once = min(sweeps().slots, len(lacking.runs))
    seconds = training_seconds(sweeps().home, asked_config(base, question), lacking.steps, at_once)
    count = f"{len(lacking.runs)} run{'s' if len(lacking.runs) > 1 else ''}"
    if st.button(
        f"Train {count}, about {duration(seconds)}",
        icon=":material/play_arrow:",
        type="primary" if found.found == "unknown" else "secondary",
        help="The time is that at this machine's load now; while it trains, the time left follows the steps made.",
        key=f"{KEY}_train",
    ):
        try:
            person = starter()
            names = [start_sweep(config, person) for config in lacking.sweeps]
        except PrecedenceError as error:
            show_refusal(error)
            return
        state.go(sweep=names[0])
        lost = question.amount * UNITS[question.unit].scale
        state.go(ask=question.task, lose=lost, unit=question.unit, gain=question.gainer)
        state.write_address()
        st.rerun()


def _under_way(config: RunConfig) -> list[str]:
    """Sweeps that train this question now, whoever started them."""
    found = []
    wanted = config.model_dump(exclude={"seed", "tolerances"})
    for name in newest_sweeps()[:NEWEST]:
        try:
            folder = SweepFolder(sweeps().home, name)
            if folder.config().base.model_dump(exclude={"seed", "tolerances"}) == wanted and not folder.is_over():
                found.append(name)
        except PrecedenceError:  # damaged
            continue
    return found


@repeating(1)
def _follow(names: list[str]) -> None:
    """How far the training of the answer is; at its end the page is filled anew."""
    with show_errors():
        all_of = [progress_of(SweepFolder(sweeps().home, name)) for name in names]
        if all(one.over for one in all_of):
            st.rerun()
        done, points = sum(one.done for one in all_of), sum(one.points for one in all_of)
        left = [one.left for one in all_of if one.left is not None]
        text = f", about {duration(sum(left))} left" if left else ""
        st.progress(done / points, f"Training the answer: {done} of {points} runs{text}")
