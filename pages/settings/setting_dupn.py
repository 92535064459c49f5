"""The settings that only DUPN has."""

from __future__ import annotations

from core.data.histories.histories import MOST
from pages.settings.setting_list import Setting

DUPN: tuple[Setting, ...] = (
    Setting(
        "model.arm",
        "Properties enter",
        "Where the kind, the scenario and the time of an event come in: the paper's ablation.",
        "Network",
        choices={
            "all": "in the gates and the attention",
            "gates": "in the gates alone",
            "attention": "in the attention alone",
            "none": "nowhere",
        },
        models=("dupn",),
    ),
    Setting(
        "model.matching",
        "Match users and candidates",
        "Items reach the user past the LSTM too, and the heads see the product of user and candidate.",
        "Network",
        choices={True: "yes, ours", False: "no, as in the paper"},
        models=("dupn",),
    ),
    Setting(
        "model.start",
        "Vectors of items begin",
        "Counted: names that the same people turn to lie near each other from the first step. Ours.",
        "Network",
        choices={"counted": "where counting puts them", "random": "anywhere"},
        models=("dupn",),
    ),
    Setting(
        "model.hidden",
        "Width of the sequence network",
        "Numbers in a state; a user is represented by twice as many. The paper has 128.",
        "Network",
        low=1,
        high=1024,
        step=16,
        models=("dupn",),
    ),
    Setting(
        "model.length",
        "Events read",
        f"The latest so many before the search, at most {MOST}, as in the paper.",
        "Network",
        low=1,
        high=MOST,
        step=10,
        models=("dupn",),
    ),
    Setting(
        "model.attention",
        "Layers of the attention",
        "Widths before the score of an event, first layer first. The paper has 128, 64.",
        "Network",
        models=("dupn",),
    ),
)
