"""The start that comes with the program: whoever trains the shop's default settings sees multipliers at once.

sample_data/example/start/ holds where the example's first task has its bound, as state and event log. A run of the same
settings and seed, whatever its tolerances, begins there as a sweep's points begin at a stage that they have in common;
and what the example told of each task alone stands in the run, so that only what is new is trained.
"""

from __future__ import annotations

import os
import secrets
import shutil
from pathlib import Path

from core.data.registry import card
from core.errors import PrecedenceError
from core.runs.folder.shared_stages import Start, has_stage
from core.runs.paths import stages_folder
from core.runs.workers.single_tasks import SingleTasks
from core.server.example import FOLDER, ExampleFolder, example
from core.settings.run import RunConfig
from core.sweeps.keys import stage_keys

SHIPPED = FOLDER / "start"
STAGES = 2  # that were trained: all tasks together, then the first one alone


def shipped_start(home: Path, config: RunConfig) -> Start | None:
    """Where a run of these settings may begin, put into the home; None where it trains everything itself."""
    tasks = card(config.dataset).task_names()
    keys = stage_keys(config, tasks)
    try:
        example = stage_keys(ExampleFolder().config(), tasks) if config.dataset.path is None else ()
    except (PrecedenceError, OSError):  # damaged, or not there: the run trains everything itself
        return None
    if len(keys) <= STAGES or keys[:STAGES] != example[:STAGES]:
        return None
    if not has_stage(home, keys[STAGES - 1]) and not _put(stages_folder(home) / keys[STAGES - 1]):
        return None
    _put_single_tasks(home)
    return Start(keys=keys[:STAGES])


def _put_single_tasks(home: Path) -> None:
    """Into the home, what the example told of each task alone."""
    shown = example()
    if shown is not None:
        SingleTasks(home).keep(ExampleFolder().config(), shown.events)


def _put(folder: Path) -> bool:
    """Whether the folder now holds the start; it appears whole or not at all."""
    unfinished = folder.with_name(f".{folder.name}.{secrets.token_hex(4)}")
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        shutil.copytree(SHIPPED, unfinished)
        os.rename(unfinished, folder)
    except OSError:  # another run was faster, no room, or a program without the start
        shutil.rmtree(unfinished, ignore_errors=True)
    return (folder / "state.pt").is_file()
