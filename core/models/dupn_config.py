"""DUPN in one typed object."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from core.data.histories.histories import MOST

Width = Annotated[int, Field(gt=0, le=1024)]

PAPER = {"hidden": 128, "length": 100, "attention": (128, 64), "tower": (128, 128)}
"""The paper's sizes (§3.1–3.3); the defaults below are smaller, so that two CPU cores train it in a minute."""


class DUPNConfig(BaseModel):
    """Sizes of the network and the arm of the ablation; embedding widths are the paper's, see `dupn_embedding`."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: Literal["dupn"] = "dupn"
    arm: Literal["none", "gates", "attention", "all"] = "all"  # where properties of an event enter
    matching: bool = True  # ours: items also reach the user past the LSTM, and heads see user × candidate
    start: Literal["counted", "random"] = "counted"  # of the item part of the table; ours, see `dupn_start`
    hidden: Width = 64  # of the LSTM; the representation is twice as wide
    length: int = Field(50, gt=0, le=MOST)  # latest events that are read
    attention: tuple[Width, ...] = Field((64, 32), min_length=1)  # layers before the score of an event
    tower: tuple[Width, ...] = (64,)  # widths of each task's own layers
    dropout: float = Field(0.1, ge=0, lt=1)  # on the representation
