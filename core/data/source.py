"""Which data a run reads: the only part of the run config that this room knows."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field


class DatasetChoice(BaseModel):
    """Which data, before it is read."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str = "shop"  # shop | completejourney | census | shop_pairs | qbqtc | own
    conflict: float = Field(0.7, ge=0, le=1)  # shop only: how strongly tempting off-topic products draw clicks
    path: str | None = None  # own only: folder that holds table.parquet and description.json
    rows: int | None = Field(None, gt=0)  # keep only the first so many training rows: for a quick look
