"""Adopting a point: the decision record, the config and the weights to take away."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import streamlit as st

from core.data.description import DatasetCard
from core.data.registry import card
from core.narration.decision import DEFAULT_QUESTION, decide
from core.narration.decision_page import to_html, to_markdown
from core.narration.question import describe_question
from core.narration.sweep import OF_MEASURE, describe_setting
from core.server.shared import calculator
from core.sweeps.folder import SweepFolder
from core.sweeps.outcome import Outcome, Setting, beaten_by
from core.sweeps.question import Question
from pages.run_form.tolerance_unit import UNITS
from pages.shared.errors import show_errors
from pages.shared.markdown_escape import plain
from pages.what_if.state import WhatIf

WRITE_SECONDS = 60.0  # a large table takes a while to write


def adopt(
    state: WhatIf,
    folder: SweepFolder,
    outcome: Outcome,
    chosen: Setting,
    baseline: Setting | None,
    titles: Mapping[str, str],
) -> None:
    """The button, and what it opens; a point that another one beats wants a second word first."""
    better = beaten_by(outcome, chosen)
    sure = True
    if better is not None:
        st.warning(
            f"{plain(describe_setting(better, titles))} is nowhere worse than this point in "
            f"{OF_MEASURE[outcome.measure]} and better somewhere.",
            icon=":material/warning:",
        )
        sure = st.checkbox("Choose it all the same", key=f"whatif_sure_{folder.sweep_id}_{chosen.number}")
    if st.button(
        "Choose and write record", icon=":material/task_alt:", type="primary", key="whatif_adopt", disabled=not sure
    ):
        _dialog(state, folder, outcome, chosen, baseline, titles)


@st.dialog("Decision record", width="large")
def _dialog(
    state: WhatIf,
    folder: SweepFolder,
    outcome: Outcome,
    chosen: Setting,
    baseline: Setting | None,
    titles: Mapping[str, str],
) -> None:
    with show_errors():
        about = card(chosen.config.dataset)
        with st.container(horizontal=True):
            question = st.text_input(
                "Question", placeholder=_asked(state, about) or DEFAULT_QUESTION, max_chars=200, key="decision_question"
            )
            owner = st.text_input("Owner", placeholder="Who decides", max_chars=80, key="decision_owner")
        decision = decide(
            folder.sweep_id,
            outcome,
            chosen,
            None if baseline is None or baseline.number == chosen.number else baseline,
            titles,
            dataset=about.title,
            split=about.split.says,
            question=question or _asked(state, about),
            owner=owner or "",
            unit=state.place.unit or "metric",
            axes=[name for name in (state.place.ask, state.place.gain) if name],
        )
        st.markdown(to_markdown(decision, with_picture=False).partition("\n## ")[0])
        if decision.picture:
            st.image(decision.picture)
        st.markdown("\n## " + to_markdown(decision, with_picture=False).partition("\n## ")[2])
        name = f"decision-{decision.config_hash}"
        with st.container(horizontal=True, gap="xsmall"):
            st.download_button(
                "HTML", to_html(decision), f"{name}.html", "text/html", on_click="ignore", help="One page to print."
            )
            st.download_button("Markdown", to_markdown(decision), f"{name}.md", "text/markdown", on_click="ignore")
            config = chosen.points[0].config.model_dump_json(indent=1)
            st.download_button("Config (JSON)", config, f"{name}.json", "application/json", on_click="ignore")
            _weights(folder, chosen, name)


def _asked(state: WhatIf, about: DatasetCard) -> str:
    """The question at the top of the page, where one was asked of these tasks."""
    place, tasks = state.place, {task.name: task for task in about.tasks}
    if place.ask not in tasks or place.gain not in tasks or place.lose is None or place.unit is None:
        return ""
    asked = Question(str(place.ask), place.lose / UNITS[place.unit].scale, place.unit, str(place.gain))
    return describe_question(asked, tasks)


def _weights(folder: SweepFolder, chosen: Setting, name: str) -> None:
    """Written when first asked for: it takes a process with torch."""
    run_id = chosen.points[0].run_id
    key = f"decision_weights_{run_id}"
    if st.session_state.get(key) is None and st.button("Weights (safetensors)", key=f"{key}_button"):
        with st.spinner("Writing the weights"):
            arguments = {"home": str(folder.home), "run": run_id}
            st.session_state[key] = calculator().ask("weights", arguments, seconds=WRITE_SECONDS)
    file = st.session_state.get(key)
    if file is not None:
        st.download_button(
            "Download the weights", Path(file).read_bytes(), f"{name}.safetensors", on_click="ignore", type="primary"
        )
