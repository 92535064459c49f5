"""Which network, in one typed object: `ModelChoice`, told apart by `kind`."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Discriminator, Field, Tag

from core.models.activation import Activation
from core.models.deepbow_config import DeepBoWConfig
from core.models.dupn_config import DUPNConfig
from core.models.ranker_config import RankerConfig
from core.settings_field import setting

LAYERED = frozenset(("shared_bottom", "mmoe", "ple"))
"""The networks that share one set of settings."""

NETWORKS = LAYERED | {"deepbow", "dupn", "ranker"}
"""Every network's `kind`."""

Width = Annotated[int, Field(gt=0, le=8192)]


class ModelConfig(BaseModel):
    """Widths and shapes of the network; `kind` names the sharing scheme."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    kind: Literal["shared_bottom", "mmoe", "ple"] = "shared_bottom"
    embedding_dim: int = setting(
        16, "Numbers an id", "Length of the vector learnt for each id.", group="Network", step=4, gt=0, le=512
    )
    trunk: tuple[Width, ...] = setting(
        (64, 32),
        "Shared layers",
        "Widths, first layer first, as in 64, 32; of each expert where there are experts.",
        group="Network",
        min_length=1,
    )
    tower: tuple[Width, ...] = setting(
        (16,), "Layers of each task", "Widths of a task's own layers; empty for none.", group="Network"
    )
    experts: int = setting(
        4,
        "Experts",
        "Shared networks that each task mixes in its own way; of PLE, on each level.",
        group="Network",
        step=1,
        kinds=("mmoe", "ple"),
        gt=0,
        le=64,
    )
    task_experts: int = setting(
        1,
        "Own experts of a task",
        "Experts that only one task uses.",
        group="Network",
        step=1,
        kinds=("ple",),
        gt=0,
        le=16,
    )
    levels: int = setting(
        2, "Levels", "Layers of experts, one above the other.", group="Network", step=1, kinds=("ple",), gt=0, le=4
    )
    activation: Activation = setting(
        "relu",
        "Activation",
        "What a layer passes on. A leaky ReLU passes on a tenth of what is below 0: in a narrow layer a unit that is "
        "below 0 for every row learns no more under ReLU.",
        group="Network",
        choices={"relu": "ReLU", "leaky_relu": "leaky ReLU"},
        later=True,
    )
    dropout: float = setting(
        0.1, "Dropout", "Share of values left out at random while training.", group="Network", step=0.05, ge=0, lt=1
    )


def _kind(given: Any) -> str:
    """Which config class a value is for; without a kind it is for the layered networks."""
    kind = given.get("kind", "shared_bottom") if isinstance(given, dict) else getattr(given, "kind", "")
    return "shared_bottom" if kind in LAYERED else str(kind)


ModelChoice = Annotated[
    Annotated[ModelConfig, Tag("shared_bottom")]
    | Annotated[DeepBoWConfig, Tag("deepbow")]
    | Annotated[DUPNConfig, Tag("dupn")]
    | Annotated[RankerConfig, Tag("ranker")],
    Discriminator(
        _kind,
        custom_error_type="network",
        custom_error_message=f"give one of the networks {', '.join(sorted(NETWORKS))}",
    ),
]
"""Any network. Another one joins by its own config class with a `kind`."""
