"""Reading of uploads: larger files are given more time and memory, and an upload is a file under its own name."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import pytest

from pages.shared import reading


class Upload(io.BytesIO):
    name = "../of somebody.csv"


def test_an_upload_is_a_file_under_its_own_name(tmp_path: Path) -> None:
    upload = Upload(b"a,b\n1,2\n")
    upload.read()
    found = reading.saved(upload, tmp_path)  # type: ignore[arg-type]
    assert found == tmp_path / "of somebody.csv"
    assert found.read_bytes() == b"a,b\n1,2\n"


def test_the_size_is_that_of_all_files_up_to_what_may_be_uploaded(tmp_path: Path) -> None:
    sizes = {"a": 3_000_000, "b": 5_000_000, "huge": 10_000_000_000}
    for name, size in sizes.items():
        with (tmp_path / name).open("wb") as file:
            file.truncate(size)
    one, other = tmp_path / "a", tmp_path / "b"
    assert reading.size_of(([one, other], "words", None)) == pytest.approx(8)
    assert reading.size_of((tmp_path / "huge",)) == reading.size_of((tmp_path,)) == 200


def test_a_large_file_is_given_more(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[dict[str, Any]] = []
    monkeypatch.setattr(reading, "confined", lambda work, *arguments, **limits: asked.append(limits))
    monkeypatch.setattr(reading, "check_room", lambda home, mark: None)
    for size in (1_000_000, 120_000_000):
        with (tmp_path / "f").open("wb") as file:
            file.truncate(size)
        reading.read_confined(len, tmp_path / "f")
    small, large = asked
    assert (small["seconds"], small["megabytes"]) == (reading.SECONDS, reading.MEGABYTES)
    assert large["seconds"] == pytest.approx(4 * reading.SECONDS)
    assert large["megabytes"] == reading.MEGABYTES + 1200
