"""Short answers beside the multiplier chart; the reasons are those of the method's published roots and our own runs."""

from __future__ import annotations

import streamlit as st

ANSWERS = (
    (
        "It rises, then stays flat",
        "The bound is active: the task would like to give up more than its tolerance, and the multiplier has found the "
        "price that stops it. Its height says what one more unit of tolerance would buy: a high price means that a "
        "little more tolerance helps the improved task a lot.",
    ),
    (
        "It falls to 0",
        "The bound is not active: the task stays within its tolerance by itself, because the tasks help each other or "
        "because the tolerance is generous. A tighter tolerance costs nothing here.",
    ),
    (
        "It keeps growing",
        "Either the tolerance is 0, which has no finite price, or the bound cannot be met. If the violation is above 0 "
        "on the validation rows but below 0 on the training batches, it is over-fitting, not interference: shorten "
        "the stage or regularise more.",
    ),
    (
        "It swings up and down",
        "The multiplier reacts faster than the network. Lower the dual rate, or add damping, in More settings.",
    ),
    (
        "It jumps at the start of a stage",
        "Normal: the new task pulls hard while it is far from its own best, then less and less.",
    ),
    (
        "Two gradients point in opposite directions (180°)",
        "At an active bound this is what success looks like: the improved task pulls one way, the protected task just "
        "as hard the other way, and the multiplier balances them.",
    ),
)


def faq() -> None:
    """A button that opens the answers."""
    menu = st.popover("Reading multipliers", icon=":material/help:", type="tertiary",
                      help="What should my multipliers look like?", on_change="rerun", key="faq")  # fmt: skip
    if menu.open:
        with menu:
            for question, answer in ANSWERS:
                st.markdown(f"**{question}.** {answer}")
