"""Two tasks pull at one point; the first may be held within a limit."""

from __future__ import annotations

from collections.abc import Mapping

from core.lessons.lesson import Facts
from pages.shared.component import component

_component = component(
    "precedence_lesson_pull", "learn/pull.js", html='<div class="pull"></div>', styles=("learn/pull.css",)
)


def pull(settings: Mapping[str, str], key: str, words: Mapping[str, str]) -> Facts:
    """`limit`: ε of the first task, or none; `move=yes`: the learner may move it."""
    limit = settings.get("limit")
    data = {
        "limit": None if limit is None else float(limit),
        "move": settings.get("move") == "yes",
        "version": f"{key}-{words['limit']}",
        "words": {name: words[name] for name in ("first", "second", "limit", "point", "descend", "stop", "over")},
    }
    answer = _component(key=key, data=data, on_facts_change=lambda: None)
    return dict(answer.facts or {})
