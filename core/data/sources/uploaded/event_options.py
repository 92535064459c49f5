"""How a person's file of events is read, where somebody said so: kept under the home folder by place and content."""

from __future__ import annotations

from pathlib import Path

from core.data.reading.options import ReaderOptions
from core.files import content_mark, write_text
from core.home import home


def _place(file: Path) -> Path:
    return home() / "users" / "reading" / f"{content_mark(file, str(file.resolve()))}.json"


def remember(file: Path, options: ReaderOptions) -> None:
    """Reads the file so from now on; with plain options as it is guessed."""
    place = _place(file)
    if options == ReaderOptions():
        place.unlink(missing_ok=True)
        return
    place.parent.mkdir(parents=True, exist_ok=True)
    write_text(place, options.model_dump_json())


def options_for(file: Path) -> ReaderOptions | None:
    """What was said of the file as it is now; None where nothing was."""
    try:
        return ReaderOptions.model_validate_json(_place(file).read_bytes())
    except (OSError, ValueError):
        return None
