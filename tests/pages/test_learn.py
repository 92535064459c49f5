"""Lessons in a real browser, by keyboard alone: each goes on when the thing is done, and ends."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import expect

from core.lessons.glossary import entries
from core.lessons.lesson import Exercise, Lesson, Picture, Predict
from core.lessons.library import LANGUAGES, lessons
from pages.learn.words import WORDS
from tests.pages.accessibility import assert_accessible
from tests.pages.looking import assert_no_traceback, focus, seen, settled, wait_until

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Page

pytestmark = pytest.mark.browser


def lesson_of(name: str, language: str) -> Lesson:
    return next(lesson for lesson in lessons(language) if lesson.name == name)


def press(page: Page, at: str, key: str, times: int = 1) -> None:
    """At the last place of a selector: that of the newest step. A place may be drawn anew by what is pressed."""
    for _ in range(times):
        focus(page.locator(at).last)
        page.keyboard.press(key)


def slide(page: Page, times: int) -> None:
    press(page, "[data-testid=stSlider] input", "ArrowRight", times)


def choose(page: Page, buttons: str, *places: int) -> None:
    for place in places:
        settled(page)
        focus(page.locator(buttons).nth(place))
        page.keyboard.press("Space")
        page.wait_for_timeout(500)  # the page hears of one choice before the next is made
    settled(page)


def open_product(page: Page) -> None:
    """The fourth; the list is opened again where a redrawing took it away."""
    box, options = page.locator("[data-testid=stSelectbox] input").last, page.get_by_role("option")

    def is_reached() -> bool:
        if options.count() < 4:
            focus(box)
        elif box.get_attribute("aria-activedescendant") == options.nth(3).get_attribute("id"):
            return True
        page.keyboard.press("ArrowDown")
        return False

    wait_until(page, is_reached)
    page.keyboard.press("Enter")


RADIOS = "[data-testid=stRadio] input:not(:disabled)"
ACTS: dict[str, Callable[[Page], None]] = {
    "moved": lambda page: press(page, ".pull-point", "ArrowRight"),
    "rested": lambda page: press(page, ".pull-bar button", "Enter"),
    "held": lambda page: press(page, ".pull-bar button", "Enter"),
    "limit<0.05": lambda page: press(page, ".pull-handle", "ArrowLeft", 20),
    "near": lambda page: slide(page, 25),
    "limit>=0.08": lambda page: slide(page, 7),
    "scale>=4": lambda page: slide(page, 6),
    "harms": lambda page: slide(page, 13),
    "angle>=150": lambda page: slide(page, 12),
    "nothing": lambda page: slide(page, 6),
    "tried>=3": lambda page: choose(page, "[class*='_method '] button", 1, 2),
    "opened=4": open_product,
    "clean": lambda page: press(page, f"{RADIOS}[value='3']", "Space"),
    "mended": lambda page: press(page, f"{RADIOS}[value='3']", "Space"),
    "compared>=2": lambda page: choose(page, RADIOS, 0, 1),
    "kinds>=2": lambda page: choose(page, "[class*='_kind '] button", 0, 1),
}
"""What a learner does, by what a step waits for."""


def walk(page: Page, lesson: Lesson, at: int, words: dict[str, str]) -> None:
    """All that a step asks for; a wrong number is refused with the hint."""
    step = lesson.steps[at]
    seen(page.get_by_test_id("stMain"), step.title)
    settled(page)
    parts = [part for before in lesson.steps[: at + 1] for part in before.parts]
    pulls = sum(isinstance(part, Picture) and part.widget == "pull" for part in parts)
    expect(page.locator(".pull-bar button")).to_have_count(pulls)  # a component comes after the script has ended
    if step.until is not None:
        until = step.until
        ACTS[f"{until.fact}{until.sign}{until.value:g}" if until.sign else until.fact](page)
    for part in step.questions():
        settled(page)
        if isinstance(part, Predict):
            form = page.get_by_test_id("stForm").filter(has=page.get_by_role("radiogroup")).last
            focus(form.locator("input").nth(part.answer))
            page.keyboard.press("Space")
            focus(form.get_by_role("button", name=words["guess"]))
            page.keyboard.press("Enter")
        else:
            number(page, part, words)
        expect(page.get_by_text(words["right"]).last).to_be_visible()


def number(page: Page, part: Exercise, words: dict[str, str]) -> None:
    box = page.get_by_test_id("stNumberInput").locator("input").last
    for given, answer in ((part.answer + 10 * part.within, words["try"].format(part.hint)), (part.answer, part.told)):
        focus(box)
        page.keyboard.press("Control+a")
        page.keyboard.type(f"{given:g}")
        page.keyboard.press("Enter")
        seen(page, answer.split("*")[0][:25])


NAMES = ("pull", "multiplier", "price", "angles", "score", "neighbours")


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", NAMES)
def test_a_lesson_is_walked_to_its_end_by_keyboard(page: Page, app: Any, name: str, language: str) -> None:
    page.emulate_media(reduced_motion="reduce")  # a descent is then seen at its end at once
    lesson, words = lesson_of(name, language), WORDS[language]
    page.goto(f"{app.url}/learn?lesson={name}&lang={language}")
    for at in range(len(lesson.steps)):
        walk(page, lesson, at, words)
    seen(page, words["finished"])
    assert_no_traceback(page)
    assert_accessible(page, dark_too=language == "en")


def test_no_lesson_is_left_out() -> None:
    assert {lesson.name for lesson in lessons()} == set(NAMES)


def test_a_term_shows_its_entry_where_it_stands(page: Page, app: Any) -> None:
    page.goto(f"{app.url}/learn?lesson=pull&lang=zh")
    term, entry = page.get_by_role("link", name="损失").first, page.get_by_role("tooltip")
    expect(term).to_be_visible()
    settled(page)
    focus(term)
    page.keyboard.press("Enter")
    expect(entry).to_contain_text(entries("zh")["loss"].text)
    page.keyboard.press("Escape")
    expect(entry).to_have_count(0)
    page.mouse.move(1, 1)
    term.hover()
    expect(entry).to_contain_text(entries("zh")["loss"].text)
    assert "lesson=pull" in page.url  # it led nowhere
    page.goto(f"{app.url}/learn?view=glossary&term=loss&lang=zh")  # as in a tab of its own
    seen(page, entries("zh")["loss"].text)


def test_home_says_where_to_start(page: Page, app: Any) -> None:
    page.goto(app.url)
    page.get_by_role("button", name="Start here").click()
    seen(page, lesson_of("pull", "en").title)
    assert "lesson=pull" in page.url
