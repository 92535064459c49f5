"""What a person writes on a run, and a run's end, without the library: its rows follow the folders."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from pathlib import Path

from core.errors import PrecedenceError
from core.runs.folder.owner import is_owned
from core.runs.folder.run_folder import About, RunFolder
from core.runs.folder.status import UNDER_WAY

LONGEST_NAME, LONGEST_TAG, LONGEST_NOTE, MOST_TAGS = 120, 40, 4000, 12  # characters, and how many


def change_about(
    home: Path, run_id: str, name: str | None = None, tags: Sequence[str] | None = None, notes: str | None = None
) -> About:
    """What is not None takes the place of what is there; returns all of it."""
    folder = RunFolder(home, run_id)
    folder.config()
    about = folder.about()
    changed: dict[str, object] = {}
    if name is not None:
        changed["name"] = name.strip()[:LONGEST_NAME]
    if tags is not None:
        changed["tags"] = checked_tags(tags)
    if notes is not None:
        changed["notes"] = notes.strip()[:LONGEST_NOTE]
    if changed:
        about = about.model_copy(update=changed)
        folder.write_about(about)
    return about


def checked_tags(tags: Sequence[str]) -> tuple[str, ...]:
    """Without repeats; raises PrecedenceError where there are too many or one is too long."""
    found = tuple(dict.fromkeys(" ".join(tag.split()) for tag in tags if tag.strip()))
    for tag in found:
        if len(tag) > LONGEST_TAG:
            raise PrecedenceError(f"The tag {tag[:60]!r} has {len(tag)} characters; at most {LONGEST_TAG} fit.")
    if len(found) > MOST_TAGS:
        raise PrecedenceError(f"{len(found)} tags are too many; a run has at most {MOST_TAGS}.")
    return found


def delete_run(home: Path, run_id: str) -> None:
    """Deletes a run's folder and everything in it; refused while a worker holds it, and where there is none."""
    folder = RunFolder(home, run_id)
    if not folder.exists():
        raise PrecedenceError(f"There is no run {run_id[:80]!r}; precedence runs list names them.")
    try:
        state = folder.status().state
    except PrecedenceError:  # damaged: all the more reason to let it go
        state = "failed"
    if state == "queued" or (state in UNDER_WAY and is_owned(folder.path)):
        raise PrecedenceError(f"Run {run_id} is {state}; stop it before deleting it.")
    shutil.rmtree(folder.path, ignore_errors=True)
