"""Drafts are found again by the name in the address, belong to one catalogue, and go with the last of them."""

from pathlib import Path

import pytest

from core.relevance.overrides import override_of
from pages.relevance import drafts

ONE = override_of(scope="term", word="sofa", action="forbid")
OTHER = override_of(scope="term", word="sofa", action="scale", value=0.5)


def test_drafts_are_found_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PRECEDENCE_HOME", str(tmp_path))
    name = drafts.keep(None, None, [ONE, OTHER])
    assert name is not None
    assert drafts.read(name, None) == [ONE, OTHER]
    assert drafts.read(name, "another") == []
    assert drafts.keep(name, None, [ONE]) == name
    assert drafts.read(name, None) == [ONE]
    assert drafts.keep(name, None, []) is None
    assert drafts.read(name, None) == []
    assert not list((tmp_path / "drafts").iterdir())


@pytest.mark.parametrize("name", ["", "../../etc/passwd", "a/b", "x" * 99, "never-was-one-here"])
def test_a_name_that_none_has_finds_nothing(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PRECEDENCE_HOME", str(tmp_path))
    assert drafts.read(name, None) == []
