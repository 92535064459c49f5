"""The loop: run config, trainer, telemetry events, checkpoints, live control.

    run = Trainer(default_run("shop"), load_dataset(DatasetChoice("shop")))
    for events in run.run(): ...          # one optimiser step a turn

Read `loop` first: it is the only writer of `state.RunState`, besides `control`. May import: `core.data`, `core.models`,
`core.methods`, `core.insight`. Needs torch, numpy and pydantic alone; configs, events and knobs not even torch, so the
names below are loaded when they are first asked for.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from core.training.bounds import Bounds
    from core.training.config import OptimiserConfig, RunConfig
    from core.training.events import Event
    from core.training.knobs import Knobs
    from core.training.loop import Trainer
    from core.training.presets import default_run
    from core.training.state import RunState

_WHERE = {
    "Bounds": "bounds",
    "Event": "events",
    "Knobs": "knobs",
    "OptimiserConfig": "config",
    "RunConfig": "config",
    "RunState": "state",
    "Trainer": "loop",
    "default_run": "presets",
}

__all__ = ["Bounds", "Event", "Knobs", "OptimiserConfig", "RunConfig", "RunState", "Trainer", "default_run"]


def __getattr__(name: str) -> Any:
    if name not in _WHERE:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_WHERE[name]}"), name)
