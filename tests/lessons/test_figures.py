"""What a lesson says in figures is what its own picture shows: trained starts are made again now and then."""

from __future__ import annotations

import re

import pytest

from core.events.events import Step
from core.home import PROGRAM
from core.lessons.lesson import Exercise, Lesson, Predict
from core.lessons.library import LANGUAGES, lessons
from core.server.example import example
from core.users.spaces.shipped import open_shipped
from core.users.spaces.space import SpaceChoice
from core.users.traits.lift import Everyone
from pages.learn.pictures.neighbours import SOURCE

WEEK_TO_MONTH = "7–30 d"


def parts(name: str, language: str, kind):
    lesson: Lesson = next(lesson for lesson in lessons(language) if lesson.name == name)
    return [part for step in lesson.steps for part in step.parts if isinstance(part, kind)]


def figures(text: str) -> list[float]:
    return [float(found) for found in re.findall(r"\d+(?:\.\d+)?", text)]


@pytest.mark.parametrize("language", LANGUAGES)
def test_attention_of_carts_and_clicks(language: str) -> None:
    space = open_shipped(SpaceChoice(SOURCE, "dupn"))
    assert space is not None
    table = space.attention
    assert table is not None
    at = table.ages.index(WEEK_TO_MONTH)
    share = {kind: 100 * table.share[table.kinds.index(kind)][at] for kind in ("cart", "click", "purchase")}
    guess, _ = parts("neighbours", language, Predict)[-2:]
    assert max(share, key=lambda kind: share[kind]) == "cart"
    assert figures(guess.told) == [pytest.approx(share["cart"], abs=0.5)]
    exercise = parts("neighbours", language, Exercise)[-1]
    shown = [pytest.approx(share["cart"], abs=0.051), pytest.approx(share["click"], abs=0.051)]
    assert figures(exercise.hint)[-2:] == shown
    assert figures(exercise.told)[:2] == shown
    assert exercise.answer == pytest.approx(share["cart"] / share["click"], abs=0.05)


@pytest.mark.parametrize("language", LANGUAGES)
def test_lifts_of_two_users(language: str) -> None:
    everyone = Everyone(SpaceChoice(SOURCE, "counts").histories())
    one, two = (everyone.histories.number_of(user) for user in ("8", "3483"))
    traits = {trait.facet: trait for trait in everyone.pair(one, two, 12)}
    exercise, guess = parts("neighbours", language, Exercise)[0], parts("neighbours", language, Predict)[0]
    tables, level = traits["category"], traits["price_level"]
    assert tables.value == "coffee table"
    assert {round(100 * tables.share, 1), round(100 * tables.base, 2)} <= {*figures(exercise.question)}
    assert exercise.answer == pytest.approx(tables.lift, abs=0.05)
    assert {round(100 * level.share, 1), round(100 * level.base, 1)} <= {*figures(guess.question)}
    assert round(level.lift, 1) in figures(guess.told)


@pytest.mark.parametrize("language", LANGUAGES)
def test_neighbours_as_the_results_have_them(language: str) -> None:
    results = (PROGRAM / "docs" / "results.md").read_text(encoding="utf-8")
    row = next(line for line in results.splitlines() if line.startswith("| shop, categories of the last week |"))
    weighing, counting, network = (figures(cell)[0] for cell in row.split("|")[3:6])
    told = parts("neighbours", language, Predict)[-1].told
    assert figures(told)[:3] == [pytest.approx(value, abs=0.051) for value in (weighing, counting, network)]


def test_the_recorded_multiplier_swings_and_settles() -> None:
    shown = example()
    assert shown is not None
    told = [event.multiplier[0] for event in shown.events if isinstance(event, Step)]
    multipliers = [value for value in told if value is not None]
    quarter = len(multipliers) // 4
    early, late = multipliers[:-quarter], multipliers[-quarter:]
    assert max(early) - min(early) > 3 * (max(late) - min(late))
    assert min(late) > 0
