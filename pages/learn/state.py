"""Where a person is on the page: which lesson, in which language; and what was done in each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from core.lessons.glossary import entries
from core.lessons.library import LANGUAGES
from pages.shared.url import Url
from pages.shared.view_state import one_of, open_view, read_fields

KEY = "learn_page"


@dataclass(frozen=True)
class LearnView:
    """`lesson` None: the list of all; `view` teacher: the teacher's page; glossary: the list of words, `term` first."""

    lesson: str | None = None
    lang: str = "en"
    view: str = "learner"
    term: str | None = None


_READERS = {
    "lesson": lambda text: text[:40],
    "lang": lambda text: one_of(text, LANGUAGES, "language"),
    "view": lambda text: one_of(text, {"learner": 0, "teacher": 0, "glossary": 0}, "view"),
    "term": lambda text: one_of(text, entries(), "word in the glossary"),
}


def read_view(parameters: Mapping[str, str]) -> tuple[LearnView, list[str]]:
    """The place that a URL asks for; what cannot be read is left out and told in a sentence each."""
    return read_fields(LearnView(), parameters, _READERS)


def write_view(place: LearnView) -> dict[str, str]:
    """The parameters that `read_view` reads as the same place; defaults are left out."""
    written = {"lesson": place.lesson or "", "lang": place.lang if place.lang != "en" else ""}
    written["view"] = place.view if place.view != "learner" else ""
    written["term"] = place.term or ""
    return {name: text for name, text in written.items() if text}


@dataclass
class LearnState:
    """`done`: steps by lesson; `answered`: what was chosen, or that it is right, by key of a question."""

    place: LearnView = field(default_factory=LearnView)
    problems: list[str] = field(default_factory=list)
    version: int = 0
    url: Url = field(default_factory=Url)
    done: dict[str, int] = field(default_factory=dict)
    answered: dict[str, Any] = field(default_factory=dict)

    def go(self, **changes: Any) -> None:
        """Another place on the page."""
        self.place = replace(self.place, **changes)
        self.url.show(write_view(self.place))


def open_state() -> LearnState:
    """This session's page, at the place that the URL asks for."""
    return open_view(KEY, LearnState, read_view)
