"""Reads a lesson's file; what is wrong with it is one sentence with file and line.

    ---
    title: Two tasks pull at one point
    aim: Feel what a constraint does.
    place: 1
    minutes: 4
    ---
    :::step title="Drag the point" until=dragged
    Any Markdown.
    ::picture pull limit=0.5
    :::predict answer=2
    Which way will the multiplier go?
    - up
    - down
    ---
    Down: …
    :::
    :::exercise answer=1.24 within=0.05 hint="√(2ε) first"
    How large is λ at ε = 0.1?
    ---
    λ = …
    :::
    :::
    :::teacher
    For the teacher's page alone.
    :::

`[[multiplier]]` and `[[multiplier|multipliers]]` in a text are terms of the glossary, which show their entry.

A container opens with `:::name` and closes with `:::`; `::picture` stands on a line of its own. Settings are
name=value, in double quotes where the value holds blanks. In `predict` and `exercise` what stands below `---` is shown
afterwards.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from core.errors import PrecedenceError
from core.lessons.glossary import check_terms
from core.lessons.lesson import Condition, Exercise, Lesson, Part, Picture, Predict, Step, Text

CONTAINERS = {
    "step": {"title", "until"},
    "predict": {"answer"},
    "exercise": {"answer", "within", "hint"},
    "teacher": set(),
}
HEAD = {"title": str, "aim": str, "place": int, "minutes": int}
_SETTING = re.compile(r'([a-z_]+)=(?:"([^"]*)"|(\S+))')
_BREAK = "---"


def read_lesson(file: Path, widgets: Mapping[str, Sequence[str]]) -> Lesson:
    """The lesson of a file; `widgets` are the pictures that there are, and the facts that each tells."""
    try:
        text = file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise PrecedenceError(f"The lesson {file.name} cannot be read ({error}); give a file of UTF-8 text.") from error
    return _Reader(file, text.splitlines(), widgets).lesson()


@dataclass
class _Block:
    name: str
    line: int
    settings: dict[str, str]
    parts: list[Part] = field(default_factory=list)
    text: list[str] = field(default_factory=list)


class _Reader:
    def __init__(self, file: Path, lines: list[str], widgets: Mapping[str, Sequence[str]]) -> None:
        self.file, self.lines, self.widgets = file, lines, widgets
        self.open: list[_Block] = []
        self.steps: list[Step] = []
        self.teacher = ""

    def lesson(self) -> Lesson:
        head, start = self._head()
        for number, line in enumerate(self.lines[start:], start + 1):
            self._line(number, line)
        if self.open:
            last = self.open[-1]
            raise self._wrong(last.line, f":::{last.name} is never closed; write ::: on a line of its own behind it")
        if not self.steps:
            raise self._wrong(len(self.lines), "the lesson has 0 steps; write at least one :::step")
        return Lesson(
            name=self.file.stem, language=self.file.parent.name, title=head["title"], aim=head["aim"],
            place=int(head["place"]), minutes=int(head["minutes"]), steps=tuple(self.steps), teacher=self.teacher,
        )  # fmt: skip

    def _head(self) -> tuple[dict[str, str], int]:
        if not self.lines or self.lines[0].strip() != _BREAK:
            raise self._wrong(1, f"a lesson begins with --- and the lines {', '.join(HEAD)}")
        found: dict[str, str] = {}
        for number, line in enumerate(self.lines[1:], 2):
            if line.strip() == _BREAK:
                missing = [name for name in HEAD if name not in found]
                if missing:
                    raise self._wrong(number, f"{missing[0]} is missing; write {missing[0]}: … above the second ---")
                return found, number
            name, colon, value = line.partition(":")
            if not colon or name.strip() not in HEAD or not value.strip():
                raise self._wrong(
                    number, f"'{line.strip()[:40]}' is none of {', '.join(HEAD)} with a value behind a colon"
                )
            if HEAD[name.strip()] is int and not value.strip().isdigit():
                raise self._wrong(number, f"{name.strip()} is '{value.strip()[:20]}'; write a whole number")
            found[name.strip()] = value.strip()
        raise self._wrong(1, "the head is never closed; write --- behind it")

    def _line(self, number: int, line: str) -> None:
        stripped = line.strip()
        try:
            check_terms(line)
        except PrecedenceError as error:
            raise self._wrong(number, str(error)) from error
        if stripped == ":::":
            self._close(number)
        elif stripped.startswith(":::"):
            self._open(number, stripped[3:])
        elif stripped.startswith("::"):
            self._picture(number, stripped[2:])
        elif self.open:
            self.open[-1].text.append(line)
        elif stripped:
            raise self._wrong(number, f"'{stripped[:40]}' stands outside of any step; put it between :::step and :::")

    def _open(self, number: int, text: str) -> None:
        name, settings = self._settings(number, text)
        if name not in CONTAINERS:
            raise self._wrong(number, f"there is no directive ':::{name}'; write one of {', '.join(CONTAINERS)}")
        inside = name in ("predict", "exercise")
        if inside != bool(self.open) or len(self.open) > 1:
            where = "inside a :::step" if inside else "outside of every other directive"
            raise self._wrong(number, f":::{name} stands {where} alone")
        self._known(number, name, settings, CONTAINERS[name])
        if self.open:
            self._flush(self.open[-1])
        self.open.append(_Block(name, number, settings))

    def _picture(self, number: int, text: str) -> None:
        if text.split()[:1] != ["picture"]:
            name = (text.split() or [""])[0]
            raise self._wrong(number, f"there is no directive '::{name}'; write ::picture WIDGET")
        _, settings = self._settings(number, text)
        words = text.split()
        widget = words[1] if len(words) > 1 else ""
        if widget not in self.widgets:
            raise self._wrong(number, f"there is no picture '{widget[:40]}'; there are {', '.join(self.widgets)}")
        if not self.open or self.open[-1].name != "step":
            raise self._wrong(number, "::picture stands inside a :::step alone")
        self._flush(self.open[-1])
        self.open[-1].parts.append(Picture(widget, settings))

    def _close(self, number: int) -> None:
        if not self.open:
            raise self._wrong(number, "::: closes nothing; take the line away")
        block = self.open.pop()
        if block.name == "step":
            self._flush(block)
            self.steps.append(self._step(block))
        elif block.name == "teacher":
            self.teacher = "\n".join(block.text).strip()
        else:
            make = self._predict if block.name == "predict" else self._exercise
            self.open[-1].parts.append(make(block))

    def _step(self, block: _Block) -> Step:
        until = None
        if "until" in block.settings:
            try:
                until = Condition.read(block.settings["until"])
            except PrecedenceError as error:
                raise self._wrong(block.line, str(error).rstrip(".")) from error
            facts = {fact for part in block.parts if isinstance(part, Picture) for fact in self.widgets[part.widget]}
            if until.fact not in facts:
                told = ", ".join(sorted(facts)) or "none, for the step has no picture"
                raise self._wrong(block.line, f"no picture of this step tells '{until.fact}'; they tell {told}")
        if "title" not in block.settings:
            raise self._wrong(block.line, 'the step has no title; write :::step title="…"')
        return Step(block.settings["title"], tuple(block.parts), until)

    def _predict(self, block: _Block) -> Predict:
        above, told = self._halves(block)
        options = tuple(line.strip()[2:] for line in above if line.strip().startswith("- "))
        question = "\n".join(line for line in above if not line.strip().startswith("- ")).strip()
        answer = self._number(block, "answer")
        if len(options) < 2 or answer != int(answer) or not 1 <= answer <= len(options):
            raise self._wrong(block.line, f"the answer {answer:g} is none of {len(options)} options; give two or more "
                              "lines that begin with '- ', and the number of the right one")  # fmt: skip
        return Predict(question, options, int(answer) - 1, told)

    def _exercise(self, block: _Block) -> Exercise:
        above, told = self._halves(block)
        within = self._number(block, "within")
        return Exercise(
            "\n".join(above).strip(), self._number(block, "answer"), within, block.settings.get("hint", ""), told
        )

    def _halves(self, block: _Block) -> tuple[list[str], str]:
        places = [at for at, line in enumerate(block.text) if line.strip() == _BREAK]
        if not places:
            raise self._wrong(block.line, f":::{block.name} tells nothing afterwards; write --- and what is told")
        return block.text[: places[0]], "\n".join(block.text[places[0] + 1 :]).strip()

    def _number(self, block: _Block, name: str) -> float:
        try:
            return float(block.settings[name])
        except (KeyError, ValueError):
            given = block.settings.get(name, "")
            raise self._wrong(block.line, f"{name} of :::{block.name} is '{given[:20]}'; write a number") from None

    def _settings(self, number: int, text: str) -> tuple[str, dict[str, str]]:
        name, _, rest = text.strip().partition(" ")
        if name == "picture":
            rest = rest.strip().partition(" ")[2]
        left = _SETTING.sub("", rest).strip()
        if left:
            raise self._wrong(
                number, f"'{left[:40]}' is no setting; write name=value, with double quotes around blanks"
            )
        return name, {key: quoted or plain for key, quoted, plain in _SETTING.findall(rest)}

    def _known(self, number: int, name: str, settings: Mapping[str, str], known: set[str]) -> None:
        for setting in settings:
            if setting not in known:
                told = ", ".join(sorted(known)) or "none"
                raise self._wrong(number, f":::{name} has no setting '{setting}'; it has {told}")

    def _flush(self, block: _Block) -> None:
        text = "\n".join(block.text).strip()
        block.text = []
        if text:
            block.parts.append(Text(text))

    def _wrong(self, line: int, what: str) -> PrecedenceError:
        return PrecedenceError(f"{self.file.name}, line {line}: {what}.")
