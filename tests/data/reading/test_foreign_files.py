"""Files as other programs and other countries write them: each is read as its maker meant it, or told in a sentence."""

from __future__ import annotations

import bz2
import gzip
import io
import json
import lzma
import random
import zipfile
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from core.data import parquet
from core.data.reading.again import open_again
from core.data.reading.options import options_of
from core.data.reading.reader import Reading, open_source, read_profile
from core.data.sources.uploaded.event_file import read_events
from core.data.sources.uploaded.kept import options_of_table
from core.data.sources.uploaded.table import check_file, prepare
from core.errors import PrecedenceError

ROWS = 80


def text(file: Path, header: str, row: Callable[[int], str], encoding: str = "utf-8") -> Path:
    """A file of text with a row for each number."""
    lines = [header] * bool(header) + [row(at) for at in range(ROWS)]
    file.write_bytes("\n".join([*lines, ""]).encode(encoding))
    return file


def cells(file: Path, column: str, options: Sequence[str] = ()) -> list[object]:
    """What a column came to, row by row."""
    with parquet.connect() as database:
        open_source(database, file, options_of(options), "table")
        return [value for (value,) in database.execute(f'SELECT "{column}" FROM given').fetchall()]


def shown(file: Path) -> tuple[Reading, dict[str, tuple[str, str]]]:
    """A profile, and role and kind of each column."""
    found = read_profile(file)
    return found, {column.name: (column.role, column.kind) for column in found.columns}


@pytest.mark.parametrize(
    ("written", "value"),
    [("(1.50)", -1.5), ("1.50-", -1.5), ("\u22121.50", -1.5), ("12,34,567.50", 1234567.5), ("19.99 EUR", 19.99),
     ("USD 5", 5.0), ("5kr", 5.0), ("-$5.25", -5.25), ("($1,234.50)", -1234.5), ("7 %", 7.0)],
)  # fmt: skip
def test_numbers_are_read_as_they_are_meant(tmp_path: Path, written: str, value: float) -> None:
    file = text(tmp_path / "a.csv", "amount;other;buy", lambda at: f"{written if at else '2,000.25'};{at}.5;{at % 2}")
    assert cells(file, "amount")[1:] == [value] * (ROWS - 1)


@pytest.mark.parametrize("written", ["1-2", "5 kg", "(555) 1234", "EUR", "2026-03"])
def test_what_is_no_number_is_none(tmp_path: Path, written: str) -> None:
    file = text(tmp_path / "a.csv", "a,b", lambda at: f"{written},{at}")
    assert cells(file, "a", ["null_words=x"])[0] in (written, datetime(2026, 3, 1))


@pytest.mark.parametrize(
    ("written", "moment"),
    [("2026-03-01T12:00:00+02:00", datetime(2026, 3, 1, 10)), ("2026-03-01 12:00:00-0500", datetime(2026, 3, 1, 17)),
     ("2026-03-01T12:00:00Z", datetime(2026, 3, 1, 12)), ("20260301", datetime(2026, 3, 1)),
     ("46082.5", datetime(2026, 3, 1, 12)), ("2026-03", datetime(2026, 3, 1)),
     ("Sun, 01 Mar 2026 12:00:00 GMT", datetime(2026, 3, 1, 12)),
     ("Sun Mar 01 2026 12:00:00 GMT+0100 (CET)", datetime(2026, 3, 1, 11)),
     ("2 March 2026", datetime(2026, 3, 2))],
)  # fmt: skip
def test_times_are_those_of_utc_however_they_are_written(tmp_path: Path, written: str, moment: datetime) -> None:
    file = text(tmp_path / "a.csv", "date;v", lambda at: f"{written};{at}.5")
    assert cells(file, "date") == [moment] * ROWS


