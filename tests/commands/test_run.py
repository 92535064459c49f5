"""`precedence run` starts Streamlit on this program's app.py, with the flags that were asked for."""

from __future__ import annotations

from typing import Any

import pytest
from streamlit.web import cli

from core.commands.root import execute
from core.home import PROGRAM


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What Streamlit was started with."""
    words: list[str] = []

    def main(arguments: list[str], **_: Any) -> None:
        words.extend(arguments)

    monkeypatch.setattr(cli, "main", main)
    return words


def test_it_listens_on_this_machine_alone_unless_told_otherwise(started: list[str]):
    assert execute(["run"]) == 0
    assert started == ["run", str(PROGRAM / "app.py"), "--server.port=8501", "--server.address=localhost"]


def test_host_port_and_the_path_behind_a_proxy(started: list[str]):
    assert execute(["run", "--port", "8600", "--host", "0.0.0.0", "--base-path", "/lab/", "--headless"]) == 0
    assert started[2:] == [
        "--server.port=8600",
        "--server.address=0.0.0.0",
        "--server.baseUrlPath=lab",
        "--server.headless=true",
    ]


def test_a_port_that_is_none_is_refused_in_a_sentence(started: list[str], capsys: pytest.CaptureFixture[str]):
    assert execute(["run", "--port", "99999"]) == 2
    assert not started
    assert len(capsys.readouterr().err.strip().splitlines()) == 1
