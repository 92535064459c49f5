"""Tasks that were trained alone, kept for runs of equal settings and seed: alone/<key>.json of a home.

The key is of all settings but those that a task alone knows nothing of. What is kept is small: readings, no model.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from core.errors import PrecedenceError
from core.events.events import Event, Started
from core.files import short_hash
from core.records import LaterError, put_aside, read_record, write_record
from core.runs.folder.run_folder import RunFolder
from core.runs.paths import single_tasks_folder
from core.runs.workers.registry import program_state
from core.settings.run import RunConfig
from core.training.schedule import steps_alone
from core.training.single_task import SingleTask, single_tasks_of

NOT_OF_ONE_TASK = {
    "method", "priority", "tolerance", "tolerances", "name", "reference", "stage_steps", "probe_every", "probe_batches",
    "record_every",
}  # fmt: skip
MOST_KEPT = 400  # the oldest go first
LONGEST_LOG = 8 << 20  # bytes: a longer one is not read again while others wait for their turn

_log = logging.getLogger(__name__)


class SingleTasks:
    """Those of one home."""

    def __init__(self, home: Path) -> None:
        self._folder = single_tasks_folder(home)

    def find(self, config: RunConfig, task: str, steps: int) -> SingleTask | None:
        """What a run of equal settings told of the task, with at most so many steps; None where none has."""
        file = self._file(config, task, steps)
        try:
            return read_record(SingleTask, file, "it is trained again")
        except FileNotFoundError:
            return None
        except PrecedenceError as error:
            with suppress(LaterError):
                put_aside(file, error)
            return None

    def keep_of(self, folder: RunFolder) -> None:
        """Those of a run that has just finished; none of one that was edited, whose settings were several."""
        try:
            config = folder.config()
            if config.reference and folder.applied() == 0 and folder.log.stat().st_size <= LONGEST_LOG:
                self.keep(config, list(folder.events()))
        except (PrecedenceError, OSError) as error:  # the run itself is done
            _log.info("what the tasks of run %s come to alone was not kept (%s)", folder.run_id, error)

    def keep(self, config: RunConfig, events: Sequence[Event]) -> None:
        """Those of a finished run; nothing where there is no room."""
        tasks = next((len(event.priority) for event in events if isinstance(event, Started)), 0)
        steps = steps_alone(config, tasks) if tasks else 0
        try:
            for task, found in single_tasks_of(events).items():
                file = self._file(config, task, steps)
                if not file.exists():
                    file.parent.mkdir(parents=True, exist_ok=True)
                    write_record(file, found)
            self._prune()
        except OSError as error:
            _log.info("what tasks come to alone was not kept (%s)", error)

    def _prune(self) -> None:
        with suppress(FileNotFoundError):
            files = sorted(self._folder.glob("*.json"), key=lambda path: path.stat().st_mtime)
            for file in files[:-MOST_KEPT]:
                file.unlink(missing_ok=True)

    def _file(self, config: RunConfig, task: str, steps: int) -> Path:
        settings = config.model_dump(mode="json", exclude=NOT_OF_ONE_TASK)
        said = json.dumps([settings, task, steps, program_state()], sort_keys=True)
        return self._folder / f"{short_hash(said)}.json"
