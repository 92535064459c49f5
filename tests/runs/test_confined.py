"""What a stranger's file decides happens in a child: bad files are refused in a sentence, in time, and cost nothing."""

from __future__ import annotations

import pickle
import random
import threading
import time
from pathlib import Path

import duckdb
import numpy as np
import psutil
import pytest

from core.data.reading.options import ColumnChoice, ReaderOptions
from core.data.sources.uploaded.look import columns_of_table, look
from core.data.sources.uploaded.table import check_file
from core.errors import PrecedenceError
from core.relevance.stores.uploaded import read_catalogue
from core.runs.sidecar.confined import _read, confined


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
        (hang, r"took longer than \d+ s"),
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


def numbers(given: float, names: dict[str, float | None]) -> tuple[float, bytes, dict[str, float | None]]:
    return given, b"\x00\xff", names


def test_an_answer_comes_back_as_the_very_values_that_the_function_gives(tmp_path):
    table = tmp_path / "a.csv"
    table.write_text("day,price,bought,note\n2024-01-02,1.5,1,=1+1\n2024-01-03,,0,<b>\n2024-01-04,2.5,1,ünï\n")
    chosen = ReaderOptions(columns={"note": ColumnChoice(role="ignore")})
    assert confined(look, [table], chosen, "table") == look([table], chosen, "table")
    labels = {"bought": None}
    assert confined(check_file, [table], labels, None, chosen) == check_file([table], labels, None, chosen)
    pairs = tmp_path / "pairs.csv"
    pairs.write_text("query,title,label\nred,red dress,1\nred,blue hat,0\n")
    columns = {"query": "query", "title": "title", "label": "label"}
    assert confined(read_catalogue, pairs, columns) == read_catalogue(pairs, columns)
    assert confined(numbers, float("inf"), {"a": None, "b": 0.1}) == (float("inf"), b"\x00\xff", {"a": None, "b": 0.1})


def test_numbers_of_products_come_back_with_those_that_are_not_known(tmp_path):
    """A judged file with prices, some of them missing."""
    file = tmp_path / "priced.csv"
    rows = [f"red {at % 9},red dress {at},{at % 3},{'' if at % 7 == 0 else at * 1.5}" for at in range(200)]
    file.write_text("\n".join(["query,title,label,price", *rows]))
    (there,), (here,) = confined(read_catalogue, file).aims, read_catalogue(file).aims
    assert there.name == here.name == "price"
    assert np.isnan(here.known).any()
    assert np.array_equal(there.known, here.known, equal_nan=True)
    assert np.array_equal(there.outcome, here.outcome, equal_nan=True)


def unsayable(file: Path) -> threading.Event:
    return threading.Event()


def test_a_reader_that_fails_before_it_sees_the_file_does_not_call_it_too_large(tmp_path):
    with pytest.raises(PrecedenceError, match=r"cannot be read \(its reader failed\); tell whoever runs this server"):
        confined(unsayable, tmp_path / "a.csv")


class Hostile:
    """What a child that a file has taken over would like the server to run."""

    def __reduce__(self):
        return pytest.fail, ("the server ran what the child said",)


@pytest.mark.parametrize("before", [b"", b"+", b"-"])
def test_a_child_that_answers_otherwise_is_told_as_a_file_that_cannot_be_read(before):
    with pytest.raises(PrecedenceError) as told:
        _read(before + pickle.dumps(Hostile()), columns_of_table)
    assert "\n" not in str(told.value)
    with pytest.raises(PrecedenceError, match="gave no answer"):
        _read(b'+{"columns": 3}', columns_of_table)
