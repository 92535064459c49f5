"""Reads off a run what it is made with: see `core.training.provenance`. Imports torch."""

from __future__ import annotations

import os
import platform
from importlib import metadata

import torch

from core import __version__
from core.data.dataset import content_of
from core.training.provenance import Provenance
from core.training.state import RunState

PACKAGES = ("torch", "numpy", "duckdb", "pydantic", "safetensors", "scikit-learn", "torchjd")
"""Those whose version may change a bit of a result."""


def made_with(run: RunState) -> Provenance:
    """Of a run that begins, or goes on, in this process."""
    setup, dataset = run.setup, run.setup.dataset
    preparation = dataset.preparation
    return Provenance(
        from_step=run.step,
        versions={"precedence": __version__, "python": platform.python_version(), **_versions()},
        machine=f"{platform.system()} {platform.machine()}",
        capability=torch.backends.cpu.get_cpu_capability(),
        device=setup.device.type,
        device_name=torch.cuda.get_device_name() if setup.device.type == "cuda" else "",
        threads=torch.get_num_threads(),
        seed=run.config.seed,
        data=content_of(dataset),
        data_name=os.path.basename(run.config.dataset.path or run.config.dataset.name),
        rows={name: len(rows) for name, rows in dataset.rows.items()},
        reader=preparation.options if preparation is not None else {},
    )


def _versions() -> dict[str, str]:
    found = {}
    for name in PACKAGES:
        try:
            found[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            continue
    return found
