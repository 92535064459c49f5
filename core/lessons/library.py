"""The lessons that there are, by language; a language that lacks one has the English one."""

from __future__ import annotations

from pathlib import Path

from core.home import PROGRAM
from core.lessons.lesson import Lesson
from core.lessons.reading import read_lesson

FOLDER = PROGRAM / "assets" / "lessons"
LANGUAGES = {"en": "English", "zh": "中文"}
WIDGETS: dict[str, tuple[str, ...]] = {
    "pull": ("moved", "rested", "held", "limit", "multiplier"),
    "price": ("weight", "near", "scale", "limit", "multiplier"),
    "arrows": ("angle", "harms", "nothing", "tried"),
    "score": ("opened", "clean", "mended"),
    "neighbours": ("compared", "users", "kinds"),
    "replay": (),
}
"""The pictures of lessons, and the facts that each tells a step's `until`; drawn by `pages/learn/pictures`."""


def lessons(language: str = "en", folder: Path = FOLDER) -> list[Lesson]:
    """All lessons in the order of their places."""
    names = sorted(file.stem for file in (folder / "en").glob("*.md"))
    found = [read_lesson(_file(name, language, folder), WIDGETS) for name in names]
    return sorted(found, key=lambda lesson: lesson.place)


def _file(name: str, language: str, folder: Path) -> Path:
    own = folder / language / f"{name}.md"
    return own if own.is_file() else folder / "en" / f"{name}.md"
