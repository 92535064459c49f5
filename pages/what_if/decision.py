"""Adopting a point: the decision record, the config and the weights to take away."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import streamlit as st

from core.data.registry import card
from core.narration.decision import DEFAULT_QUESTION, decide, to_html, to_markdown
from core.server.shared import calculator
from core.sweeps.folder import SweepFolder
from core.sweeps.outcome import MEASURES, Outcome, Setting
from pages.shared.errors import show_errors

WRITE_SECONDS = 60.0  # a large table takes a while to write


def adopt(
    folder: SweepFolder, outcome: Outcome, chosen: Setting, baseline: Setting | None, titles: Mapping[str, str]
) -> None:
    """The button, and what it opens."""
    if st.button("Choose and write record", icon=":material/task_alt:", type="primary", key="whatif_adopt"):
        _dialog(folder, outcome, chosen, baseline, titles)


@st.dialog("Decision record", width="large")
def _dialog(
    folder: SweepFolder, outcome: Outcome, chosen: Setting, baseline: Setting | None, titles: Mapping[str, str]
) -> None:
    with show_errors():
        question = st.text_input("Question", placeholder=DEFAULT_QUESTION, max_chars=200, key="decision_question")
        about = card(chosen.config.dataset)
        decision = decide(
            folder.sweep_id,
            outcome,
            chosen,
            None if baseline is None or baseline.number == chosen.number else baseline,
            titles,
            measure=MEASURES[outcome.measure],
            dataset=about.title,
            split=about.split.says,
            question=question or "",
        )
        st.markdown(to_markdown(decision))
        name = f"decision-{decision.config_hash}"
        with st.container(horizontal=True, gap="xsmall"):
            st.download_button("HTML", to_html(decision), f"{name}.html", "text/html", on_click="ignore")
            st.download_button("Markdown", to_markdown(decision), f"{name}.md", "text/markdown", on_click="ignore")
            config = chosen.points[0].config.model_dump_json(indent=1)
            st.download_button("Config (JSON)", config, f"{name}.json", "application/json", on_click="ignore")
            _weights(folder, chosen, name)


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
