"""Which device a run uses, and why."""

from __future__ import annotations

import torch

from core.errors import PrecedenceError

_NEEDED = 1 << 30  # bytes that should be free on a GPU before it is chosen: one small run with its data


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
