"""What a lesson says in figures is what its own picture shows: trained starts are made again now and then."""

from __future__ import annotations

import re

import pytest

from core.events.events import Step
from core.home import PROGRAM
from core.lessons.lesson import Exercise, Lesson, Predict, Text
from core.lessons.library import LANGUAGES, lessons
from core.runs.sidecar.calculations import directions
from core.server import search
from core.server.example import example
from core.users.spaces.shipped import open_shipped
from core.users.spaces.space import SpaceChoice
from core.users.traits.lift import Everyone
from pages.learn.pictures.arrows import _gradients
from pages.learn.pictures.neighbours import SOURCE
from pages.learn.pictures.price import price_of, rest
from pages.learn.pictures.score import LEAST, OTHER, QUERY, RAISED_TO, RIGHT, WORD, WRONG, _rows, mends

WEEK_TO_MONTH = "7–30 d"


def parts(name: str, language: str, kind):
    lesson: Lesson = next(lesson for lesson in lessons(language) if lesson.name == name)
    return [part for step in lesson.steps for part in step.parts if isinstance(part, kind)]


def notes(name: str, language: str) -> str:
    """What a lesson tells the teacher."""
    return next(lesson for lesson in lessons(language) if lesson.name == name).teacher


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


def cells(heading: str, method: str) -> list[str]:
    """The row of a method in the first table of a section of the results that begins with this line."""
    results = (PROGRAM / "docs" / "results.md").read_text(encoding="utf-8").split(f"\n{heading}\n", 1)[1]
    row = next(line for line in results.splitlines() if line.startswith(f"| {method} |"))
    return [cell.strip() for cell in row.split("|")[2:-1]]


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_surgery_and_limits_were_measured_to_gain(language: str) -> None:
    """Lesson 4: the shop's table of methods, tasks in the order relevance, click, cart, purchase, price level."""
    pcgrad, cograd, nmt = (cells("Shop:", name) for name in ("PCGrad", "CoGrad", "NMT"))
    said = next(
        text for text in parts("angles", language, Text) if "PCGrad" in text.markdown and "CoGrad" in text.markdown
    )
    of_pcgrad, of_cograd, of_nmt = (line for line in said.markdown.splitlines() if line.startswith("- "))
    sure = [figures(cell)[0] for cell in pcgrad if cell.startswith("**")]
    assert [cell.startswith("**") for cell in pcgrad] == [False, True, True, True, False]
    assert figures(of_pcgrad) == [pytest.approx(least, abs=5e-4) for least in (min(sure), max(sure))]
    assert not any(cell.startswith("**") for cell in cograd)
    assert all(figures(cell)[0] <= figures(cell)[1] for cell in cograd)
    assert figures(of_cograd) == []
    assert [cell.startswith("**") for cell in nmt] == [True, False, False, False, False]
    assert figures(of_nmt) == [pytest.approx(figures(nmt[0])[0], abs=5e-4)]


def fall(kind: str, angle: int) -> tuple[float, float]:
    """How fast an update of this method lowers the two losses of lesson 4's arrows."""
    gradients = _gradients(angle)
    asked = {"gradients": [list(pair) for pair in gradients], "multiplier": 1.0, "methods": [kind]}
    update = directions(asked)["methods"][kind]["update"]
    first, second = (sum(float(d) * g for d, g in zip(update, pair, strict=True)) for pair in gradients)
    return first, second


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_surgery_does_at_150_degrees(language: str) -> None:
    surgery, plain = fall("pcgrad", 150), fall("weighted_sum", 150)
    guess = parts("angles", language, Predict)[0]
    shown = [surgery[0], -plain[0], surgery[1], plain[1]]
    assert figures(guess.told) == [pytest.approx(value, abs=0.0051) for value in shown]
    note = notes("angles", language)
    assert f"{-fall('cograd', 150)[0]:.2f}" in note
    assert f"{-plain[0]:.2f}" in note
    assert f"{fall('weighted_sum', 100)[0]:.2f}" in note


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_score_of_the_loudspeaker(language: str) -> None:
    """Lesson 5: number 4 of the search, and what is left of its score without “box”."""
    searcher = search.searcher("en")
    rows = _rows(searcher, QUERY)
    fourth = searcher.index.product(rows[3])
    found = searcher.explain(QUERY, rows[3])
    assert WRONG in (fourth.attribute("category") or "")
    left = found.score - sum(part.contribution for part in found.contributions if part.word == WORD)
    exercise = parts("score", language, Exercise)[0]
    assert exercise.answer == pytest.approx(left, abs=5e-4)
    assert figures(exercise.told) == [exercise.answer]
    assert [part.word for part in found.contributions if part.contribution >= LEAST] == ["yellow", "box"]
    weights = {part.word: part.query_weight for part in searcher.explain(QUERY, rows[0]).contributions}
    note = notes("score", language)
    assert all(f"{weights[word]:.2f}" in note for word in ("lunch", "yellow"))
    assert f"{RAISED_TO:g}" in note


@pytest.mark.parametrize(
    ("mend", "helps", "hurts"), [("query", False, False), ("category", True, True), ("raise", True, False)]
)
def test_which_mend_helps_and_which_hurts(mend: str, helps: bool, hurts: bool) -> None:
    plain = search.searcher("en")
    tried = plain.with_overrides(mends()[mend])
    shown = [tried.index.product(row).attribute("category") for row in _rows(tried, QUERY)]
    assert all(category == RIGHT for category in shown) == helps
    assert (_rows(tried, OTHER) != _rows(plain, OTHER)) == hurts


@pytest.mark.parametrize("language", LANGUAGES)
def test_prices_of_the_curve(language: str) -> None:
    """Lesson 3."""
    guess, weights, _ = parts("price", language, Predict)
    assert figures(guess.told) == [pytest.approx(price_of(limit), abs=0.0051) for limit in (0.01, 0.08)]
    exercise, again = parts("price", language, Exercise)
    bought = rest(price_of(0.08))[1] - rest(price_of(0.09))[1]
    told = figures(exercise.told)
    assert told[2] == exercise.answer
    assert told[3] == pytest.approx(bought, abs=5e-5)
    assert again.answer == pytest.approx(price_of(0.08, scale=4))
    lost = rest(1.5, 4)[0]
    assert {round(lost, 3), round(lost / 0.08, 1)} <= {*figures(weights.told)}


def test_the_recorded_multiplier_swings_and_settles() -> None:
    shown = example()
    assert shown is not None
    told = [event.multiplier[0] for event in shown.events if isinstance(event, Step)]
    multipliers = [value for value in told if value is not None]
    quarter = len(multipliers) // 4
    early, late = multipliers[:-quarter], multipliers[-quarter:]
    assert max(early) - min(early) > 3 * (max(late) - min(late))
    assert min(late) > 0
