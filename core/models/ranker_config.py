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
        (32,),
        "Layers",
        "Widths, first layer first, as in 64, 32. In a config file also none: the score is then a sum of the features.",
        group="Network",
    )
    dropout: float = setting(
        0.1, "Dropout", "Share of values left out at random while training.", group="Network", step=0.05, ge=0, lt=1
    )
    first_weight: float = setting(
        0.0,
        "Weight of the first number",
        "Above 0 a row's first number has this weight, which is not learnt, and what is learnt is added to it: a score "
        "that is there already keeps its meaning. 0: all is learnt.",
        group="Network",
        step=0.5,
        ge=0,
        le=1000,
        later=True,
    )
    loss: Literal["listwise", "pointwise"] = setting(
        "listwise",
        "Loss",
        "List by list: the scores of a list, by softmax, against its shares of gain. Row by row: each row's own gain.",
        group="Network",
        choices={"listwise": "list by list", "pointwise": "row by row"},
    )
