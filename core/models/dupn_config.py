"""DUPN in one typed object."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from core.data.histories.limits import MOST, MOST_KEPT
from core.settings_field import setting

Width = Annotated[int, Field(gt=0, le=1024)]

PAPER = {"hidden": 128, "length": 100, "attention": (128, 64), "tower": (128, 128)}
"""The paper's sizes (§3.1–3.3); the defaults below are smaller, so that two CPU cores train it in a minute."""


class DUPNConfig(BaseModel):
    """Sizes of the network and the arm of the ablation; embedding widths are the paper's, see `dupn_embedding`."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    kind: Literal["dupn"] = "dupn"
    arm: Literal["none", "gates", "attention", "all"] = setting(
        "all",
        "Properties enter",
        "Where the kind, the scenario and the time of an event come in: the paper's ablation.",
        group="Network",
        choices={
            "all": "in the gates and the attention",
            "gates": "in the gates alone",
            "attention": "in the attention alone",
            "none": "nowhere",
        },
    )
    matching: bool = setting(
        True,
        "Match users and candidates",
        "Items reach the user past the LSTM too, and the heads see the product of user and candidate.",
        group="Network",
        choices={True: "yes, ours", False: "no, as in the paper"},
    )
    query_match: bool = setting(
        False,
        "Attention sees what fits the query",
        "Whether an event has the query's category and words enters its score of attention.",
        group="Network",
        choices={True: "yes, ours", False: "no, as in the paper"},
        later=True,
    )
    kinds_apart: bool = setting(
        False,
        "Heads count kinds apart",
        "How many clicks, carts, purchases … of its own item, shop, brand and category a candidate finds in the "
        "history, older and younger than two days, beside the attention that falls on them. Needs matching, and "
        "properties in the attention.",
        group="Network",
        choices={True: "yes, ours", False: "no"},
        later=True,
    )
    time: Literal["buckets", "continuous", "both"] = setting(
        "buckets",
        "Age of an event",
        "By the paper's eleven buckets, or by waves of learnt length over the logarithm of its age (Time2Vec), for "
        "which the data set keeps exact ages.",
        group="Network",
        choices={
            "buckets": "by buckets, as in the paper",
            "continuous": "continuous, ours",
            "both": "both",
        },
        later=True,
    )
    start: Literal["counted", "random"] = setting(
        "counted",
        "Vectors of items begin",
        "Counted: names that the same people turn to lie near each other from the first step. Ours, see `dupn_start`.",
        group="Network",
        choices={"counted": "where counting puts them", "random": "anywhere"},
    )
    hidden: Width = setting(
        64,
        "Width of the sequence network",
        "Numbers in a state; a user is represented by twice as many. The paper has 128.",
        group="Network",
        step=16,
    )
    length: int = setting(
        50,
        "Events read",
        f"The latest so many before the search, at most those that the data set keeps: {MOST}, as in the paper, or "
        "dataset.events.",
        group="Network",
        step=10,
        gt=0,
        le=MOST_KEPT,
    )
    attention: tuple[Width, ...] = setting(
        (64, 32),
        "Layers of the attention",
        "Widths before the score of an event, first layer first. The paper has 128, 64.",
        group="Network",
        min_length=1,
    )
    tower: tuple[Width, ...] = setting(
        (64,), "Layers of each task", "Widths of a task's own layers; empty for none.", group="Network"
    )
    dropout: float = setting(
        0.1,
        "Dropout",
        "Share of the representation left out at random while training.",
        group="Network",
        step=0.05,
        ge=0,
        lt=1,
    )
