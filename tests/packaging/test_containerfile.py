"""The Containerfile's steps, run as far as a machine without containers allows."""

from __future__ import annotations

import json
import re
import shlex
import shutil
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.conftest import ROOT, App
from tests.packaging.environments import done, environment

NO_CACHE = shutil.ignore_patterns("__pycache__")


class Step(NamedTuple):
    instruction: str
    rest: str


def steps() -> list[Step]:
    """The instructions in order, continued lines joined, comments gone."""
    text = re.sub(r"^\s*#.*\n", "", (ROOT / "Containerfile").read_text(), flags=re.M).replace("\\\n", " ")
    return [Step(*line.split(None, 1)) for line in text.splitlines() if line.strip()]


def of(instruction: str) -> list[str]:
    return [step.rest for step in steps() if step.instruction == instruction]


def test_it_runs_as_nobody_special_with_its_home_on_a_volume():
    (user,), (volume,), (variables,) = of("USER"), of("VOLUME"), of("ENV")
    assert user != "root"
    assert any(f"useradd --create-home --uid 10001 {user}" in line for line in of("RUN"))
    assert dict(pair.split("=", 1) for pair in shlex.split(variables))["PRECEDENCE_HOME"] == volume
    order = [step.instruction for step in steps()]
    assert order.index("USER") > max(n for n, name in enumerate(order) if name == "RUN")


def test_its_steps_build_an_app_that_answers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.delenv("PYTHONPATH", raising=False)
    built, image = environment(tmp_path / "environment"), tmp_path / "image"
    image.mkdir()
    bin_first = {"PATH": f"{built / 'bin'}:/usr/bin:/bin", "PIP_NO_INDEX": "1", "PIP_NO_BUILD_ISOLATION": "0"}
    for step in steps():
        if step.instruction == "COPY":
            _copy(shlex.split(step.rest), image)
        if step.instruction == "RUN" and "useradd" not in step.rest:
            done("sh", "-c", step.rest, folder=image, **bin_first)
    (command,), (exposed,), (check,) = of("CMD"), of("EXPOSE"), of("HEALTHCHECK")
    program, *options = json.loads(command)
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    app = App(tmp_path / "home", (str(built / "bin" / program), *options), elsewhere)
    try:
        app.start()
        _, *script = json.loads(check.split("CMD", 1)[1])
        assert exposed in script[-1]
        done(str(built / "bin" / "python"), *(part.replace(exposed, str(app.port)) for part in script))
    finally:
        app.stop()


def _copy(words: list[str], image: Path) -> None:
    *sources, target = words
    for source in sources:
        assert (ROOT / source).exists(), source
        if (ROOT / source).is_dir():
            shutil.copytree(ROOT / source, image / target, ignore=NO_CACHE)
        else:
            (image / target).mkdir(exist_ok=True)
            shutil.copy(ROOT / source, image / target)
