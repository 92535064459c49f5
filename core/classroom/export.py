"""A room as one zip: who was there, what was asked and answered, and every run's settings, log and result.

No mark of a person is in it: students are the nicknames they chose.
"""

from __future__ import annotations

import csv
import io
import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from core.classroom.room import Room
from core.errors import PrecedenceError
from core.runs.folder.run_folder import RunFolder
from core.runs.folder.status import RunStatus

HELD = ("config.json", "result.json", "events.jsonl")


def as_plain(room: Room) -> dict[str, Any]:
    """The room as JSON knows it, with nicknames for marks."""
    names = {student.mark: student.name for student in room.students}
    return {
        "title": room.title,
        "code": room.code,
        "created": room.created,
        "preset": room.preset.query if room.preset else None,
        "spotlight": room.spotlight,
        "students": [{"name": one.name, "joined": one.joined, "runs": list(one.runs)} for one in room.students],
        "polls": [
            {
                "question": poll.question,
                "answers": list(poll.answers),
                "counts": poll.counts(),
                "votes": {names[mark]: poll.answers[at] for mark, at in poll.votes.items() if mark in names},
            }
            for poll in room.polls
        ],
    }


def zipped(room: Room, home: Path, status: Callable[[str], RunStatus]) -> bytes:
    """room.json, runs.csv and runs/<run>/…; a run that is damaged or gone is left out of the folders."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("room.json", json.dumps(as_plain(room), indent=1, ensure_ascii=False))
        file.writestr("runs.csv", _table(room, status))
        for run_id in room.runs():
            folder = RunFolder(home, run_id).path
            for name in HELD:
                try:
                    file.writestr(f"runs/{run_id}/{name}", (folder / name).read_bytes())
                except OSError:
                    continue
    return out.getvalue()


def _table(room: Room, status: Callable[[str], RunStatus]) -> str:
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(("student", "run", "state", "step", "seconds"))
    for student in room.students:
        for run_id in student.runs:
            try:
                found = status(run_id)
            except PrecedenceError:
                found = None
            row = (found.state, found.step, round(found.seconds, 1)) if found else ("gone", "", "")
            writer.writerow((_cell(student.name), run_id, *row))
    return out.getvalue()


def _cell(text: str) -> str:
    """No spreadsheet takes it for a formula."""
    return f"'{text}" if text[:1] in ("=", "+", "-", "@") else text
