"""The one reader: forms of files, what is guessed and corrected, files that belong together, templates."""

from __future__ import annotations

import gzip
import io
import json
import zipfile
from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from core.data import parquet
from core.data.parquet import literal
from core.data.reading import reader, typed
from core.data.reading.options import ColumnChoice, ReaderOptions, flags_of, options_of
from core.data.reading.reader import read_profile
from core.data.reading.templates import TEMPLATES
from core.data.sources.uploaded.event_file import read_events
from core.data.sources.uploaded.kept import options_of_table as options_kept
from core.data.sources.uploaded.pairs import prepare_pairs, read_judged_file
from core.data.sources.uploaded.table import check_file, prepare
from core.errors import PrecedenceError
from core.relevance.overrides import read_overrides

TEXT = "id,when,amount,word\n007,2026-03-01,1.5,a\n008,2026-03-02,NA,b\n009,2026-03-03,2.5,\n"


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("PRECEDENCE_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


def workbook(file: Path) -> None:
    """The least that is one: inline strings, a number, an empty cell."""
    cells = [["id", "amount"], ["007", 1.5], ["008", 2]]

    def cell(value: object) -> str:
        if isinstance(value, str):
            return f'<c t="inlineStr"><is><t>{value}</t></is></c>'
        return f"<c><v>{value}</v></c>"

    rows = "".join(f"<row>{''.join(map(cell, row))}</row>" for row in cells)
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    package = "http://schemas.openxmlformats.org/package/2006"
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("[Content_Types].xml", f'<Types xmlns="{package}/content-types"/>')
        archive.writestr(
            "_rels/.rels",
            f'<Relationships xmlns="{package}/relationships"><Relationship Id="r1" Type="{office}/officeDocument" '
            'Target="xl/workbook.xml"/></Relationships>',
        )
        archive.writestr(
            "xl/workbook.xml",
            f'<workbook xmlns="{main}" xmlns:r="{office}"><sheets><sheet name="One" sheetId="1" r:id="r1"/></sheets>'
            "</workbook>",
        )
        archive.writestr(
            "xl/_rels/workbook.xml.rels",
            f'<Relationships xmlns="{package}/relationships"><Relationship Id="r1" Type="{office}/worksheet" '
            'Target="worksheets/sheet1.xml"/></Relationships>',
        )
        archive.writestr(
            "xl/worksheets/sheet1.xml", f'<worksheet xmlns="{main}"><sheetData>{rows}</sheetData></worksheet>'
        )


def test_every_form_of_a_file_is_read_alike(tmp_path: Path) -> None:
    plain = tmp_path / "a.csv"
    plain.write_text(TEXT, encoding="utf-8")
    (tmp_path / "a.csv.gz").write_bytes(gzip.compress(TEXT.encode()))
    with pa.CompressedOutputStream(str(tmp_path / "a.csv.zst"), "zstd") as out:
        out.write(TEXT.encode())
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr("folder/a.csv", TEXT)
        archive.writestr("__MACOSX/a.csv", "x")
    lines = [
        dict(zip(["id", "when", "amount", "word"], line.split(","), strict=True)) for line in TEXT.splitlines()[1:]
    ]
    (tmp_path / "a.jsonl").write_text("\n".join(map(json.dumps, lines)), encoding="utf-8")
    expected = [(one.name, one.kind, one.missing, one.distinct) for one in read_profile(plain, purpose="table").columns]
    assert expected == [
        ("id", "text", 0, 3),
        ("when", "time", 0, 3),
        ("amount", "number", 1, 2),
        ("word", "text", 1, 2),
    ]
    for name in ("a.csv.gz", "a.csv.zst", "a.zip", "a.jsonl"):
        found = read_profile(tmp_path / name, purpose="table").columns
        assert [(one.name, one.kind, one.missing, one.distinct) for one in found] == expected, name


def test_a_workbook_keeps_ids_and_whole_numbers(tmp_path: Path) -> None:
    workbook(tmp_path / "b.xlsx")
    reading = read_profile(tmp_path / "b.xlsx", purpose="table")
    assert [one.examples for one in reading.columns] == [("007", "008"), ("1.5", "2")]
    assert reading.options.sheet == "One"
    with pytest.raises(PrecedenceError, match="has no sheet 'Two'; its sheets are One"):
        read_profile(tmp_path / "b.xlsx", ReaderOptions(sheet="Two"))


def test_what_was_found_reads_another_file_in_the_same_way(tmp_path: Path) -> None:
    text = "a;b;click\n" + "".join(f"{at % 30};{at % 7},{at % 10};{at % 2}\n" for at in range(200))
    (tmp_path / "old.csv").write_text(text, encoding="utf-8")
    folder = prepare(tmp_path / "old.csv", "t", {"click": None})
    options = options_kept(folder)
    assert (options.delimiter, options.decimal) == (";", ",")
    (tmp_path / "new.csv").write_text("a;b\n1;3\n", encoding="utf-8")  # nothing shows the decimal sign here
    kept = options.model_copy(update={"columns": {n: c for n, c in options.columns.items() if n != "click"}})
    reading = read_profile(tmp_path / "new.csv", kept, "table")
    assert [one.role for one in reading.columns] == ["number", "number"]


def test_options_are_refused_in_one_sentence_and_written_as_flags() -> None:
    for wrong in ("delimiter=ab", "encoding=klingon", "encoding=zip", "speed=1", "date_order=ymd", "header"):
        with pytest.raises(PrecedenceError, match=wrong.partition("=")[0]):
            options_of([wrong])
    with pytest.raises(PrecedenceError, match="fixes no column"):
        options_of([], ["a=b"])
    given = options_of(
        ["delimiter=tab", "null_words=x|y", "header=false", "thousands=none"],
        ["a b=label:classes:?|-", "c=number", "d=weight:a b", "e=time"],
    )
    flags = flags_of(given)
    pairs = list(zip(flags[::2], flags[1::2], strict=True))
    again = options_of([v for k, v in pairs if k == "--option"], [v for k, v in pairs if k == "--column"])
    assert again == given
    assert given.column("a b") == ColumnChoice(role="label", label="classes", unknown=("?", "-"))


def test_titles_with_inches_need_no_quotes(tmp_path: Path) -> None:
    file = tmp_path / "t.tsv"
    file.write_text('id\ttitle\n1\t12" pipe\n2\t"Best" lamp\n3\toak\n', encoding="utf-8")
    reading = read_profile(file)
    assert reading.options.quote == ""
    assert '12" pipe' in reading.column("title").examples


def test_a_quote_that_never_closes_is_named(tmp_path: Path) -> None:
    file = tmp_path / "t.csv"
    file.write_text('a,b\n1,2\n3,"open, here\n4,5\n', encoding="utf-8")
    with pytest.raises(PrecedenceError, match="opened in row 2"):
        read_profile(file)


def test_labels_of_words_are_classes_and_weights_and_groups_are_kept(tmp_path: Path) -> None:
    rows = "".join(
        f"{at},{at % 11},{('yes', 'no')[at % 2]},{('low', 'mid', 'high')[at % 3]},{at % 4},s{at // 4}\n"
        for at in range(400)
    )
    (tmp_path / "t.csv").write_text("n,x,bought,level,w,session\n" + rows, encoding="utf-8")
    options = options_of([], ["w=weight:level", "session=group"])
    folder = prepare(tmp_path / "t.csv", "t", {"bought": None, "level": None}, options=options)
    from core.data.prepared import read_description

    bought, level = read_description(folder).card.tasks
    assert (bought.kind, level.kind, level.words, level.weight) == ("binary", "multiclass", ("high", "low", "mid"), "w")
    import duckdb

    table = f"read_parquet('{folder}/table.parquet')"
    assert duckdb.sql(f"SELECT count(*) FROM {table}").fetchall()[0][0] == 400


def test_leakage_repeats_and_labels_that_say_the_same_are_told(tmp_path: Path) -> None:
    rows = [
        f"{at % 5},{at % 7},{at % 3},{int(at % 2)},{'2026-01-01' if at % 2 else ''},{1 - at % 2}" for at in range(600)
    ]
    (tmp_path / "t.csv").write_text("a,b,c,click,delivered,kept\n" + "\n".join(rows), encoding="utf-8")
    said = " ".join(check_file(tmp_path / "t.csv", {"click": None, "kept": None}).warnings)
    assert "Column delivered is filled or empty as click says" in said
    assert "Label kept follows from label click" in said
    assert "% of the rows repeat another one" in said
    assert "Rows are split at random although delivered is a time" in said


def test_a_taken_name_is_refused_unless_it_is_the_same_table(tmp_path: Path) -> None:
    text = "click,x\n" + "".join(f"{at % 2},{at}\n" for at in range(200))
    (tmp_path / "t.csv").write_text(text, encoding="utf-8")
    folder = prepare(tmp_path / "t.csv", "t", {"click": None})
    assert prepare(tmp_path / "t.csv", "t", {"click": None}) == folder
    before = (folder / "table.parquet").read_bytes()
    (tmp_path / "t.csv").write_text(text.replace("199", "7"), encoding="utf-8")
    with pytest.raises(PrecedenceError, match="already, made of other content"):
        prepare(tmp_path / "t.csv", "t", {"click": None})
    assert (folder / "table.parquet").read_bytes() == before
    prepare(tmp_path / "t.csv", "t", {"click": None}, replace=True)
    assert (folder / "table.parquet").read_bytes() != before


@pytest.mark.parametrize("name", list(TEMPLATES))
def test_templates_are_read_as_they_stand(name: str, tmp_path: Path) -> None:
    file = tmp_path / TEMPLATES[name].file
    file.write_text(TEMPLATES[name].text(), encoding="utf-8")
    reading = read_profile(file)
    assert reading.purpose == {"overrides": "table", "clicks": "pairs"}.get(name, name)
    assert not reading.asks
    assert not any(column.failed for column in reading.columns)
    if name == "table":
        assert check_file(file, {"click": None, "buy": None}).problems == []
    elif name == "events":
        assert len(read_events(file)[0]) == 40
    elif name == "pairs":
        prepare_pairs(file)
        assert len(read_judged_file(file).judged.queries) == 35
    elif name == "overrides":
        assert [one.scope for one in read_overrides(file)] == ["term", "query", "product", "category"]


def test_bytes_that_are_no_text_are_one_sentence(tmp_path: Path) -> None:
    file = tmp_path / "t.csv"
    for content in (b"\x00\x01\x02" * 50, b"\xff\xfe\x00\xd8", io.BytesIO(b"a,b\n1,\x00").getvalue()):
        file.write_bytes(content)
        with pytest.raises(PrecedenceError) as error:
            read_profile(file)
        assert "\n" not in str(error.value)


def test_a_share_of_the_rows_is_the_same_each_time(tmp_path: Path) -> None:
    import duckdb

    duckdb.sql(f"COPY (SELECT i, i % 2 AS click FROM range(20000) t(i)) TO '{tmp_path}/t.parquet'")
    duckdb.sql(f"COPY (SELECT i, i % 2 AS click FROM range(20000) t(i)) TO '{tmp_path}/t.csv'")
    for name in ("t.parquet", "t.csv"):
        first, second = (read_profile(tmp_path / name, options_of(["sample=2000"]), "table") for _ in range(2))
        assert first == second
        assert 1700 < first.rows < 2300


def test_a_page_reads_only_files_that_the_operator_offers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from core.data.reading.allowed import allowed_file, allowed_files

    (tmp_path / "in" / "deep").mkdir(parents=True)
    (tmp_path / "secret.csv").write_text("a\n1\n")
    for name in ("in/a.csv", "in/deep/b.parquet", "in/.hidden.csv", "in/notes.md"):
        (tmp_path / name).write_text("a\n1\n")
    (tmp_path / "in" / "link.csv").symlink_to(tmp_path / "secret.csv")
    monkeypatch.delenv("PRECEDENCE_FILES", raising=False)
    assert allowed_files() == {}
    monkeypatch.setenv("PRECEDENCE_FILES", str(tmp_path / "in"))
    assert list(allowed_files()) == ["a.csv", "deep/b.parquet"]
    for wrong in ("../secret.csv", "/etc/passwd", "link.csv", ".hidden.csv"):
        with pytest.raises(PrecedenceError, match="none of the files"):
            allowed_file(wrong)


def test_the_order_of_dates_is_read_off_all_rows(tmp_path: Path) -> None:
    """The first thousands of different times, put in order, all begin with 01/."""
    file = tmp_path / "log.csv"
    rows = [f"u{at % 9},i{at % 7},{1 + at % 28:02d}/{1 + at % 11:02d}/2026 {at // 60 % 24:02d}:{at % 60:02d}"
            for at in range(6000)]  # fmt: skip
    file.write_text("\n".join(["user,item,time", *rows]) + "\n")
    reading = read_profile(file)
    assert reading.options.date_order == "dmy"
    assert not reading.asks
    assert next(column for column in reading.columns if column.name == "time").converted == 6000


def test_one_date_that_cannot_be_does_not_change_the_order(tmp_path: Path) -> None:
    file = tmp_path / "log.csv"
    rows = [f"u{at % 9},i{at % 7},{1 + at % 12:02d}/{1 + at % 28:02d}/2026" for at in range(300)]
    file.write_text("\n".join(["user,item,time", *rows, "u1,i1,28/02/2026"]) + "\n")
    reading = read_profile(file)
    assert reading.options.date_order == "mdy"
    assert next(column for column in reading.columns if column.name == "time").failed == 1


def test_a_number_of_the_row_is_no_product(tmp_path: Path) -> None:
    file = tmp_path / "judged.csv"
    rows = [f"{at},{at % 5},q{at % 9},title {at % 5},{at % 3}" for at in range(60)]
    file.write_text("\n".join(["id,product_uid,search_term,product_title,relevance", *rows]) + "\n")
    assert len(read_judged_file(file).judged.products) == 5
    file.write_text("\n".join(["id,search_term,product_title,relevance", *(one.split(",", 1)[0] + "," +
                    one.split(",", 2)[2] for one in rows)]) + "\n")  # fmt: skip
    reading = read_profile(file)
    assert reading.of_role("id") == []
    assert len(read_judged_file(file).judged.products) == 5


def test_lists_of_words_in_a_file_of_text_become_sequences(tmp_path: Path) -> None:
    file = tmp_path / "lists.csv"
    rows = [f"{at},red|oak {at % 3}|,{at % 2}" for at in range(60)]
    file.write_text("\n".join(["n,tags,click", *rows]) + "\n")
    reading = read_profile(file)
    assert (reading.column("tags").role, reading.column("tags").kind) == ("sequence", "list")
    folder = prepare(file, "lists", {"click": None})
    assert (folder / "table.parquet").is_file()


@pytest.mark.parametrize("unit", ["us", "ns"])
def test_moments_with_a_time_zone_are_those_of_utc(tmp_path: Path, unit: str) -> None:
    moments = pa.array([datetime(2026, 3, 1 + row // 4, 12, tzinfo=UTC) for row in range(80)],
                       pa.timestamp(unit, "Europe/Berlin"))  # fmt: skip
    file = tmp_path / "zones.parquet"
    pq.write_table(pa.table({"when": moments, "x": [row % 7 + 0.5 for row in range(80)], "y": [0, 1] * 40}), file)
    reading = read_profile(file, None, "table")
    assert reading.types["when"] == "TIMESTAMP"
    assert reading.column("when").examples[0] == "2026-03-01 12:00:00"
    assert prepare(file, "zones", {"y": None}, "when").is_dir()


def test_a_column_may_be_called_as_a_database_calls_its_rows(tmp_path: Path) -> None:
    rows = [f"word{row % 3},{row % 2},{row}" for row in range(90)]
    file = tmp_path / "names.csv"
    file.write_text("\n".join(["oid,rowid,select", *rows]))
    assert prepare(file, "names", {"rowid": None}).is_dir()


@pytest.mark.parametrize("method", [zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_a_damaged_zip_is_a_sentence_however_it_was_packed(tmp_path: Path, method: int) -> None:
    file = tmp_path / "cut.zip"
    with zipfile.ZipFile(file, "w", method) as archive:
        archive.writestr("a.csv", "\n".join(f"{row},{row * row}" for row in range(500)))
    content = bytearray(file.read_bytes())
    content[60:90] = bytes(30)
    file.write_bytes(content)
    with pytest.raises(PrecedenceError, match=r"cut\.zip cannot be unpacked"):
        read_profile(file)


def test_a_time_beyond_all_years_counts_as_none(tmp_path: Path) -> None:
    rows = [f"u{user},i{event},{1_770_000_000 + event}" for user in range(4) for event in range(4)]
    file = tmp_path / "log.csv"
    file.write_text("\n".join(["user,item,time", *rows, "u1,i1,1e39"]))
    assert read_events(file)[1].counts["incomplete"] == 1


@pytest.mark.parametrize("form", ["csv", "parquet"])
def test_values_that_are_counted_roughly_are_no_more_than_cells(
    tmp_path: Path, form: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(typed, "SURE_OF_COUNTS", 0)
    monkeypatch.setattr(reader, "LARGE", 0)
    file = tmp_path / f"a.{form}"
    with parquet.connect() as database:
        columns = ", ".join(f"hash({seed} + i)::VARCHAR AS c{seed}" for seed in range(0, 12_000, 1000))
        database.execute(f"COPY (SELECT {columns} FROM range(3000) t(i)) TO {literal(file)}")
    assert all(column.distinct <= 3000 for column in read_profile(file, options_of([], ["c0=user"])).columns)


@pytest.mark.parametrize("content", [
    "a,b,c,d\n", "a\n\n\n", "n,t,d,y\n1,x,2026-01-02,yes\n-0.0,,2026-01-02,no\n0,NA,,yes\nnan,x,2026-03-04,\n",
    "p;q\n1,5;a\n1,50;b\n-1,5;\n", "zip,label\n007,good\n7,bad\n007,good\n",
])  # fmt: skip
def test_few_rows_are_counted_in_another_way_to_the_same_end(tmp_path, monkeypatch, content):
    file = tmp_path / "a.csv"
    file.write_text(content)

    def read():
        with parquet.connect() as database:
            try:
                return reader.open_source(database, file)
            except PrecedenceError as error:
                return str(error)

    few = read()
    monkeypatch.setattr(typed, "FEW_ROWS", -1)
    assert read() == few
