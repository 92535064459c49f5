"""Files of events that a person brings: kept when they can be read, refused in a sentence when not."""

from __future__ import annotations

import pytest

from core.errors import PrecedenceError
from core.users import uploaded_events

LINES = [f"u{user},i{event},2026-03-{1 + event:02d} 08:00:00" for user in range(9) for event in range(4)]


@pytest.fixture
def file(tmp_path, monkeypatch):
    monkeypatch.setenv("PRECEDENCE_HOME", str(tmp_path / "home"))
    made = tmp_path / "My events (1).csv"
    made.write_text("\n".join(["user,item,time", *LINES, LINES[0]]), encoding="utf-8")
    return made


def test_a_file_is_kept_and_found_again(file):
    source, repairs = uploaded_events.keep(file)
    assert source.startswith("own:")
    assert any("1" in sentence for sentence in repairs.sentences())  # the duplicated row is told
    assert uploaded_events.kept_files() == [source.removeprefix("own:")]
    assert uploaded_events.file_of(source).read_bytes() == file.read_bytes()
    with pytest.raises(PrecedenceError, match="already; give this one another name"):
        uploaded_events.keep(file)


def test_unreadable_files_leave_nothing_behind(file):
    file.write_text("who,what\n1,2\n", encoding="utf-8")
    with pytest.raises(PrecedenceError, match="Column user is not in"):
        uploaded_events.keep(file)
    assert uploaded_events.kept_files() == []


@pytest.mark.parametrize("source", ["own:nothing.csv", "own:../../etc/passwd", "own:"])
def test_a_source_that_is_not_there_is_told(file, source):
    with pytest.raises(PrecedenceError, match="There is no file of events"):
        uploaded_events.file_of(source)
