"""The choice of a method: the three of every lesson at hand, all others of the registry in a list by what they do."""

from __future__ import annotations

from typing import Any

import streamlit as st

from core.methods.registry import METHODS
from core.settings.run import RunConfig

AT_HAND = tuple(kind for kind, card in METHODS.items() if card.at_hand)
ANOTHER = "another"
ABOUT = {
    **{kind: METHODS[kind].at_hand for kind in AT_HAND},
    ANOTHER: "Weighs losses by a rule, or combines the tasks' gradients, which takes a backward for each task.",
}
GROUPS = {"losses": "Weighs losses", "gradients": "Combines gradients"}


def method_menu(fields: dict[str, Any], shown: RunConfig, generation: int) -> None:
    """Writes the chosen method into `fields`; a method that was just chosen brings its own defaults."""
    titles = {kind: METHODS[kind].title for kind in AT_HAND} | {ANOTHER: "Another"}
    now = shown.method.kind
    kind = st.segmented_control(
        "Method",
        list(titles),
        default=now if now in AT_HAND else ANOTHER,
        format_func=titles.__getitem__,
        required=True,
        key=f"method_{generation}",
        help="\n\n".join(f"**{titles[name]}**: {about}" for name, about in ABOUT.items()),
    )
    if kind == ANOTHER:
        others = [name for group in GROUPS for name, card in METHODS.items() if card.needs == group]
        others = [name for name in others if name not in AT_HAND]
        kind = st.selectbox(
            "Which",
            others,
            others.index(now) if now in others else others.index(min(others, key=list(METHODS).index)),
            lambda name: f"{METHODS[name].title} · {GROUPS[METHODS[name].needs].lower()}",
            key=f"other_method_{generation}",
        )
        st.caption(f"{METHODS[kind].guarantee} {METHODS[kind].cost}")
    if kind != now:
        fields["method"] = RunConfig.model_validate({"method": {"kind": kind}}).method.model_dump()
