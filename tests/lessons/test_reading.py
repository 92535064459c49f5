"""Lessons: every shipped one reads, in each language; a broken directive is one sentence with file and line."""

from __future__ import annotations

import gzip
import json

import pytest

from core.errors import PrecedenceError
from core.home import PROGRAM
from core.lessons.lesson import Condition, Exercise, Picture, Predict
from core.lessons.library import FOLDER, LANGUAGES, WIDGETS, lessons
from core.lessons.reading import read_lesson

HEAD = "---\ntitle: One\naim: Two\nplace: 1\nminutes: 4\n---\n"


def read(tmp_path, body, head=HEAD):
    file = tmp_path / "own.md"
    file.write_text(head + body, encoding="utf-8")
    return read_lesson(file, WIDGETS)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_lesson_reads_and_asks_for_something(language):
    every = lessons(language)
    assert [lesson.place for lesson in every] == list(range(1, len(every) + 1))
    for lesson in every:
        assert 3 <= lesson.minutes <= 6
        assert lesson.language == language or not (FOLDER / language / f"{lesson.name}.md").exists()
        assert any(step.until for step in lesson.steps)
        questions = [part for step in lesson.steps for part in step.questions()]
        assert any(isinstance(part, Predict) for part in questions)
        assert any(isinstance(part, Exercise) for part in questions)
        assert lesson.teacher


def test_a_lesson_has_the_same_steps_in_every_language():
    for english, other in zip(lessons("en"), lessons("zh"), strict=True):
        assert [step.until for step in english.steps] == [step.until for step in other.steps]
        shapes = [[[type(part) for part in step.parts if not isinstance(part, str)] for step in one.steps]
                  for one in (english, other)]  # fmt: skip
        assert shapes[0] == shapes[1]
        for mine, theirs in zip(english.steps, other.steps, strict=True):
            for a, b in zip(mine.parts, theirs.parts, strict=True):
                if isinstance(a, Picture):
                    assert a == b
                elif isinstance(a, Exercise):
                    assert (a.answer, a.within) == (b.answer, b.within)
                elif isinstance(a, Predict):
                    assert (a.answer, len(a.options)) == (b.answer, len(b.options))


def test_a_lesson_is_what_its_file_says(tmp_path):
    lesson = read(tmp_path, ':::step title="A step" until=limit<0.1\nSee:\n::picture pull limit=0.2 move=yes\n'
                  ":::predict answer=2\nUp?\n- yes\n- no\n---\nNo, down.\n:::\n"
                  ':::exercise answer=1.5 within=0.1 hint="add them"\n1 + ½?\n---\nIndeed.\n:::\n:::\n')  # fmt: skip
    (step,) = lesson.steps
    assert step.until == Condition("limit", "<", 0.1)
    text, picture, predict, exercise = step.parts
    assert text.markdown == "See:"
    assert picture == Picture("pull", {"limit": "0.2", "move": "yes"})
    assert predict == Predict("Up?", ("yes", "no"), 1, "No, down.")
    assert exercise == Exercise("1 + ½?", 1.5, 0.1, "add them", "Indeed.")
    assert exercise.is_right(1.55)
    assert not exercise.is_right(1.7)


def test_conditions_hold_of_facts():
    assert Condition.read("moved").holds({"moved": True})
    assert not Condition.read("moved").holds({})
    assert Condition.read("limit<=0.1").holds({"limit": 0.1})
    assert not Condition.read("limit<0.1").holds({"limit": 0.1})


STEP = ':::step title="A"\n'


@pytest.mark.parametrize(
    ("body", "line", "says"),
    [
        (":::stpe\n:::\n", 7, "':::stpe'"),
        (STEP, 7, "never closed"),
        ("Text.\n", 7, "outside of any step"),
        (STEP + "::picture magic\n:::\n", 8, "no picture 'magic'"),
        (STEP + "::movie pull\n:::\n", 8, "'::movie'"),
        ("::picture pull\n", 7, "inside a :::step"),
        (':::step title="A" until=flown\n::picture pull\n:::\n', 7, "tells 'flown'"),
        (':::step title="A" until="limit < "\n::picture pull\n:::\n', 7, "no condition"),
        (":::step\n:::\n", 7, "no title"),
        (STEP + ":::predict answer=3\nUp?\n- yes\n- no\n---\nNo.\n:::\n:::\n", 8, "none of 2 options"),
        (STEP + ":::predict answer=x\nUp?\n- yes\n- no\n---\nNo.\n:::\n:::\n", 8, "is 'x'"),
        (STEP + ":::predict answer=1\nUp?\n- yes\n- no\n:::\n:::\n", 8, "tells nothing afterwards"),
        (STEP + ":::exercise answer=1\nHow much?\n---\nOne.\n:::\n:::\n", 8, "within"),
        (STEP + ":::step title=B\n:::\n:::\n", 8, "outside of every other directive"),
        (":::predict answer=1\n- a\n- b\n---\n:::\n", 7, "inside a :::step"),
        (':::step title="A" colour=red\n:::\n', 7, "no setting 'colour'"),
        (":::step title=A B\n:::\n", 7, "'B' is no setting"),
        (":::\n", 7, "closes nothing"),
        ("", 6, "0 steps"),
    ],
)
def test_a_broken_directive_is_one_sentence_with_its_line(tmp_path, body, line, says):
    with pytest.raises(PrecedenceError) as caught:
        read(tmp_path, body)
    assert str(caught.value).startswith(f"own.md, line {line}: ")
    assert says in str(caught.value)


@pytest.mark.parametrize(
    ("head", "says"),
    [
        ("title: One\n", "begins with ---"),
        ("---\ntitle: One\n", "behind a colon"),
        ("---\ntitle: One\n---\n", "aim is missing"),
        ("---\ncolour: red\n---\n", "'colour: red'"),
        (HEAD.replace("place: 1", "place: first"), "'first'"),
    ],
)
def test_a_broken_head_is_one_sentence(tmp_path, head, says):
    with pytest.raises(PrecedenceError, match=r"own\.md, line") as caught:
        read(tmp_path, STEP + ":::\n", head)
    assert says in str(caught.value)


def test_a_file_that_is_no_text_is_one_sentence(tmp_path):
    file = tmp_path / "own.md"
    file.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(PrecedenceError, match=r"own\.md cannot be read"):
        read_lesson(file, WIDGETS)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_lesson_lets_one_predict_and_checks_a_number_with_a_hint(language: str) -> None:
    for lesson in lessons(language):
        asked = [part for step in lesson.steps for part in step.questions()]
        assert any(isinstance(part, Predict) for part in asked), lesson.name
        exercises = [part for part in asked if isinstance(part, Exercise)]
        assert exercises, lesson.name
        for part in exercises:
            assert part.hint, lesson.name
            assert not part.is_right(part.answer + 10 * part.within)


def test_the_recorded_run_does_what_lesson_2_says_of_it() -> None:
    """Its first multiplier is too high, and towards the end it moves little."""
    lines = gzip.decompress((PROGRAM / "sample_data" / "example" / "events.jsonl.gz").read_bytes()).splitlines()
    steps = [event for event in map(json.loads, lines) if event["kind"] == "step"]
    found = [event["multiplier"][0] for event in steps if event["multiplier"][0] is not None]
    last = found[-len(found) // 4 :]
    assert found[0] > 1.2 * sum(last) / len(last)
    assert min(last) > 0.5
    assert max(last) - min(last) < 0.5 * (max(found) - min(found))
