"""Which network, in one typed object: `ModelChoice`, told apart by `kind`."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from core.models.dupn_config import DUPNConfig

LAYERED = frozenset(("shared_bottom", "mmoe", "ple"))
"""The networks that share one set of settings."""

NETWORKS = LAYERED | {"dupn"}
"""Every network's `kind`."""

Width = Annotated[int, Field(gt=0, le=8192)]


class ModelConfig(BaseModel):
    """Widths and shapes of the network; `kind` names the sharing scheme."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: Literal["shared_bottom", "mmoe", "ple"] = "shared_bottom"
    embedding_dim: int = Field(16, gt=0, le=512)  # per sparse feature
    trunk: tuple[Width, ...] = Field((64, 32), min_length=1)  # widths of the shared layers (of each expert: mmoe, ple)
    tower: tuple[Width, ...] = (16,)  # widths of each task's own layers before its single output
    experts: int = Field(4, gt=0, le=64)  # mmoe: experts; ple: shared experts a level
    task_experts: int = Field(1, gt=0, le=16)  # ple: own experts of a task a level
    levels: int = Field(2, gt=0, le=4)  # ple: extraction levels
    dropout: float = Field(0.1, ge=0, lt=1)  # on the embedded input and after each shared layer


ModelChoice = Annotated[ModelConfig | DUPNConfig, Field(discriminator="kind")]
"""Any network. Another one joins by its own config class with a `kind`: a union that pydantic tells apart by it."""
