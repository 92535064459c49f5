"""Where things are kept: as named, else beside the code as it always was, else where the system keeps data."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.errors import PrecedenceError
from core.home import home


@pytest.fixture
def nobody(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working folder without anything in it, and nothing named."""
    monkeypatch.delenv("PRECEDENCE_HOME")
    monkeypatch.setenv("HOME", str(tmp_path / "person"))
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "person" / "data"))
    folder = tmp_path / "work"
    folder.mkdir()
    monkeypatch.chdir(folder)
    return folder


def test_a_named_folder_comes_first(nobody: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (nobody / ".precedence").mkdir()
    monkeypatch.setenv("PRECEDENCE_HOME", str(tmp_path / "named"))
    assert home() == tmp_path / "named"
    assert home().is_dir()


def test_a_clone_that_has_its_folder_keeps_it(nobody: Path) -> None:
    (nobody / ".precedence").mkdir()
    assert home().resolve() == nobody / ".precedence"


def test_else_it_is_the_user_s_data_folder(nobody: Path, tmp_path: Path) -> None:
    found = home()
    assert found.name == "precedence"
    assert found.is_relative_to(tmp_path / "person")
    assert not list(nobody.iterdir())


def test_a_folder_that_cannot_be_made_is_refused(nobody: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (nobody / "file").write_text("")
    monkeypatch.setenv("PRECEDENCE_HOME", str(nobody / "file" / "home"))
    with pytest.raises(PrecedenceError, match="name a writable one in PRECEDENCE_HOME"):
        home()
