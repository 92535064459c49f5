"""Changes that one session tries out, kept on disk under a name that its address alone has: a reload keeps them."""

from __future__ import annotations

import re
import secrets
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from core.errors import PrecedenceError
from core.files import write_text
from core.home import home
from core.relevance.overrides import Override, from_json, to_json

DAYS = 30  # that drafts which nobody looks at are kept
_NAME = re.compile(r"[A-Za-z0-9_-]{16,32}")


def keep(name: str | None, catalogue: str | None, drafts: Sequence[Override]) -> str | None:
    """Keeps the drafts of a catalogue; the name under which they are found again, None where there are none."""
    if not drafts:
        if name is not None and _NAME.fullmatch(name):
            _file(name, catalogue).unlink(missing_ok=True)
        return None
    if name is None or not _NAME.fullmatch(name):
        name = secrets.token_urlsafe(12)
    file, text = _file(name, catalogue), to_json(drafts)
    if not file.is_file() or file.read_text(encoding="utf-8") != text:
        file.parent.mkdir(parents=True, exist_ok=True)
        _forget_old(file.parent)
        write_text(file, text)
    return name


def read(name: str | None, catalogue: str | None) -> list[Override]:
    """The drafts kept under a name; none where there are none, or they cannot be read."""
    if name is None or not _NAME.fullmatch(name):
        return []
    with suppress(OSError, UnicodeDecodeError, PrecedenceError):
        return list(from_json(_file(name, catalogue).read_text(encoding="utf-8")))
    return []


def _file(name: str, catalogue: str | None) -> Path:
    return home() / "drafts" / f"{name}.{_plain(catalogue or '')}.json"


def _plain(catalogue: str) -> str:
    """A collection's name as a part of a file's name."""
    return re.sub(r"[^A-Za-z0-9_-]", "_", catalogue)[:80]


def _forget_old(folder: Path) -> None:
    for file in folder.glob("*.json"):
        with suppress(OSError):
            if time.time() - file.stat().st_mtime > DAYS * 86_400:
                file.unlink()