def test_dates_of_digits_alone_are_no_seconds(tmp_path: Path) -> None:
    day = datetime(2026, 3, 1)
    file = text(tmp_path / "a.csv", "user,item,date", lambda at: f"u{at % 5},i{at},{day + timedelta(at):%Y%m%d}")
    histories, repairs = read_events(file, now=datetime(2027, 1, 1).timestamp())
    assert histories.time.min() == datetime(2026, 3, 1, tzinfo=UTC).timestamp()
    assert any("are dates" in one for one in repairs.sentences())
    numbers = [int(f"{day + timedelta(at):%Y%m%d}") for at in range(ROWS)]
    table = pa.table({"user": [f"u{at % 5}" for at in range(ROWS)], "item": list(range(ROWS)), "date": numbers})
    pq.write_table(table, tmp_path / "a.parquet")
    histories, _ = read_events(tmp_path / "a.parquet", now=datetime(2027, 1, 1).timestamp())
    assert histories.time.min() == datetime(2026, 3, 1, tzinfo=UTC).timestamp()


@pytest.mark.parametrize(
    ("no", "yes"),
    [("Nein", "Ja"), ("Non", "Oui"), ("no", "s\u00ed"), ("\u5426", "\u662f"), ("\u043d\u0435\u0442", "\u0434\u0430")],
)
def test_yes_and_no_of_other_languages_are_one_and_nought(tmp_path: Path, no: str, yes: str) -> None:
    file = text(tmp_path / "a.csv", "x,buy", lambda at: f"{at}.5,{yes if at % 4 == 0 else no}")
    found = check_file(file, {"buy": None})
    assert (found.tasks["buy"].kind, found.tasks["buy"].mean) == ("binary", 0.25)


def test_a_word_among_noughts_and_ones_makes_no_other_kind_of_label(tmp_path: Path) -> None:
    file = text(tmp_path / "a.csv", "x,buy", lambda at: f"{at}.5,{'Total' if at == ROWS - 1 else at % 2}")
    assert shown(file)[1]["buy"] == ("label", "binary")


def test_letters_of_east_asia_are_no_capitals_in_the_middle_of_words(tmp_path: Path) -> None:
    file = text(tmp_path / "a.csv", "\u7528\u6237,\u4ef7\u683c", lambda at: f"\u7528\u6237{at % 9},{at}.5", "gb18030")
    assert read_profile(file).options.encoding == "gb18030"


def test_lines_of_two_encodings_are_read_each_in_its_own(tmp_path: Path) -> None:
    lines = [f"M\u00fcller,{at % 2}\n".encode("utf-8" if at % 3 else "latin-1") for at in range(ROWS)]
    (tmp_path / "a.csv").write_bytes(b"name,y\n" + b"".join(lines))
    assert cells(tmp_path / "a.csv", "name") == ["M\u00fcller"] * ROWS
    found = read_profile(tmp_path / "a.csv")
    assert any("older encoding" in one for one in found.warnings)
    assert read_profile(tmp_path / "a.csv", found.options).rows == ROWS


@pytest.mark.parametrize(
    ("header", "row", "names", "says"),
    [
        ("Report 2026;;\n;;\na;b;y", "{at};1.5;{odd}", ["a", "b", "y"], "2 lines above"),
        ("a;b;y\nkg;cm;-", "{at}.5;1.5;{odd}", ["a", "b", "y"], "such as units"),
        ("a;Q1;;y\n;plan;real;", "x;{at}.5;{at}.7;{odd}", ["a", "Q1 plan", "Q1 real", "y"], "two rows"),
        ("a;b;y", "{at}.5;2;{odd};", ["a", "b", "y", "column_4"], "end with a delimiter"),
        ("a;y", "r{at};{at}.5;{odd}", ["column_1", "a", "y"], "one name fewer"),
        ("a;A;y", "{at}.5;1;{odd}", ["a", "A_2", "y"], "more than once"),
        ("\u200bid;na\u00a0me;y", "{at}.5;w;{odd}", ["id", "na me", "y"], ""),
        (";a;y", "{at};1.5;{odd}", ["column_1", "a", "y"], "numbers the rows"),
        ("sep=;\na;b;y", "{at}.5;1;{odd}", ["a", "b", "y"], "1 line above"),
    ],
)
def test_the_first_rows_are_understood(tmp_path: Path, header: str, row: str, names: list[str], says: str) -> None:
    file = text(tmp_path / "a.csv", header, lambda at: row.format(at=at, odd=at % 2))
    found = read_profile(file)
    assert list(found.types) == names
    assert found.rows == ROWS
    assert any(says in one for one in [*found.warnings, ""])
    assert {column.name: column.role for column in found.columns}.get("column_1", "ignore") in (
        "ignore",
        "sparse",
        "id",
    )
    assert read_profile(file, found.options).types == found.types  # another file of this shape is read alike


