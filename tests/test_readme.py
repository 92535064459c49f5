"""What the README shows is what the program does."""

from __future__ import annotations

import contextlib
import io
import re
from pathlib import Path

ROOT = Path(__file__).parent.parent
TEXT = (ROOT / "README.md").read_text()


def test_the_example_prints_what_it_says():
    (code,) = re.findall(r"```python\n(.*?)```", TEXT, re.S)
    said = re.findall(r"^# (.*)$", code, re.M)
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        exec(code, {})
    assert out.getvalue().splitlines() == said


def test_every_room_and_file_it_names_exists():
    for path in re.findall(r"`((?:core|pages|assets|sample_data|tests)/[\w./]*)`", TEXT):
        assert (ROOT / path).exists(), path
    for target in re.findall(r"\]\(([\w./]+)\)", TEXT):
        assert (ROOT / target).exists(), target


def test_every_room_is_named():
    rooms = {p.parent.name for p in (ROOT / "core").glob("*/__init__.py")}
    assert rooms <= set(re.findall(r"core/(\w+)`", TEXT))
