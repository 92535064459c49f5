"""The words of the pages with what they mean, in each language: one file, `assets/glossary.json`.

`[[multiplier]]` or `[[multiplier|multipliers]]` in a text is a term: on a page a link that shows its entry where it
stands (assets/shared/glossary.js), on paper the bare word.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from core.errors import PrecedenceError
from core.home import PROGRAM

FILE = PROGRAM / "assets" / "glossary.json"
_TERM = re.compile(r"\[\[([^\]|]*)(?:\|([^\]]*))?\]\]")


@dataclass(frozen=True)
class Entry:
    """`title` is what a list of words shows, `text` a sentence or three."""

    name: str
    title: str
    text: str


@cache
def entries(language: str = "en") -> dict[str, Entry]:
    """By name, in the order of the file; English where a language lacks one."""
    found = json.loads(FILE.read_text(encoding="utf-8"))
    return {name: Entry(name, *by.get(language, by["en"])) for name, by in found.items()}


def term(name: str, shown: str = "", language: str = "en") -> str:
    """Markdown of a term; `shown` are the words of the text, by default the name."""
    _known(name)
    return f"[{shown or name}]({term_address(name, language)})"


def term_address(name: str, language: str = "en") -> str:
    """Where a term's entry is, beside every page of the program."""
    _known(name)
    return f"learn?view=glossary&term={name}" + (f"&lang={language}" if language != "en" else "")


def with_links(markdown: str, language: str = "en") -> str:
    """The text with its terms as links."""
    return _TERM.sub(lambda found: term(found[1], found[2] or found[1], language), markdown)


def without_links(markdown: str) -> str:
    """The text with its terms as bare words."""
    return _TERM.sub(lambda found: found[2] or found[1], markdown)


def terms_of(markdown: str) -> Iterator[str]:
    """The names of the terms in a text."""
    return (found[1] for found in _TERM.finditer(markdown))


def check_terms(markdown: str) -> None:
    """Raises PrecedenceError at the first term that has no entry."""
    for name in terms_of(markdown):
        _known(name)


def _known(name: str) -> None:
    if name not in entries():
        raise PrecedenceError(f"the glossary has no '{name[:40]}'; it has {', '.join(entries())}")
