"""The loop: trainer, its state, bounds, telemetry, checkpoints, live control.

    run = Trainer(default_run("shop"), load_dataset(DatasetChoice("shop")))
    for events in run.run(): ...          # one optimiser step a turn

Read `loop` first: it is the only writer of `state.RunState`, besides `control`. May import: `core.settings`,
`core.data`, `core.models`, `core.methods`, `core.insight`, `core.events`. Needs torch, numpy and pydantic alone;
configs, events and knobs not even torch, so the names below are loaded when they are first asked for.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from core.events.events import Event
    from core.settings.presets import default_run
    from core.settings.run import OptimiserConfig, RunConfig
    from core.training.bounds import Bounds
    from core.training.knobs import Knobs
    from core.training.loop import Trainer
    from core.training.state import RunState

_WHERE = {
    "Bounds": "core.training.bounds",
    "Event": "core.events.events",
    "Knobs": "core.training.knobs",
    "OptimiserConfig": "core.settings.run",
    "RunConfig": "core.settings.run",
    "RunState": "core.training.state",
    "Trainer": "core.training.loop",
    "default_run": "core.settings.presets",
}

__all__ = ["Bounds", "Event", "Knobs", "OptimiserConfig", "RunConfig", "RunState", "Trainer", "default_run"]


def __getattr__(name: str) -> Any:
    if name not in _WHERE:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_WHERE[name]), name)
