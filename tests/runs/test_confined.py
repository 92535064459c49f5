"""What a stranger's file decides happens in a child: bad files are refused in a sentence, in time, and cost nothing."""

from __future__ import annotations

import random
import threading
import time

import duckdb
import psutil
import pytest

from core.data.sources.uploaded.look import columns_of_table
from core.errors import PrecedenceError
from core.runs.sidecar.confined import confined


def bomb(file):
    """Few bytes that are many rows of long texts."""
    with duckdb.connect() as database:
        database.execute(
            f"COPY (SELECT repeat('x', 4000) AS a, repeat('y', 4000) AS b FROM range(150000)) TO '{file}' "
            "(FORMAT parquet, COMPRESSION zstd)"
        )


def long_line(file):
    file.write_bytes(b"a,b\n" + b"x" * 30_000_000)


def many_columns(file):
    names = ",".join(f"c{number}" for number in range(10_000))
    file.write_text(f"{names}\n{','.join('1' * 10_000)}\n")


def large_cell(file):
    file.write_text("a,b\n" + "x" * 1_000_000 + ",2\n")


def noise(file):
    file.write_bytes(random.Random(3).randbytes(200_000))


@pytest.mark.parametrize(
    ("name", "make"),
    [("bomb.parquet", bomb), ("long.csv", long_line), ("wide.csv", many_columns), ("noise.csv", noise),
     ("noise.parquet", noise), ("empty.csv", lambda file: file.write_bytes(b"")), ("cell.csv", large_cell)],
)  # fmt: skip
def test_a_bad_file_is_refused_in_time_and_costs_the_server_nothing(tmp_path, name, make):
    file = tmp_path / name
    make(file)
    memory, began = psutil.Process().memory_info().rss, time.monotonic()
    try:
        columns = confined(columns_of_table, file)
        assert name in ("bomb.parquet", "cell.csv", "noise.csv")  # may be read, if within the limits
        assert len(columns) < 2000
        said = ""
    except PrecedenceError as error:
        said = str(error)
    assert "\n" not in said
    assert str(tmp_path) not in said
    assert "Traceback" not in said
    assert time.monotonic() - began < 60
    assert psutil.Process().memory_info().rss - memory < 100 << 20


def hang() -> None:
    time.sleep(60)


def grow() -> int:
    return len(bytearray(3 << 30))


def end() -> None:
    import os

    os._exit(1)


def answer_too_much() -> bytes:
    return b"x" * (80 << 20)


@pytest.mark.parametrize(
    ("work", "says"),
    [
        (hang, "took longer than 2 s"),
        (grow, "more than 256 MB"),
        (end, "more than 256 MB"),
        (answer_too_much, "take in"),
    ],
)
def test_each_limit_is_a_sentence(work, says):
    with pytest.raises(PrecedenceError, match=says):
        confined(work, seconds=2 if work is hang else 30, megabytes=1024 if work is answer_too_much else 256)
    assert not [child for child in psutil.Process().children() if "confined" in " ".join(child.cmdline())]


def test_whoever_waits_can_cancel():
    class LeftError(Exception):
        pass

    def leave(since: float) -> None:
        if since > 0.2:
            raise LeftError

    with pytest.raises(LeftError):
        confined(hang, seconds=30, waiting=leave)
    assert not [child for child in psutil.Process().children() if "confined" in " ".join(child.cmdline())]


def test_of_one_person_one_file_is_read_at_a_time(tmp_path):
    file = tmp_path / "a.csv"
    file.write_text("a,b\n1,2\n")
    begun = threading.Event()

    def read_slowly() -> None:
        with pytest.raises(PrecedenceError, match="took longer"):
            confined(hang, person="ann", seconds=3, waiting=lambda since: begun.set())

    slow = threading.Thread(target=read_slowly)
    slow.start()
    begun.wait(30)
    with pytest.raises(PrecedenceError, match="Another of your files"):
        confined(columns_of_table, file, person="ann")
    assert confined(columns_of_table, file, person="ben") == ["a", "b"]
    slow.join()
