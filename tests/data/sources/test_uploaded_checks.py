"""Bad tables: each fault gives one sentence that names the column and the rows, and a sound table gives none."""

from __future__ import annotations

import math
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.data import parquet
from core.data.sources.uploaded.checks import check
from core.data.sources.uploaded.table import check_file, read_table
from core.errors import PrecedenceError


def table(folder: Path, rows: list[tuple[object, ...]], header: str = "word,amount,click,when") -> Path:
    lines = [",".join("" if cell is None else str(cell) for cell in row) for row in rows]
    file = folder / "table.csv"
    file.write_text("\n".join([header, *lines]) + "\n", encoding="utf-8")
    return file


def sound(count: int = 120) -> list[tuple[object, ...]]:
    return [(f"w{n % 7}", n * 0.5, n * 7 % 3 % 2, f"2026-03-{1 + n // 12:02d}") for n in range(count)]


def problems(folder: Path, rows: list[tuple[object, ...]], **more: object) -> list[str]:
    return check_file(table(folder, rows), more.get("labels", {"click": None}), more.get("time")).problems  # type: ignore[arg-type]


def test_a_sound_table_has_no_problem(tmp_path: Path) -> None:
    report = check_file(table(tmp_path, sound()), {"click": None, "amount": None}, "when")
    assert report.problems == []
    assert report.rows == 120
    assert report.tasks["click"].kind == "binary"
    assert report.tasks["amount"].kind == "regression"
    assert report.tasks["click"].mean == pytest.approx(sum(row[2] for row in sound()) / 120)  # type: ignore[misc]


@settings(max_examples=25, deadline=None)
@given(st.sets(st.integers(0, 119), min_size=1, max_size=30), st.sampled_from(["inf", "2", "-1", "", "nan"]))
def test_faulty_labels_name_their_rows(where: set[int], value: str) -> None:
    rows = [(*row[:2], value if n in where else row[2], row[3]) for n, row in enumerate(sound())]
    with TemporaryDirectory() as folder:
        report = check_file(table(Path(folder), rows), {"click": "binary"})
    if value in ("", "nan"):  # missing labels are normal: masked and counted
        assert report.tasks["click"].missing == len(where)
        assert report.problems == []
        return
    assert len(report.problems) == 1
    sentence = report.problems[0]
    assert "Column click" in sentence
    first = sorted(n + 1 for n in where)[:3]
    assert all(str(number) in sentence for number in first)
    assert ("infinite" in sentence) == math.isinf(float(value))
    if len(where) > 3:
        assert f"and {len(where) - 3} more" in sentence


@pytest.mark.parametrize(
    ("change", "more", "words"),
    [
        (lambda rows: rows, {"labels": {"buy": None}}, "Column buy is not in the table"),
        (
            lambda rows: [(f"w{n}", *row[1:]) for n, row in enumerate(rows)],
            {"labels": {"word": None}},
            "Column word is of type VARCHAR, for example 'w0' in rows 1, 2, 3",
        ),
        (lambda rows: [*rows[:4], (rows[4][0], "1e39", *rows[4][2:]), *rows[5:]], {}, "holds 1e+39 in row 5"),
        (lambda rows: [(*row[:2], 1, row[3]) for row in rows], {}, "holds only 1 in all of its 120 known rows"),
        (lambda rows: [(*row[:2], None, row[3]) for row in rows], {}, "Column click is empty in all 120 rows"),
        (lambda rows: [], {}, "0 rows"),
        (lambda rows: rows[:9], {}, "The table has 9 rows"),
        (
            lambda rows: [(rows[0][0], "-inf", *rows[0][2:]), *rows[1:]],
            {},
            "Column amount holds an infinite value in row 1",
        ),
        (lambda rows: [(*rows[0][:3], "soon"), *rows[1:]], {"time": "when"}, "Time column when holds 'soon' in row 1"),
        (lambda rows: [(*row[:3], "2026-01-01") for row in rows], {"time": "when"}, "fewer than 3 different times"),
        (lambda rows: rows, {"time": "day"}, "Time column day is not in the table"),
    ],
)
def test_each_fault_has_its_sentence(tmp_path: Path, change, more, words: str) -> None:  # type: ignore[no-untyped-def]
    found = problems(tmp_path, change(sound()), **more)
    assert [sentence for sentence in found if words in sentence], found
    assert all(sentence.endswith(".") and "\n" not in sentence for sentence in found)


