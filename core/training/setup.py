"""What a run is given and never changes: data and network on a device, the losses of its tasks."""

from __future__ import annotations

from dataclasses import dataclass

import torch

from core.data.dataset import Dataset
from core.data.ranking import row_by_row
from core.errors import PrecedenceError
from core.models.build import build as build_network
from core.models.losses import TaskLosses
from core.models.network import Network
from core.models.ranker_config import RankerConfig
from core.settings.run import RunConfig

_NEEDED = 1 << 30  # bytes that should be free on a GPU before it is chosen: one small run with its data


@dataclass(frozen=True)
class Setup:
    """`dataset` may lie anywhere; it is moved to the run's device once."""

    dataset: Dataset
    losses: TaskLosses
    network: Network  # its weights are the run's, the object stays
    device: torch.device
    device_reason: str  # a person can read it

    @classmethod
    def make(cls, config: RunConfig, dataset: Dataset, device: str | None, dtype: torch.dtype) -> Setup:
        """A fresh network for the data set, both on `device`, else on the one that the config asks for."""
        chosen, reason = choose(device or config.device)
        if isinstance(config.model, RankerConfig) and config.model.loss == "pointwise":
            dataset = row_by_row(dataset)
        moved = dataset.to(chosen, dtype)
        network = build_network(config.model, dataset.description, config.seed)
        network.begin(dataset)
        network.to(chosen, dtype)
        return cls(moved, TaskLosses(moved), network, chosen, reason)

    @property
    def tasks(self) -> tuple[str, ...]:
        """Names, in the data set's order."""
        return self.dataset.description.card.task_names()


def choose(wanted: str) -> tuple[torch.device, str]:
    """The device for `wanted` ("auto", "cpu" or "cuda") and a reason a person can read.

    Raises PrecedenceError where "cuda" is asked for and there is none.
    """
    if wanted == "cpu":
        return torch.device("cpu"), "CPU, as asked for"
    if not torch.cuda.is_available():
        if wanted == "cuda":
            raise PrecedenceError("Device 'cuda' was asked for, but torch finds no CUDA GPU here; use 'auto' or 'cpu'.")
        return torch.device("cpu"), "CPU: torch finds no CUDA GPU here"
    name = torch.cuda.get_device_name()
    free, _ = torch.cuda.mem_get_info()
    if wanted == "auto" and free < _NEEDED:
        return torch.device("cpu"), f"CPU: {name} has only {free >> 20} MiB free"
    return torch.device("cuda"), f"{name}, {free / 2**30:.0f} GiB free"
