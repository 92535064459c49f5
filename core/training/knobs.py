"""What may be turned while a run goes on."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field


class Knobs(BaseModel):
    """Changes asked for; what is None stays as it is."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    tolerances: dict[str, Annotated[float, Field(ge=0, allow_inf_nan=False)]] | None = None
    priority: tuple[str, ...] | None = None
    learning_rate: Annotated[float, Field(gt=0, le=10)] | None = None
    dual_rate: Annotated[float, Field(gt=0, le=1e6)] | None = None