def test_headers_among_the_rows_and_rows_of_nothing_are_left_out(tmp_path: Path) -> None:
    rows = "".join(f"{at}.5,{at % 2}\n" for at in range(40))
    (tmp_path / "a.csv").write_text(f"a,b\n{rows},\na,b\n{rows}")
    found = read_profile(tmp_path / "a.csv")
    assert found.rows == 80
    assert shown(tmp_path / "a.csv")[1]["b"] == ("sparse", "number")
    assert any("1 time more" in one for one in found.warnings)
    assert any("1 row of empty cells" in one for one in found.warnings)


@pytest.mark.parametrize(
    ("name", "row", "width"),
    [("a.dat", "{at}::{odd}::5::97830{at:04d}", 4), ("a.txt", "  name{at:<8} {at:>9}.5   {odd}", 3),
     ("a.txt", "{odd} qid:{at} 1:.5 2:.3 # doc{at}", 3), ("a.csv", '{at},"a \\"b\\" c, d",{odd}', 3),
     ("a.csv", "{at},'a, b',{odd}", 3)],
)  # fmt: skip
def test_cells_that_no_single_sign_keeps_apart(tmp_path: Path, name: str, row: str, width: int) -> None:
    file = text(tmp_path / name, "", lambda at: row.format(at=at, odd=at % 2))
    found = read_profile(file, options_of(["header=false"]) if name == "a.csv" else None)
    assert (len(found.types), found.rows) == (width, ROWS)
    assert read_profile(file, found.options).types == found.types


def test_arff_is_read_with_the_names_of_its_attributes(tmp_path: Path) -> None:
    header = "@relation x\n@attribute 'the a' numeric\n@attribute y {no,yes}\n@data"
    file = text(tmp_path / "a.arff", header, lambda at: f"{at}.5,{'yes' if at % 2 else 'no'}")
    assert list(read_profile(file).types) == ["the a", "y"]


def test_judgements_of_trec_have_names(tmp_path: Path) -> None:
    file = text(tmp_path / "a.qrels", "", lambda at: f"{301 + at // 9} 0 doc-{at % 9} {at % 3}")
    assert list(read_profile(file).types) == ["query_id", "iteration", "doc_id", "label"]


def test_a_title_a_line_is_not_cut(tmp_path: Path) -> None:
    file = text(tmp_path / "a.txt", "title", lambda at: f"red  lamp number {at}")
    assert list(read_profile(file).types) == ["title"]


TABLE = "a,b,y\n" + "".join(f"{at}.5,{at % 7},{at % 2}\n" for at in range(ROWS))


