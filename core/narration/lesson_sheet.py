"""Lessons on paper: a handout to fill in, a learner's own report, and the teacher's sheet with the answers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from html import escape
from typing import Literal

from markdown_it import MarkdownIt

from core.lessons.glossary import without_links
from core.lessons.lesson import Exercise, Lesson, Part, Picture, Predict, Text
from core.narration.paper import paper

Given = Mapping[tuple[int, int], int | bool]
"""(step, part) → the option of a prediction from 0, or True where an exercise was solved."""
Words = Mapping[str, str]
Kind = Literal["handout", "report"]


def lesson_sheet(lesson: Lesson, words: Words, kind: Kind = "handout", given: Given | None = None) -> str:
    """One lesson as an HTML page of two or three sheets: with lines to write on, or with what a learner answered."""
    given = given or {}
    title = f"{lesson.place}. {lesson.title}"
    body = [f"<h1>{escape(title)}</h1>", f"<p><i>{escape(lesson.aim)}</i></p>"]
    body.append(f"<p>{escape(words['name_date'])}</p>" if kind == "handout" else "")
    for at, step in enumerate(lesson.steps):
        body.append(f"<h2>{at + 1}. {escape(step.title)}</h2>")
        body += [_part(part, words, kind, given.get((at, place))) for place, part in enumerate(step.parts)]
    return paper(title, "\n".join(body), lesson.language)


def teacher_sheet(lessons: Sequence[Lesson], words: Words) -> str:
    """Aims, what to ask, all answers and the plan of 45 minutes; a lesson does not break across sheets where it fits
    on one."""
    body = [f"<h1>{escape(words['teacher'])}</h1>", f"<h2>{escape(words['plan'])}</h2>", _html(words["plan_text"])]
    for lesson in lessons:
        minutes = words["minutes"].format(lesson.minutes)
        body.append(f"<h2>{lesson.place}. {escape(lesson.title)} · {escape(minutes)}</h2>")
        body.append(f"<p><b>{escape(words['aim'])}</b>: {escape(lesson.aim)}</p>{_html(lesson.teacher)}")
        answers = "".join(f"<li>{_html(with_answer(part))}</li>" for step in lesson.steps for part in step.questions())
        body.append(f"<h3>{escape(words['answers'])}</h3><ol>{answers}</ol>")
    return paper(words["teacher"], "\n".join(body), lessons[0].language if lessons else "en")


def with_answer(question: Predict | Exercise) -> str:
    """A question, what is right, and why, as Markdown on one line."""
    asked = " ".join(question.question.split())
    answer = question.options[question.answer] if isinstance(question, Predict) else f"{question.answer:g}"
    return f"{asked} — **{answer}**. {' '.join(question.told.split())}"


def _part(part: Part, words: Words, kind: Kind, given: int | bool | None) -> str:
    if isinstance(part, Text):
        return _html(part.markdown)
    if isinstance(part, Picture):
        return f'<p class="screen">{escape(words["at_screen"])}</p>' if kind == "handout" else ""
    asked = _html(part.question)
    if isinstance(part, Predict):
        asked += f'<ul class="boxes">{"".join(f"<li>{_inline(option)}</li>" for option in part.options)}</ul>'
    if kind == "handout":
        return asked + '<p class="line"></p>'
    if given is None:
        return f"{asked}<p>{escape(words['not_answered'])}</p>"
    if isinstance(part, Predict):
        right = int(given) == part.answer
        told = words["guessed"].format(part.options[int(given)])
        return f"{asked}<p>{escape(told)} <b>{escape(words['right' if right else 'wrong'])}</b></p>{_html(part.told)}"
    return f"{asked}<p><b>{escape(words['right'])}</b></p>{_html(part.told)}"


@cache
def _markdown() -> MarkdownIt:
    """Lessons are Markdown alone: HTML in them is text."""
    return MarkdownIt("commonmark", {"html": False}).enable("table")


def _html(markdown: str) -> str:
    return str(_markdown().render(without_links(markdown)))


def _inline(markdown: str) -> str:
    return str(_markdown().renderInline(without_links(markdown)))
