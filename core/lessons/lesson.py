"""What a lesson is made of: steps, each with text, a picture to act on, questions and exercises."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from core.errors import PrecedenceError

Facts = Mapping[str, float | bool]
"""What a picture says of what the learner did, by name."""

_OPERATORS: dict[str, Callable[[float, float], bool]] = {
    "<=": operator.le, ">=": operator.ge, "<": operator.lt, ">": operator.gt, "=": operator.eq,
}  # fmt: skip
_CONDITION = re.compile(r"([a-z_]+)(?:(<=|>=|<|>|=)(-?\d+(?:\.\d+)?))?")


@dataclass(frozen=True)
class Condition:
    """What must hold of a picture's facts: a fact that is true (`dragged`) or compared (`limit<0.1`)."""

    fact: str
    sign: str = ""
    value: float = 0.0

    @classmethod
    def read(cls, text: str) -> Condition:
        found = _CONDITION.fullmatch(text.strip())
        if not found:
            raise PrecedenceError(f"'{text[:40]}' is no condition; write a fact, as dragged or limit<0.1")
        fact, sign, value = found.groups()
        return cls(fact, sign or "", float(value or 0))

    def holds(self, facts: Facts) -> bool:
        given = facts.get(self.fact, False)
        return _OPERATORS[self.sign](float(given), self.value) if self.sign else bool(given)


@dataclass(frozen=True)
class Text:
    """Markdown as it stands."""

    markdown: str


@dataclass(frozen=True)
class Picture:
    """A live picture, by the name of its widget, with settings for it."""

    widget: str
    settings: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Predict:
    """A question to answer before looking; `options` in order, `answer` the number of the right one from 0."""

    question: str
    options: tuple[str, ...]
    answer: int
    told: str  # after the choice


@dataclass(frozen=True)
class Exercise:
    """A number to work out; right within `within` of `answer`."""

    question: str
    answer: float
    within: float
    hint: str
    told: str

    def is_right(self, given: float) -> bool:
        return abs(given - self.answer) <= self.within


Part = Text | Picture | Predict | Exercise


@dataclass(frozen=True)
class Step:
    """What is on the page at once; `until` is what the learner has to do for the next one to open."""

    title: str
    parts: tuple[Part, ...]
    until: Condition | None = None

    def questions(self) -> list[Predict | Exercise]:
        return [part for part in self.parts if isinstance(part, Predict | Exercise)]


@dataclass(frozen=True)
class Lesson:
    """One file. `name` is the same in every language, and in the lesson's address."""

    name: str
    language: str
    title: str
    aim: str
    place: int
    minutes: int
    steps: tuple[Step, ...]
    teacher: str = ""  # Markdown for the teacher's page: what to ask, what to look for
