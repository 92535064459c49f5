"""Who has a hundred tabs open waits, and nobody else does."""

from __future__ import annotations

import asyncio
import re
import tomllib
from types import SimpleNamespace

from streamlit.config import get_config_options

from core.server import application
from core.server.pace import LONGEST, MANY, Pace
from tests.conftest import ROOT


class Clock:
    now = 1000.0

    def __call__(self):
        return self.now


def test_a_person_with_some_tabs_never_waits():
    clock = Clock()
    pace = Pace(10, 30, clock)
    for _ in range(600):  # five tabs of the lab and a hand that clicks
        clock.now += 1 / 9
        assert pace.wait("a") == 0


def test_a_hundred_tabs_share_the_rate_of_one_person():
    clock = Clock()
    pace = Pace(10, 30, clock)
    tabs, began, asked = 120, clock.now, 0
    due = [(clock.now, 0.0)] * tabs  # when each tab asks again, and how long it waited
    while clock.now < began + 60:
        clock.now = min(due)[0]
        due.remove(min(due))
        wait = pace.wait("hostile")
        asked += 1
        due.append((clock.now + wait + 0.05, wait))
        assert pace.wait(f"other {asked % 30}") == 0
    assert asked <= 1 + 30 + 10 * 60 + tabs  # of the last ones some still wait
    assert 0 < max(wait for _, wait in due) <= LONGEST


def test_who_stops_asking_is_soon_free_again():
    clock = Clock()
    pace = Pace(10, 30, clock)
    assert max(pace.wait("a") for _ in range(10_000)) == LONGEST
    clock.now += LONGEST + 30 / 10 + 1
    assert [pace.wait("a") for _ in range(30)] == [0.0] * 30


def test_those_who_left_are_forgotten():
    clock = Clock()
    pace = Pace(10, 30, clock)
    for number in range(MANY + 1):
        pace.wait(str(number))
    clock.now += 10
    pace.wait("new")
    assert len(pace._next) == 1


def test_nothing_on_a_page_repeats_past_the_pace():
    pages = [file for file in (ROOT / "pages").rglob("*.py") if file.name != "repeating.py"]
    assert not [file for file in pages if re.search(r"run_every\s*=", file.read_text(encoding="utf-8"))]


def test_no_rerun_collects_garbage_and_the_clock_does():
    """With thirty runs open a collection takes longer than the answer that it follows."""
    settings = tomllib.loads((ROOT / ".streamlit" / "config.toml").read_text(encoding="utf-8"))
    assert settings["runner"]["postScriptGC"] is False
    assert "runner.postScriptGC" in get_config_options(), "Streamlit calls it otherwise now"
    assert 0 < application.COLLECT_EVERY <= 60


async def collected(monkeypatch):
    seen = []
    monkeypatch.setattr(application, "COLLECT_EVERY", 0.01)
    monkeypatch.setattr(application.gc, "collect", lambda: seen.append(1))
    collecting = asyncio.create_task(application._collect())
    while len(seen) < 3:
        await asyncio.sleep(0.01)
    collecting.cancel()
    return len(seen)


def test_garbage_is_collected_again_and_again(monkeypatch):
    assert asyncio.run(collected(monkeypatch)) >= 3


def test_memory_that_is_free_again_can_be_given_back(monkeypatch):
    asked = []
    monkeypatch.setattr(application.ctypes, "CDLL", lambda name: SimpleNamespace(malloc_trim=asked.append))
    monkeypatch.setattr(application.sys, "platform", "linux")
    application._give_back()
    assert asked == [0]
    monkeypatch.setattr(application.ctypes, "CDLL", lambda name: SimpleNamespace())  # another C library
    application._give_back()
    monkeypatch.undo()
    application._give_back()  # as this machine has it
