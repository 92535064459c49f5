"""The replay of the shipped example: consistent at every moment, and cheap for many."""

from __future__ import annotations

import json

from core.events.events import Step
from core.server.example import LASTS, MOMENTS_A_SECOND, Example, ExampleFolder, elapsed, example, now
from core.settings.presets import default_run


def test_it_is_a_run_of_the_default_settings():
    assert ExampleFolder().config() == default_run("shop"), "make it again: python -m core data make-example"


def test_moments_together_are_the_whole():
    shown = Example()
    name = "loss/relevance"
    steps, last = [], int(LASTS * MOMENTS_A_SECOND)
    for moment in range(1, last + 1):
        message = json.loads(shown.message(moment, moment == 1))
        steps += message["series"].get(name, {"x": []})["x"]
    assert message["status"] == "finished"
    assert steps == [event.step for event in shown.events if isinstance(event, Step) and event.loss[0] is not None]


def test_the_page_and_the_curves_are_at_the_same_step():
    shown = Example()
    half = shown.until(LASTS / 2)
    assert 0 < len(half) < len(shown.events)
    assert shown.status(LASTS / 2).step == half[-1].step
    assert shown.status(LASTS + 1).state == "finished"
    assert elapsed(now()) < 1
    assert example() is example()


def test_a_multiplier_moves_within_the_first_seconds():
    shown = Example()
    multipliers = [
        event.multiplier[0] for event in shown.until(5) if isinstance(event, Step) and event.multiplier[0] is not None
    ]
    assert len(set(multipliers)) > 3
    assert shown.times == sorted(shown.times)
    assert shown.times[-1] == LASTS