@pytest.mark.parametrize(
    ("name", "content"),
    [("a.csv.bz2", bz2.compress(TABLE.encode())), ("a.csv.xz", lzma.compress(TABLE.encode())), ("a", TABLE.encode()),
     ("packed.csv", gzip.compress(TABLE.encode(), mtime=0)), ("text.xlsx", TABLE.encode()),
     ("text.parquet", TABLE.encode()),
     ("objects.parquet", json.dumps([{"a": at, "b": at % 7, "y": at % 2} for at in range(ROWS)], indent=0).encode()),
     ("objects.csv", json.dumps([{"a": at, "b": at % 7, "y": at % 2} for at in range(ROWS)]).encode())],
)  # fmt: skip
def test_a_file_is_what_it_holds_not_what_it_is_called(tmp_path: Path, name: str, content: bytes) -> None:
    (tmp_path / name).write_bytes(content)
    found = read_profile(tmp_path / name)
    assert (list(found.types), found.rows) == (["a", "b", "y"], ROWS)


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("a.csv", b"<!DOCTYPE html><html>sign in</html>", "a page of the web"),
        ("a.csv", b"version https://git-lfs.github.com/spec/v1\noid sha256:4\n", "git lfs pull"),
        ("a.txt", b"1 1:.5 7:.25\n0 1:.5 2:.75\n", "sparse vectors"),
        ("a.csv", b"a," * 900 + b"b\n" + b"0," * 900 + b"1\n", "stands 900 times"),
        ("a.pdf", b"%PDF-1.7", "is a PDF"),
        ("a.parquet", b"PAR1" + bytes(200), "was cut short"),
        ("a.parquet", b"PAR1" + bytes(200) + b"PAR1", "cannot be read as Parquet"),
        ("a.csv.gz", gzip.compress(bz2.compress(b"a,b"), mtime=0), "packed once more"),
        ("a.csv", b"ARROW1\0\0", "Arrow or Feather"),
        ("a.tar.gz", gzip.compress(b"x.csv".ljust(257, b"\0") + b"ustar".ljust(300, b"\0"), mtime=0), "tar archive"),
    ],
)
def test_what_is_no_table_is_told(tmp_path: Path, name: str, content: bytes, says: str) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(PrecedenceError, match=says) as told:
        read_profile(tmp_path / name)
    assert str(tmp_path) not in str(told.value)


@pytest.mark.parametrize(
    "value",
    [
        {"a": {str(at): at for at in range(ROWS)}, "y": {str(at): at % 2 for at in range(ROWS)}},
        {"columns": ["a", "y"], "index": list(range(ROWS)), "data": [[at, at % 2] for at in range(ROWS)]},
        {"status": "ok", "rows": [{"a": at, "y": at % 2} for at in range(ROWS)]},
        [["a", "y"], *([at, at % 2] for at in range(ROWS))],
    ],
    ids=["columns", "split", "wrapped", "lists"],
)
def test_tables_that_programs_save_as_json(tmp_path: Path, value: object) -> None:
    (tmp_path / "a.json").write_text(json.dumps(value, indent=1))
    found = read_profile(tmp_path / "a.json")
    assert (list(found.types), found.rows) == (["a", "y"], ROWS)


def test_actions_of_a_search_engine_are_no_rows(tmp_path: Path) -> None:
    lines = [json.dumps(one) for at in range(ROWS) for one in ({"index": {"_id": at}}, {"title": f"lamp {at}"})]
    (tmp_path / "a.jsonl").write_text("\n".join(lines))
    found = read_profile(tmp_path / "a.jsonl")
    assert (list(found.types), found.rows) == (["title"], ROWS)


def test_each_item_of_an_order_is_an_event(tmp_path: Path) -> None:
    events = [{"user_pseudo_id": f"u{at % 9}", "event_timestamp": 1_760_000_000_000_000 + at * 10**9,
               "event_name": "view_item", "items": [{"item_id": f"i{at + k}", "price": 2.5} for k in range(at % 3)]}
              for at in range(ROWS)]  # fmt: skip
    (tmp_path / "a.jsonl").write_text("\n".join(map(json.dumps, events)))
    pq.write_table(pa.Table.from_pylist(events), tmp_path / "a.parquet")
    wanted = sum(len(event["items"]) for event in events)  # type: ignore[arg-type]
    for name in ("a.jsonl", "a.parquet"):
        _, repairs = read_events(tmp_path / name)
        assert repairs.events == wanted
        assert any("row of its own" in one for one in repairs.sentences())


