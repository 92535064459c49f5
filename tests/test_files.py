"""What is replaced on disk is the old or the new."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from core.files import all_below, bytes_in, put_in_place, whole_folder, write_text, write_whole


def test_a_file_that_cannot_be_written_stays_as_it_was(tmp_path: Path) -> None:
    file = tmp_path / "kept.txt"
    write_text(file, "old")

    def half(unfinished: Path) -> None:
        unfinished.write_text("ne")
        raise OSError("the disk is full")

    with pytest.raises(OSError, match="full"):
        write_whole(file, half)
    assert file.read_text() == "old"
    assert [path.name for path in tmp_path.iterdir()] == ["kept.txt"]


def test_a_folder_is_replaced_whole_or_not_at_all(tmp_path: Path) -> None:
    folder = tmp_path / "place" / "kept"
    for number in (1, 2):
        with whole_folder(folder) as made:
            (made / f"{number}.txt").write_text(str(number))
    assert [path.name for path in folder.iterdir()] == ["2.txt"]

    def half() -> None:
        with whole_folder(folder) as made:
            (made / "3.txt").write_text("3")
            raise OSError("the disk is full")

    with pytest.raises(OSError, match="full"):
        half()
    assert [path.name for path in folder.iterdir()] == ["2.txt"]
    assert [path.name for path in folder.parent.iterdir()] == ["kept"]


def test_the_old_folder_comes_back_where_the_new_one_cannot_be_moved(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, made = tmp_path / "kept", tmp_path / "made"
    folder.mkdir()
    (folder / "old.txt").write_text("old")
    made.mkdir()
    replace = os.replace

    def refused(source: Path, target: Path) -> None:
        if source == made:
            raise OSError("not on this disk")
        replace(source, target)

    monkeypatch.setattr(os, "replace", refused)
    with pytest.raises(OSError, match="not on this disk"):
        put_in_place(made, folder)
    assert (folder / "old.txt").read_text() == "old"


def test_a_folder_is_gone_through_while_others_change_it(tmp_path: Path):
    """As a living home: workers' folders come and go while the doctor, a backup or the quota looks."""
    for name in "abc":
        (tmp_path / name / "deep").mkdir(parents=True)
        (tmp_path / name / "deep" / "file").write_bytes(b"12345")
    assert bytes_in(tmp_path) == 15
    assert bytes_in(tmp_path / "a" / "deep" / "file") == 5
    assert bytes_in(tmp_path / "none") == 0
    seen = []
    for path in all_below(tmp_path):
        seen.append(path)
        shutil.rmtree(tmp_path / "b", ignore_errors=True)
    assert {tmp_path / "a" / "deep" / "file", tmp_path / "b", tmp_path / "c" / "deep" / "file"} <= set(seen)
    assert tmp_path / "b" / "deep" not in seen
