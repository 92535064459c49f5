"""What the processes of a server say, as text or, with PRECEDENCE_LOG=json, one JSON object a line.

A line has `time` (UTC), `level`, `logger`, `process`, `message`, for a defect `exception`, and what the message is
about as fields of its own: `run`, `sweep`, `person` (a mark, no secret).
"""

from __future__ import annotations

import datetime
import json
import logging
import os
import sys

from core.errors import PrecedenceError

VARIABLE = "PRECEDENCE_LOG"
KINDS = ("text", "json")
_USUAL = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName", "color_message"}


class JsonLine(logging.Formatter):
    """A record as one line of JSON."""

    def format(self, record: logging.LogRecord) -> str:
        when = datetime.datetime.fromtimestamp(record.created, datetime.UTC)
        said = {
            "time": when.isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "process": record.process,
            "message": record.getMessage(),
            **{name: value for name, value in vars(record).items() if name not in _USUAL},
        }
        if record.exc_info:
            said["exception"] = self.formatException(record.exc_info)
        return json.dumps(said, default=str, ensure_ascii=False)


def wants_json() -> bool:
    """Whether the operator asks for JSON; raises PrecedenceError where the variable says neither."""
    kind = os.environ.get(VARIABLE, "").strip() or KINDS[0]
    if kind not in KINDS:
        raise PrecedenceError(f"{VARIABLE} is {kind[:40]!r}; expected {' or '.join(KINDS)}, or nothing.")
    return kind == "json"


def set_up(level: int = logging.INFO) -> None:
    """In a process that has no log of its own yet: to standard error."""
    logging.basicConfig(level=level, format="%(asctime)s %(levelname)s %(message)s", stream=sys.stderr)
    write_json_where_wanted()


def write_json_where_wanted() -> None:
    """Gives every handler there is, those of Streamlit and of its web server too, the form that is asked for."""
    if not wants_json():
        return
    loggers = [logging.getLogger(), *map(logging.getLogger, list(logging.root.manager.loggerDict))]
    for handler in {handler for one in loggers for handler in one.handlers}:
        handler.setFormatter(JsonLine())
