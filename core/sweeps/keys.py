"""Which stages two runs have in common: equal keys, equal bits.

Stage k of a staged method depends on the order of the first k tasks and on the tolerances of the first k − 1 of them;
on no later task's place and on no other tolerance. Everything else in a config counts in full.
"""

from __future__ import annotations

import functools
import hashlib
import json
from collections.abc import Sequence

from core.methods.registry import METHODS
from core.runs.workers.registry import code_state
from core.training.config import RunConfig

APART = {"tolerances", "tolerance", "priority", "name", "reference"}
"""Fields that are taken apart by task, or that do not change what a stage trains."""


def stage_keys(config: RunConfig, tasks: tuple[str, ...]) -> tuple[str, ...]:
    """A key for the end of each stage; empty where the method has none to share. `tasks` are the data set's."""
    if not METHODS[config.method.kind].staged:
        return ()
    order = config.priority or tasks
    common = config.model_dump(mode="json", exclude=APART)
    keys = []
    for stages in range(1, len(order) + 1):
        held = [config.tolerance_of(name) for name in order[: stages - 1]]
        said = json.dumps([common, order[:stages], held, _program()], sort_keys=True)
        keys.append(hashlib.sha256(said.encode()).hexdigest()[:24])
    return tuple(keys)


@functools.cache
def _program() -> str:
    """Another state of the program may train other bits."""
    return code_state()


def planned_steps(configs: Sequence[RunConfig], tasks: tuple[str, ...], shared: bool = True) -> tuple[int, int]:
    """Most optimiser steps that these runs take with each common stage trained once, and without sharing."""
    together, apart = 0, 0
    seen: set[str] = set()
    for config in configs:
        stages = len(config.priority or tasks) if METHODS[config.method.kind].staged else 1
        keys = stage_keys(config, tasks) if shared else ()
        apart += stages * config.stage_steps
        together += config.stage_steps * (len(set(keys) - seen) if keys else stages)
        seen |= set(keys)
    return together, apart
