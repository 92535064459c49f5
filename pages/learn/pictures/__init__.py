"""The pictures of lessons: one module each, found by the name that a lesson gives."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from core.lessons.lesson import Facts
from pages.learn.pictures.arrows import arrows
from pages.learn.pictures.neighbours import neighbours
from pages.learn.pictures.price import price
from pages.learn.pictures.pull import pull
from pages.learn.pictures.replay import replay
from pages.learn.pictures.score import score

Draw = Callable[[Mapping[str, str], str, Mapping[str, str]], Facts]
"""(settings, key, the page's words) → what the picture tells of what the learner did."""

PICTURES: dict[str, Draw] = {
    "pull": pull,
    "price": price,
    "arrows": arrows,
    "score": score,
    "neighbours": neighbours,
    "replay": replay,
}
