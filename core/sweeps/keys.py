"""Which stages two runs have in common: equal keys, equal bits.

Stage k of a staged method depends on the order of the first k tasks and on the tolerances of the first k − 1 of them;
on no later task's place and on no other tolerance. Everything else in a config counts in full.

A common start depends on no tolerance at all, and on the order only where its weights fall with priority: all points of
a seed share it. Stages after it depend on which tasks took part, too.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from core.files import short_hash
from core.methods.interface import ConstrainedConfig
from core.methods.registry import METHODS
from core.runs.workers.registry import program_state
from core.settings.run import RunConfig
from core.training.schedule import stage_lengths, starts_together

APART = {"tolerances", "tolerance", "priority", "name", "reference"}
"""Fields that are taken apart by task, or that do not change what a stage trains."""


def stage_keys(config: RunConfig, tasks: tuple[str, ...]) -> tuple[str, ...]:
    """A key for the end of each stage; empty where the method has none to share. `tasks` are the data set's."""
    if not METHODS[config.method.kind].staged:
        return ()
    order = config.priority or tasks
    common: list[Any] = [config.model_dump(mode="json", exclude=APART)]
    keys = []
    if starts_together(config, len(order)):
        assert isinstance(config.method, ConstrainedConfig)
        common.append(sorted(order) if config.method.together_decay == 1 else order)
        keys.append(_key([*common, "together"]))
    for stages in range(1, len(order) + 1):
        held = [config.tolerance_of(name) for name in order[: stages - 1]]
        keys.append(_key([*common, order[:stages], held]))
    return tuple(keys)


def _key(parts: Sequence[Any]) -> str:
    said = json.dumps([*parts, program_state()], sort_keys=True)
    return short_hash(said)


def planned_steps(configs: Sequence[RunConfig], tasks: tuple[str, ...], shared: bool = True) -> tuple[int, int]:
    """Most optimiser steps that these runs take with each common stage trained once, and without sharing."""
    apart = sum(sum(stage_lengths(config, len(config.priority or tasks))) for config in configs)
    return sum(steps_of_each(configs, tasks, shared)), apart


def steps_of_each(configs: Sequence[RunConfig], tasks: tuple[str, ...], shared: bool = True) -> list[int]:
    """Most optimiser steps of each run in turn; stages that it has in common with one before it are not counted."""
    found = []
    seen: set[str] = set()
    for config in configs:
        lengths = stage_lengths(config, len(config.priority or tasks))
        keys = stage_keys(config, tasks) if shared else ()
        new = [key not in seen for key in keys] or [True] * len(lengths)
        found.append(sum(steps for steps, is_new in zip(lengths, new, strict=True) if is_new))
        seen |= set(keys)
    return found
