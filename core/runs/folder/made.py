"""What a run was made with, once for each time that it began or went on elsewhere: provenance.json."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict

from core.errors import PrecedenceError
from core.records import put_aside, read_record, write_record
from core.runs.folder.run_folder import RunFolder
from core.training.provenance import Provenance

FILE = "provenance.json"


class _Made(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")
    parts: list[Provenance] = []


def read_made(folder: RunFolder) -> list[Provenance]:
    """In the order of steps; none where the run is older than this record."""
    try:
        return read_record(_Made, folder.path / FILE, "start the run again").parts
    except FileNotFoundError:
        return []


def note_made(folder: RunFolder, now: Provenance) -> None:
    """Adds what the run goes on with from now on; nothing where it is what it went on with before."""
    try:
        parts = [part for part in read_made(folder) if part.from_step < now.from_step]
    except PrecedenceError as error:  # the run itself may be whole
        put_aside(folder.path / FILE, error)
        parts = []
    if not parts or parts[-1].differences(now):
        write_record(folder.path / FILE, _Made(parts=[*parts, now]))
