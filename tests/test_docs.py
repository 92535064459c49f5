"""What the documents show is what the program does, and what they name is there."""

from __future__ import annotations

import contextlib
import importlib.util
import io
import re
import shlex
from pathlib import Path

import pytest
import torch

from core.commands.options import Command
from core.commands.root import ROOT as ROOT_COMMAND

ROOT = Path(__file__).parent.parent
DECISIONS = ROOT / "docs" / "decisions"
PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("sample_data/*.md")])
SECTIONS = ["Context", "Decision", "Figures", "Consequences"]
HISTORY = ("CHANGELOG.md",)  # may name what is no longer there


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_what_a_page_names_is_there(page: Path):
    text = page.read_text()
    for target in re.findall(r"\]\((?!https?:)([\w./-]+)\)", text):
        assert (page.parent / target).exists(), target
    if page.name in HISTORY:
        return
    for path in re.findall(r"`((?:core|pages|assets|docs|sample_data|tests)/[\w./]*)`", text):
        assert (ROOT / path).exists(), path
    for module in re.findall(r"python -m (core\.[\w.]+)", text):
        assert importlib.util.find_spec(module), module


def test_prose_of_the_results_is_wrapped():
    """Tables may be wide."""
    lines = (ROOT / "docs" / "results.md").read_text().splitlines()
    assert [line[:40] for line in lines if len(line) > 160 and not line.startswith("|")] == []


def test_every_room_is_described():
    rooms = {path.parent.name for path in (ROOT / "core").glob("*/__init__.py")}
    assert rooms <= set(re.findall(r"core/(\w+)`", (ROOT / "docs" / "architecture.md").read_text()))


def test_each_decision_has_its_sections_and_stands_in_the_list():
    pages = sorted(DECISIONS.glob("[0-9]*.md"))
    listed = re.findall(r"^- \[(\d+)\. (.+)\]\((.+)\)$", (DECISIONS / "README.md").read_text(), re.M)
    assert [name for _, _, name in listed] == [page.name for page in pages]
    for page, (number, title, _) in zip(pages, listed, strict=True):
        text = page.read_text()
        assert text.startswith(f"# {number}. {title}\n\nStatus: "), page.name
        assert int(page.name[:4]) == int(number)
        assert re.findall(r"^## (.+)$", text, re.M) == SECTIONS, page.name


COMMAND = r"(?:\w+=\S+ )*(?:precedence|python -m core) \w"
NOT_WHOLE = r"[…[]|COMMAND|--seeds? S\b|core bench$"


def _lines(text: str) -> list[str]:
    """The command lines in a page: in blocks, a line each, and between words."""
    inline = re.findall(rf"`({COMMAND}[^`]+)`", text)
    blocks = [line for block in re.findall(r"```\n(.*?)```", text, re.S) for line in block.splitlines()]
    found = [line for line in [*blocks, *inline] if re.match(COMMAND, line)]
    return [line.replace("\n", " ") for line in found if not re.search(NOT_WHOLE, line)]


LINES = {line: page.name for page in PAGES for line in _lines(page.read_text())}


@pytest.mark.parametrize("line", LINES, ids=lambda line: f"{LINES[line]}: {line[:60]}")
def test_each_command_line_is_understood(line: str, monkeypatch: pytest.MonkeyPatch):
    """By its words and flags; nothing is run."""
    asked = []
    monkeypatch.setattr(Command, "invoke", lambda self, context: asked.append(self.name))
    words = shlex.split(line, comments=True)
    first = next(n for n, word in enumerate(words) if word in ("core", "precedence"))
    ROOT_COMMAND.main(words[first + 1 :], prog_name="precedence", standalone_mode=False)
    assert asked or "--help" in words


def test_the_examples_of_own_loops_print_what_they_say(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("PRECEDENCE_HOME", str(tmp_path))
    torch.set_num_threads(1)  # two threads on cores with other work wait for each other
    names: dict[str, object] = {}
    for code in re.findall(r"```python\n(.*?)```", (ROOT / "docs" / "own_loop.md").read_text(), re.S):
        out = io.StringIO()
        with contextlib.redirect_stdout(out):
            exec(code, names)
        assert out.getvalue().splitlines() == re.findall(r"^# (.*)$", code, re.M)
