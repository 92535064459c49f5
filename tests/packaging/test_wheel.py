"""The wheel: what it holds, and that the program runs from it in an environment that has no checkout."""

from __future__ import annotations

import json
import re
import signal
import sys
import urllib.request
import zipfile
from collections.abc import Iterator
from email.message import Message
from email.parser import Parser
from pathlib import Path

import pytest

import core
from tests.conftest import ROOT, App
from tests.packaging.environments import PIP, done, environment, install

MODULE = "from core.server.assets import asset_address; print(asset_address('live/charts.js'))"
HELD = ("app.py", "core", "pages", "assets", "sample_data", ".streamlit/config.toml")


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Built from this tree without a network."""
    out = tmp_path_factory.mktemp("dist")
    done(sys.executable, *PIP, "wheel", str(ROOT), "--no-deps", "--no-build-isolation", "--wheel-dir", str(out))
    (file,) = out.glob("*.whl")
    return file


@pytest.fixture(scope="module")
def metadata(wheel: Path) -> Message:
    with zipfile.ZipFile(wheel) as archive:
        (name,) = (one for one in archive.namelist() if one.endswith(".dist-info/METADATA"))
        return Parser().parsestr(archive.read(name).decode())


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A fresh environment with the wheel in it; its dependencies come from the one that runs the tests."""
    return install(environment(tmp_path_factory.mktemp("installed")), str(wheel))


@pytest.fixture
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working folder with a `core` of its own, which is not this program's."""
    monkeypatch.delenv("PYTHONPATH", raising=False)
    monkeypatch.setenv("PRECEDENCE_HOME", str(tmp_path / "home"))
    folder = tmp_path / "elsewhere"
    (folder / "core").mkdir(parents=True)
    (folder / "core" / "__init__.py").write_text("raise SystemExit('the wrong core')")
    return folder


def test_it_holds_the_whole_program_in_one_folder(wheel: Path):
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
    assert {name.split("/")[0] for name in names if ".dist-info" not in name} == {
        "precedence_app",
        "precedence_app.pth",
    }
    held = {name.removeprefix("precedence_app/") for name in names if name.startswith("precedence_app/")}
    assert held == set(_program())


def test_version_and_dependencies_stand_in_one_place(metadata: Message):
    assert metadata["Version"] == core.__version__
    asked = [_words(one) for one in metadata.get_all("Requires-Dist", [])]
    assert set(_listed("requirements.txt")) == {one for one in asked if "extra==" not in one}
    names = ("ray", "onnx", "oidc")
    extras = {f"{one};extra=='{name}'" for name in names for one in _listed(f"requirements-{name}.txt")}
    assert {one for one in asked if "extra==" in one} == extras
    assert metadata["License-Expression"] == "Apache-2.0"


def test_the_command_trains_and_writes_nothing_beside_the_program(installed: Path, elsewhere: Path):
    before = _files(installed)
    line = "train --dataset shop --set stage_steps=3 --set probe_every=0 --set reference=0 --json --quiet"
    said = done(str(installed / "bin" / "precedence"), *line.split(), folder=elsewhere)
    assert json.loads(said)["status"] == "finished"
    assert _files(installed) == before


def test_the_command_opens_the_app(installed: Path, elsewhere: Path, tmp_path: Path):
    app = App(tmp_path / "home", (str(installed / "bin" / "precedence"), "run"), elsewhere)
    before = _files(installed)
    try:
        app.start()
        with urllib.request.urlopen(app.url, timeout=60) as page:
            assert "<title>" in page.read().decode()
        module = done(str(installed / "bin" / "python"), "-c", MODULE, folder=tmp_path).strip()
        with urllib.request.urlopen(app.url + module, timeout=60) as script:
            assert script.read() == (ROOT / "assets" / "live" / "charts.js").read_bytes()
        app.wait_for_worker()
        assert app.process is not None
        app.process.send_signal(signal.SIGINT)  # Ctrl+C
        assert app.process.wait(timeout=60) in (0, 130)  # 0: all had stopped before the interrupt was told on
        assert "Traceback" not in app.log()
        assert "Abort" not in app.log()
    finally:
        app.stop()
    assert _files(installed) == before


def test_an_editable_install_is_this_tree(tmp_path: Path, elsewhere: Path):
    editable = install(environment(tmp_path / "editable"), "--no-build-isolation", "--editable", str(ROOT))
    python = str(editable / "bin" / "python")
    assert Path(done(python, "-P", "-c", "import core; print(core.__file__)", folder=elsewhere).strip()) == (
        ROOT / "core" / "__init__.py"
    )
    assert "nmt" in done(str(editable / "bin" / "precedence"), "methods", folder=elsewhere)


def _program() -> Iterator[str]:
    for name in HELD:
        path = ROOT / name
        files = path.rglob("*") if path.is_dir() else [path]
        yield from (str(file.relative_to(ROOT)) for file in files if file.is_file() and _is_shipped(file))


def _is_shipped(file: Path) -> bool:
    return "__pycache__" not in file.parts and not file.name.endswith(".test.js")


def _files(folder: Path) -> dict[str, int]:
    """Size by name, without what Python and numba compile and keep."""
    return {
        str(file.relative_to(folder)): file.stat().st_size
        for file in folder.rglob("*")
        if file.is_file() and "__pycache__" not in file.parts
    }


def _listed(name: str) -> Iterator[str]:
    for line in (ROOT / name).read_text().splitlines():
        if one := line.split("#")[0].strip():
            yield _words(one)


def _words(requirement: str) -> str:
    return re.sub(r"\s", "", requirement).replace('"', "'")
