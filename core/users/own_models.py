"""The DUPN that was trained on a person's own log: kept under the home folder by what the log holds. No torch."""

from __future__ import annotations

from pathlib import Path

from core.data.registry import content_of
from core.errors import PrecedenceError
from core.files import stamp
from core.home import home
from core.users.embedding.starts import WEIGHTS

DUPN = "dupn"  # key of the embedder, and name of the folder, which then stands in the titles of spaces


def model_folder(path: str) -> Path:
    """Where the model of the events in the file at `path` lies, once there is one; an edited file has its own."""
    return home() / "users" / "models" / str(content_of(path)) / DUPN


def is_trained(path: str | None) -> bool:
    return path is not None and stamp(model_folder(path) / WEIGHTS) is not None


def progress_file(path: str) -> Path:
    """Where the process that trains it says how far it is."""
    return model_folder(path).parent / "training.json"


def updated_file(source: str, path: str | None) -> Path:
    """What the last daily update moved, of the trained start of a source or of a log's own model."""
    folder = model_folder(path).parent if path else home() / "users" / "models" / source
    return folder / "updated.json"


def update_progress(source: str, path: str | None) -> Path:
    """Where the process that updates says how far it is."""
    return updated_file(source, path).with_name("updating.json")


def resolved(model: str, path: str | None) -> str:
    """The model's name; of a person's own events `dupn` is the folder of the model that was trained on them."""
    if path is None or model != DUPN:
        return model
    if not is_trained(path):
        raise PrecedenceError(
            f"No DUPN was trained on {Path(path).name}; train one with: python -m core users train --events "
            f"{Path(path).name}"
        )
    return str(model_folder(path))
