"""What goes to paper: a run, a lesson to fill in, a learner's answers, the teacher's sheet."""

from __future__ import annotations

import gzip
import re
from html import unescape

import pytest
from pydantic import TypeAdapter

from core.charts.curves_svg import Curve, curves_svg
from core.data.registry import card
from core.events.events import Event, Finished
from core.home import PROGRAM
from core.lessons.lesson import Exercise, Predict
from core.lessons.library import LANGUAGES, lessons
from core.narration.lesson_sheet import lesson_sheet, teacher_sheet, with_answer
from core.narration.run_report import run_report
from core.settings.run import RunConfig
from pages.learn.words import WORDS

EXAMPLE = PROGRAM / "sample_data" / "example"
HOSTILE = '<img src=x onerror="alert(1)">'


@pytest.fixture(scope="module")
def events() -> list[Event]:
    lines = gzip.decompress((EXAMPLE / "events.jsonl.gz").read_bytes()).splitlines()
    read: TypeAdapter[Event] = TypeAdapter(Event)
    return [read.validate_json(line) for line in lines]


@pytest.fixture(scope="module")
def config() -> RunConfig:
    return RunConfig.model_validate_json((EXAMPLE / "config.json").read_text())


def test_a_report_says_what_was_asked_what_came_of_it_and_how_to_do_it_again(
    events: list[Event], config: RunConfig
) -> None:
    page = run_report("example", config, card(config.dataset), events)
    text = unescape(page)
    assert "Relevance may lose at most 1 % of its loss." in text
    assert "Against the model that is best for relevance" in text
    finished = next(event for event in events if isinstance(event, Finished))
    for name in ("relevance", "click"):
        assert f"AUC {finished.tasks[name].metric:.4f}" in text
        assert f"AUC {finished.tasks[name].single_task_metric:.4f}" in text
    assert page.count("<svg") == 2
    assert "precedence train" in text
    assert str(PROGRAM) not in page
    assert not re.search(r"(src|href)=", page)  # it needs nothing else


def test_a_report_of_a_run_that_is_under_way_speaks_of_validation_rows(events: list[Event], config: RunConfig) -> None:
    page = run_report("example", config, card(config.dataset), [event for event in events if event.step <= 700])
    assert "on validation rows, step" in page
    assert "on test rows" not in page
    assert "nothing yet" in run_report("example", config, card(config.dataset), [])


def test_what_people_write_is_text_on_paper(events: list[Event], config: RunConfig) -> None:
    page = run_report(HOSTILE, config, card(config.dataset), events)
    assert "<img" not in page
    assert "&lt;img" in page


def test_a_curve_names_its_line_and_no_line_is_no_picture() -> None:
    picture = curves_svg("T", [Curve("A & B", "#000000", [(0, 1.0), (10, 3.0)]), Curve("none", "#111111", [])])
    assert "A &amp; B" in picture
    assert "at the end: A &amp; B 3" in picture
    assert "none" not in picture.split("font-family")[1].replace('fill="none"', "")
    assert curves_svg("T", [Curve("none", "#111111", [])]) == ""
    assert "nan" not in curves_svg("T", [Curve("flat", "#000000", [(0, 2.0), (5, 2.0)])])


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_handout_asks_and_does_not_tell(language: str) -> None:
    for lesson in lessons(language):
        page = lesson_sheet(lesson, WORDS[language])
        assert "[[" not in page
        for step in lesson.steps:
            assert step.title in unescape(page)
            for question in step.questions():
                told = re.split(r"[*`\n]", question.told)[0].strip()
                assert len(told) < 8 or told[:40] not in unescape(page), told


def test_a_report_of_a_lesson_holds_what_was_answered() -> None:
    lesson, words = lessons()[0], WORDS["en"]
    places = [
        (at, place, part)
        for at, step in enumerate(lesson.steps)
        for place, part in enumerate(step.parts)
        if isinstance(part, Predict | Exercise)
    ]
    (at, place, first), *_ = places
    assert isinstance(first, Predict)
    right = unescape(lesson_sheet(lesson, words, "report", {(at, place): first.answer}))
    wrong = unescape(lesson_sheet(lesson, words, "report", {(at, place): (first.answer + 1) % len(first.options)}))
    assert f"My guess: {first.options[first.answer]}" in right
    assert (words["right"] in right, words["wrong"] in right) == (True, False)
    assert words["wrong"] in wrong
    assert right.count(words["not_answered"]) == len(places) - 1


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_teachers_sheet_holds_every_answer_and_the_plan(language: str) -> None:
    page = unescape(teacher_sheet(lessons(language), WORDS[language]))
    assert WORDS[language]["plan"] in page
    for lesson in lessons(language):
        assert lesson.aim in page
        for question in (part for step in lesson.steps for part in step.questions()):
            answer = question.options[question.answer] if isinstance(question, Predict) else f"{question.answer:g}"
            assert re.sub(r"[*`]", "", answer.split("*")[0])[:20] in page, with_answer(question)