def test_a_name_that_stands_again_gets_a_number_and_is_told(tmp_path: Path) -> None:
    file = table(tmp_path, sound(), header="click,amount,Click,when")
    found = check_file(file, {"Click_2": None})
    assert found.tasks["Click_2"].kind == "binary"
    assert [one for one in found.warnings if "Column Click stands more than once" in one and "Click_2" in one]


def test_an_empty_column_is_not_used_and_told(tmp_path: Path) -> None:
    found = check_file(table(tmp_path, [(row[0], None, *row[2:]) for row in sound()]), {"click": None})
    assert not found.problems
    assert "Column amount is empty in all rows: not used." in found.warnings


def test_all_features_are_checked_in_a_few_passes(tmp_path: Path) -> None:
    """Of 200 columns three are amiss: each is told, and no sound one costs a query of its own."""
    names = [f"f{at}" for at in range(200)]
    cells = {"f7": "inf", "f90": "1e39"}
    rows = [[cells.get(name, "0.5") if at == 3 else f"{at}.5" for name in names] for at in range(80)]
    file = tmp_path / "wide.csv"
    file.write_text(
        "\n".join([",".join([*names, "y"]), *(",".join([*row, str(at % 2)]) for at, row in enumerate(rows))])
    )
    with parquet.connect() as database:
        chosen = read_table(database, [file], {"y": "binary"})
        asked = Counting(database)
        found = check(asked, chosen.reading, chosen.labels, chosen.features)  # type: ignore[arg-type]
    assert [one.split(" holds")[0] for one in found.problems] == ["Column f7", "Column f90"]
    assert asked.queries < 60


class Counting:
    """A connection that counts what it is asked."""

    def __init__(self, database: duckdb.DuckDBPyConnection) -> None:
        self.database, self.queries = database, 0

    def execute(self, query: str) -> duckdb.DuckDBPyConnection:
        self.queries += 1
        return self.database.execute(query)


def test_names_of_our_own_are_refused(tmp_path: Path) -> None:
    file = table(tmp_path, sound(), header="precedence_split,amount,click,when")
    with pytest.raises(PrecedenceError, match="reserved"):
        check_file(file, {"click": None})


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("none.csv", None, "does not exist"),
        ("empty.csv", b"", "0 bytes"),
        ("book.xlsx", b"PK", "cannot be read as a workbook"),
        ("letter.docx", b"PK", "ends in .docx"),
        ("half.csv.gz", b"\x1f\x8b\x08", "cannot be unpacked"),
        ("fake.parquet", b"not parquet at all", "begins with .not ., as no Parquet"),
    ],
)
def test_files_that_cannot_be_read(tmp_path: Path, name: str, content: bytes | None, words: str) -> None:
    if content is not None:
        (tmp_path / name).write_bytes(content)
    with pytest.raises(PrecedenceError, match=words):
        check_file(tmp_path / name, {"click": None})


def test_fields_of_nested_columns_are_columns(tmp_path: Path) -> None:
    file = tmp_path / "t.parquet"
    duckdb.execute(
        f"COPY (SELECT i % 2 AS click, {{'a': i % 7}} AS deep, MAP {{'a': i}} AS more FROM range(100) t(i)) "
        f"TO '{file}' (FORMAT parquet)"
    )
    assert ["more" in sentence for sentence in check_file(file, {"click": None}).problems] == [True]
