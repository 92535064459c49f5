"""The pages of the program, in the order of the bar above: found, not listed here.

A page declares itself: `PAGE = PageEntry(…)` in the `__init__.py` of its folder. Only a link to it from another page
needs a name at the end of this file.
"""

from __future__ import annotations

import importlib
import pkgutil

import pages
from core.server.rights import answers, heads
from pages.page_entry import PageEntry


def _found() -> dict[str, PageEntry]:
    """By folder; folders that declare no page serve several."""
    entries: dict[str, PageEntry] = {}
    for module in pkgutil.iter_modules(pages.__path__):
        if module.ispkg:
            entry = getattr(importlib.import_module(f"pages.{module.name}"), "PAGE", None)
            if entry is not None:
                entries[module.name] = entry
    return dict(sorted(entries.items(), key=lambda item: item[1].place))


PAGES = _found()


def rights_markdown() -> str:
    """Who finds which page in the bar, as docs/operation.md has it; what they may do there follows from RIGHTS."""
    rows = [f"| {page.title} `/{page.url_path}` | " + " | ".join(answers(page.right)) + " |" for page in PAGES.values()]
    return "\n".join([*heads("page"), *rows])


def page_file(folder: str) -> str:
    """A page's script as Streamlit's navigation and links take it."""
    return f"{folder}/page.py"


HOME, LEARN, LAB, WHAT_IF, CONFLICT, RELEVANCE, USERS = map(
    page_file, ("home", "learn", "lab", "what_if", "conflict", "relevance", "users")
)