def test_fields_of_structs_are_columns_and_can_be_scored(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PRECEDENCE_HOME", str(tmp_path / "home"))
    rows = [{"u": {"age": at % 40 + 0.5, "city": f"c{at % 3}"}, "bought": at % 2 == 0} for at in range(400)]
    pq.write_table(pa.Table.from_pylist(rows), tmp_path / "a.parquet")
    _, columns = shown(tmp_path / "a.parquet")
    assert columns == {"bought": ("label", "binary"), "u.age": ("number", "number"), "u.city": ("sparse", "text")}
    assert prepare(tmp_path / "a.parquet", "structs", {"bought": None}).is_dir()


def test_numbers_that_are_text_in_parquet_are_told_with_what_to_say(tmp_path: Path) -> None:
    pq.write_table(pa.table({"amount": [f"1,{at:03d}.5" for at in range(ROWS)]}), tmp_path / "a.parquet")
    said = " ".join(read_profile(tmp_path / "a.parquet").warnings)
    assert "column 'amount=number' and option thousands=," in said


def test_a_workbook_whose_list_of_parts_is_damaged_is_told(tmp_path: Path) -> None:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        archive.writestr("xl/workbook.xml", "<workbook/>")
    content = target.getvalue()
    (tmp_path / "a.xlsx").write_bytes(content.replace(b"PK\x01\x02", b"PK\x01\x03"))
    with pytest.raises(PrecedenceError, match="cannot be read as a workbook"):
        read_profile(tmp_path / "a.xlsx")


def test_a_small_file_that_bursts_into_gigabytes_of_text_is_told(tmp_path: Path) -> None:
    rows = 1_500_000
    column = pa.DictionaryArray.from_arrays(pa.array([0] * rows, pa.int32()), pa.array(["y" * 4000]))
    pq.write_table(pa.table({"title": column}), tmp_path / "a.parquet", compression="zstd")
    with pytest.raises(PrecedenceError, match="5 GB of text once it is unpacked"):
        read_profile(tmp_path / "a.parquet")


def test_dates_written_in_several_ways_are_told(tmp_path: Path) -> None:
    ways = ("2026-03-{:02}", "{:02}.03.2026", "{} March 2026")
    file = text(tmp_path / "a.csv", "when,n", lambda at: f"{ways[at % 3].format(1 + at % 28)},{at}")
    found = read_profile(file)
    assert found.column("when").kind == "text"
    assert any("Column when" in one and "several ways" in one for one in found.warnings)


@pytest.mark.parametrize("columns", [300, 1500])
def test_a_wide_table_is_read(tmp_path: Path, columns: int) -> None:
    draw = random.Random(columns)
    lines = [",".join(f"{draw.random():.3f}" for _ in range(columns)) for _ in range(20)]
    header = ",".join(f"c{at}" for at in range(columns))
    (tmp_path / "a.csv").write_text("\n".join([header, *lines]))
    with parquet.connect(threads=1, memory="600MB") as database:  # as a page looks at it
        found = open_source(database, tmp_path / "a.csv", purpose="table")
    assert len(found.types) == columns


def test_a_row_of_many_columns_of_text_is_read(tmp_path: Path) -> None:
    pq.write_table(pa.table({f"c{at}": [f"w{at % 7}"] for at in range(1500)}), tmp_path / "a.parquet")
    with parquet.connect(threads=1, memory="600MB") as database:
        found = open_source(database, tmp_path / "a.parquet", purpose="table")
    assert (found.rows, len(found.types)) == (1, 1500)


def test_a_column_that_might_be_a_label_and_is_none_is_read_like_any_feature(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PRECEDENCE_HOME", str(tmp_path / "home"))
    file = tmp_path / "a.csv"
    file.write_text("x;spend;buy\n" + "".join(f"{at}.5;1.{at:03d},25;{at % 2}\n" for at in range(400)))
    folder = prepare(file, "two", {"buy": None})
    options = options_of_table(folder)
    assert options.column("spend").model_dump(exclude_defaults=True) == {"role": "number", "kind": "number"}
    with parquet.connect() as database:  # as new rows are read
        again = open_again(database, file, options)
        first = database.execute(f"SELECT {again.values['spend']} FROM given LIMIT 1").fetchall()[0][0]
    assert first == 1000.25
