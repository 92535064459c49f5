"""The recorded run of the lab's default settings, replayed: one of the lab's own charts."""

from __future__ import annotations

from collections.abc import Mapping

import streamlit as st

from core.data.registry import card
from core.lessons.lesson import Facts
from core.methods.registry import METHODS
from core.server.example import ExampleFolder, example, example_address, now
from pages.shared.live_charts import live_charts


def replay(settings: Mapping[str, str], key: str, words: Mapping[str, str]) -> Facts:
    """`panel`: which of the lab's charts; it tells nothing of the learner, whose part is the question beside it."""
    if example() is None:
        st.caption(words["no_replay"])
        return {}
    config, began = ExampleFolder().config(), f"{key}_began"
    st.session_state.setdefault(began, now())
    live_charts(
        [task for task in card(config.dataset).tasks if task.name in config.priority],
        "example",
        unit=config.tolerance_kind,
        constrained=METHODS[config.method.kind].constrains,
        steps_until_bounds=0,
        address=example_address(st.session_state[began]),
        panels=(settings.get("panel", "multipliers"),),
        key=f"{key}_charts",
    )
    if st.button(words["replay_again"], icon=":material/replay:", key=f"{key}_again"):
        st.session_state[began] = now()
        st.rerun()
    return {}
