"""Progress, kept in the learner's browser: nobody else sees it, and no account is needed."""

from __future__ import annotations

from pages.learn.state import LearnState
from pages.shared.component import component

_component = component(
    "precedence_lesson_progress", "learn/progress.js", html='<div class="progress-keeper"></div>', styles=()
)


def keep_progress(state: LearnState) -> None:
    """Tells the browser what is done, and takes up what it had kept."""
    answer = _component(key="learn_progress", data={"done": state.done}, on_done_change=lambda: None, height=1)
    for lesson, steps in (answer.done or {}).items():
        if isinstance(steps, int) and not isinstance(steps, bool):
            state.done[str(lesson)] = max(steps, state.done.get(str(lesson), 0))
