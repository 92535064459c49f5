"""The picture of a long log from samples of it, within a second: what is shown while the whole is being read."""

from __future__ import annotations

import json
from contextlib import suppress
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from core.events.events import EVENT, Started, Step
from core.runs.folder.run_folder import RunFolder
from core.runs.folder.series import Series

LONG = 8 << 20  # bytes of a log from which on it is sampled first
SAMPLES, SAMPLE = 120, 24 << 10  # places, and bytes read at each


class Sampled(Series):
    """Curves of the samples, and what else they say."""

    def __init__(self) -> None:
        super().__init__()
        self.said: list[dict[str, Any]] = []


def sampled(folder: RunFolder) -> Sampled | None:
    """Whole lines at even distances; None where the log is short or says nothing of its tasks."""
    series = Sampled()
    with suppress(OSError):
        size = folder.log.stat().st_size
        if size < LONG:
            return None
        for line in _lines(folder.log, size):
            _take(series, line)
    return series if series.tasks and len(series) else None


def _lines(log: Path, size: int) -> list[bytes]:
    found = []
    with log.open("rb") as file:
        for number in range(SAMPLES):
            start = number * (size - SAMPLE) // (SAMPLES - 1)
            file.seek(start)
            lines = file.read(SAMPLE).split(b"\n")
            found += lines[bool(start) : -1]  # the first and the last are not whole
    return found


def _take(series: Sampled, line: bytes) -> None:
    try:
        event = EVENT.validate_json(line)
    except ValidationError:
        return
    if isinstance(event, Step):
        if len(event.loss) == len(series.tasks):
            series.add(event)
        return
    if isinstance(event, Started):
        series.start(event)
    series.said.append(json.loads(event.model_dump_json()))
