"""Which network, in one typed object: `ModelChoice`, told apart by `kind`."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Discriminator, Field, Tag

from core.models.deepbow_config import DeepBoWConfig
from core.models.dupn_config import DUPNConfig

LAYERED = frozenset(("shared_bottom", "mmoe", "ple"))
"""The networks that share one set of settings."""

NETWORKS = LAYERED | {"deepbow", "dupn"}
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


def _kind(given: Any) -> str:
    """Which config class a value is for; without a kind it is for the layered networks."""
    kind = given.get("kind", "shared_bottom") if isinstance(given, dict) else getattr(given, "kind", "")
    return "shared_bottom" if kind in LAYERED else str(kind)


ModelChoice = Annotated[
    Annotated[ModelConfig, Tag("shared_bottom")]
    | Annotated[DeepBoWConfig, Tag("deepbow")]
    | Annotated[DUPNConfig, Tag("dupn")],
    Discriminator(
        _kind,
        custom_error_type="network",
        custom_error_message=f"give one of the networks {', '.join(sorted(NETWORKS))}",
    ),
]
"""Any network. Another one joins by its own config class with a `kind`."""
