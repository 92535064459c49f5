"""Shapes and choices of the ranker."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from core.settings_field import setting


class RankerConfig(BaseModel):
    """One network with one number for a row; every task reads its order off that number."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    kind: Literal["ranker"] = "ranker"
    embedding_dim: int = setting(
        8, "Numbers an id", "Length of the vector learnt for each id.", group="Network", step=4, gt=0, le=512
    )
    trunk: tuple[Annotated[int, Field(gt=0, le=8192)], ...] = setting(
        (32,), "Layers", "Widths, first layer first, as in 64, 32.", group="Network", min_length=1
    )
    dropout: float = setting(
        0.1, "Dropout", "Share of values left out at random while training.", group="Network", step=0.05, ge=0, lt=1
    )
    loss: Literal["listwise", "pointwise"] = setting(
        "listwise",
        "Loss",
        "List by list: the scores of a list, by softmax, against its shares of gain. Row by row: each row's own gain.",
        group="Network",
        choices={"listwise": "list by list", "pointwise": "row by row"},
    )
