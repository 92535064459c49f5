"""A run as one file that works elsewhere, and back: a zip of its settings, log, result, model and notebook.

It names no place on this machine. An uploaded table is named by its folder's name and its content, and is
looked for under that name where the run is brought.
"""

from __future__ import annotations

import json
import shutil
import zipfile
from io import BytesIO
from pathlib import Path

from pydantic import ValidationError

from core.data.sources.uploaded.places import uploaded_folders
from core.errors import PrecedenceError, first_problem
from core.events.events import Finished
from core.records import record_text
from core.runs.folder.made import FILE as PROVENANCE
from core.runs.folder.made import read_made
from core.runs.folder.names import is_run_id, new_run_id
from core.runs.folder.run_folder import About, RunFolder, is_run
from core.runs.folder.status import RunStatus
from core.runs.listing.notebook import command_line, notebook
from core.runs.paths import runs_folder
from core.settings.run import RunConfig

ENDING = ".run.zip"
HELD = ("config.json", "result.json", "events.jsonl", "model.zip", PROVENANCE)
"""Files of a run's folder that go with it; locks, keys and orders stay."""
LARGEST = 4 << 30  # bytes of all files of a zip that is brought
NOTE = "run.json"


def run_as_zip(home: Path, run_id: str) -> bytes:
    """A finished run as one file; raises PrecedenceError where it is not finished."""
    folder = RunFolder(home, run_id)
    config, about = folder.config(), folder.about()
    if folder.result() is None:
        raise PrecedenceError(f"Run {run_id} is {folder.status().state}; a finished run can be taken home.")
    made = read_made(folder)
    note = {
        "run": run_id,
        "about": {"name": about.name, "tags": about.tags, "notes": about.notes, "created": about.created},
        "status": folder.status().model_dump(include={"step", "seconds", "device"}),
        "data": {
            "name": config.without_place().dataset.path or config.dataset.name,
            "content": made[-1].data if made else "",
        },
        "command": command_line(config),
    }
    out = BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr(NOTE, json.dumps(note, indent=1))
        file.writestr("config.json", record_text(config.without_place(), indent=1))
        file.writestr("train.ipynb", notebook(config, about.name or run_id))
        for name in HELD[1:]:
            if (folder.path / name).is_file():
                file.write(folder.path / name, name)
    return out.getvalue()


def run_from_zip(home: Path, content: bytes, owner: str = "") -> str:
    """Keeps a run that `run_as_zip` wrote, or a folder of `train --out` as a zip, and returns its name here.

    Nothing is kept where any part of it cannot be used.
    """
    try:
        with zipfile.ZipFile(BytesIO(content)) as file:
            infos = {info.filename.rsplit("/", 1)[-1]: info for info in file.infolist() if not info.is_dir()}
            if sum(info.file_size for info in infos.values()) > LARGEST or file.testzip() is not None:
                raise ValueError("it is damaged or too large")
            parts = {name: file.read(infos[name]) for name in (*HELD, NOTE) if name in infos}
        config = RunConfig.model_validate_json(parts["config.json"])
        result = Finished.model_validate_json(_as_result(parts))
        note = json.loads(parts.get(NOTE, b"{}"))
        about = About.model_validate({**note.get("about", {}), "owner": owner})
        status = RunStatus.model_validate({**note.get("status", {}), "state": "finished"})
    except (KeyError, ValueError, ValidationError, zipfile.BadZipFile, OSError, AttributeError) as error:
        said = first_problem(error)[2] if isinstance(error, ValidationError) else str(error)
        reason = " ".join(said.split())[:200]
        raise PrecedenceError(
            f"This is no run that can be brought ({reason}); give one that `precedence runs export` made."
        ) from error
    return _kept(home, str(note.get("run", "")), parts, placed(config), about, status, result)


def _as_result(parts: dict[str, bytes]) -> bytes:
    """The last event of the log, which is the result in the form of events whoever wrote the folder."""
    lines = [line for line in parts.get("events.jsonl", b"").splitlines() if b'"finished"' in line]
    return lines[-1] if lines else parts["result.json"]


def _kept(
    home: Path,
    run_id: str,
    parts: dict[str, bytes],
    config: RunConfig,
    about: About,
    status: RunStatus,
    result: Finished,
) -> str:
    if not is_run_id(run_id) or is_run(home, run_id) or (runs_folder(home) / run_id).exists():
        run_id = new_run_id()
    folder = RunFolder.create(home, config, run_id, owner=about.owner)
    try:
        for name in HELD[2:]:
            if name in parts:
                (folder.path / name).write_bytes(parts[name])
        folder.write_about(about.model_copy(update={"created": about.created or folder.about().created}))
        folder.write_status(status)
        folder.write_result(result)
    except BaseException:
        shutil.rmtree(folder.path, ignore_errors=True)
        raise
    return folder.run_id


def placed(config: RunConfig) -> RunConfig:
    """The config with the path that an uploaded data set of its name has here; as it is where there is none."""
    name = config.dataset.path
    found = [folder for folder in uploaded_folders() if name and folder.name == Path(name).name]
    if not found:
        return config
    return config.model_copy(update={"dataset": config.dataset.model_copy(update={"path": str(found[0])})})
