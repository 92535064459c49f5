"""Files in the shape of public problem reports: each ends as it should, by the reader and by the command line."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from core.__main__ import main
from core.data.reading.options import options_of
from core.data.reading.reader import Reading, read_profile
from core.data.registry import load_dataset
from core.data.source import DatasetChoice
from core.data.sources.uploaded.event_file import read_events
from core.data.sources.uploaded.pairs import read_judged_file
from core.data.sources.uploaded.table import check_file, prepare
from core.errors import PrecedenceError
from core.home import outside_data
from core.relevance.stores.uploaded import read_catalogue

CASES = outside_data().parent / "cases"
pytestmark = pytest.mark.skipif(not CASES.is_dir(), reason=f"{CASES} is not here")


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("PRECEDENCE_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


def profile(name: str, *options: str, columns: tuple[str, ...] = ()) -> Reading:
    return read_profile(CASES / name, options_of(options, columns))


def kinds(reading: Reading) -> dict[str, tuple[str, str]]:
    return {column.name: (column.role, column.kind) for column in reading.columns}


def command(capsys: pytest.CaptureFixture[str], *line: object) -> tuple[int, dict[str, Any], str]:
    """Exit status, the object of --json, and what is on standard error."""
    capsys.readouterr()
    status = main([*map(str, line), "--json"])
    said = capsys.readouterr()
    return status, json.loads(said.out.splitlines()[-1]) if status == 0 else {}, said.err


def test_ids_are_text_as_written(capsys: pytest.CaptureFixture[str]) -> None:
    histories, _ = read_events(CASES / "D01/events.csv")
    assert "0007" in histories.users
    assert "0001388704" in histories.items.name
    assert [one.key for one in read_catalogue(CASES / "D01/products.csv").products][:2] == ["0001388700", "0001388701"]
    own = read_catalogue(CASES / "D01/collide_products.csv")
    assert [one.key for one in own.products] == ["7", "007", "1e3", "1000", "1.10", "1.1"]
    assert kinds(profile("D01/table.csv"))["zip"] == ("sparse", "text")
    line = ("users", "neighbours", "--events", CASES / "D01/events.csv", "--user", "0007", "--count", 2)
    status, found, _ = command(capsys, *line)
    assert status == 0
    assert all(len(each["user"]) == 4 for each in found["neighbours"])


@pytest.mark.parametrize(
    ("name", "numbers", "first"),
    [
        ("D03/feature_only.csv", ("age", "x"), None),
        ("D04/german.csv", ("Preis", "Breite"), 23.86),
        ("D05/thousands.csv", ("revenue", "x"), 2159),
    ],
)
def test_numbers_in_every_notation_are_numbers(name: str, numbers: tuple[str, ...], first: float | None) -> None:
    reading = profile(name)
    for column in numbers:
        assert kinds(reading)[column] == ("number", "number")
        assert reading.column(column).failed == 0
        assert reading.column(column).converted + reading.column(column).missing == 300
    label = "geklickt" if "german" in name else "click"
    path = str(prepare(CASES / name, "t", {label: None}, options=options_of((), ())))
    data = load_dataset(DatasetChoice(name="own", path=path))
    assert set(numbers) <= {feature.name for feature in data.description.dense}
    if first is not None:
        import duckdb

        query = f"SELECT {numbers[0]} FROM read_parquet('{path}/table.parquet') LIMIT 1"
        assert duckdb.sql(query).fetchall()[0][0] == pytest.approx(first)


def test_what_a_column_was_taken_for_can_be_changed(capsys: pytest.CaptureFixture[str]) -> None:
    assert kinds(profile("D05/thousands.csv", columns=("revenue=text",)))["revenue"] == ("sparse", "text")
    assert profile("D05/thousands.csv", "decimal=comma", "thousands=none").column("revenue").examples
    status, found, _ = command(capsys, "data", "profile", CASES / "D04/german.csv", "--column", "Preis=sparse")
    assert status == 0
    assert found["columns"][0] | {"examples": None} == {
        "name": "Preis", "role": "sparse", "kind": "text", "missing": 0, "distinct": 264, "converted": 0, "failed": 0,
        "examples": None, "note": "", "words": [],
    }  # fmt: skip
    assert found["options"]["decimal"] == ","
    assert {"rows", "columns", "options", "warnings"} <= set(found)


def test_encodings_line_ends_and_quoted_lines_are_read() -> None:
    for name, encoding in (("D10/latin1.csv", "cp1252"), ("D10/utf16.csv", "utf-16")):
        reading = profile(name)
        assert reading.options.encoding == encoding
        city = reading.columns[0]
        assert city.examples == ("Köln", "München", "Zürich")
        with pytest.raises(PrecedenceError, match=r"is not ascii after line .*encoding=latin-1"):
            profile(name, "encoding=ascii")
    titles = [one.title for one in read_catalogue(CASES / "D10/products_latin1.csv").products]
    assert titles == ["Lampe für Köln", "Stuhl grün"]
    assert read_catalogue(CASES / "D07/two_lines.csv").products[0].title == "red lamp\nwith shade"
    assert profile("D28/mixed_eol.csv").rows == 300


def test_a_file_without_header_is_told_and_may_be_said(capsys: pytest.CaptureFixture[str]) -> None:
    reading = profile("D11/headerless.csv")
    assert reading.rows == 300
    assert "The first row looks like data ('1.2882'" in reading.warnings[0]
    assert profile("D11/headerless.csv", "header=true").rows == 299
    status, _, _ = command(capsys, "data", "prepare", CASES / "D11/headerless.csv", "--labels", "column_4")
    assert status == 0


def test_the_order_of_day_and_month_is_asked(capsys: pytest.CaptureFixture[str]) -> None:
    line = ("data", "prepare", CASES / "D13/us.csv", "--labels", "click", "--time", "day")
    status, _, said = command(capsys, *line)
    assert (status, "--option date_order=mdy" in said) == (2, True)
    assert profile("D13/us.csv").asks
    status, found, _ = command(capsys, *line, "--option", "date_order=mdy")
    assert status == 0
    assert json.loads((Path(found["path"]) / "reading.json").read_text())["options"]["date_order"] == "mdy"
    assert check_file(CASES / "D13/us.csv", {"click": None}, "day", options_of(("date_order=dmy",))).problems == []


def test_minus_one_beside_yes_and_no_is_offered_as_unknown() -> None:
    reading = profile("D17/sentinel.csv")
    assert kinds(reading)["buy"] == ("label", "binary")
    assert "−1 is taken as unknown" in " ".join(reading.warnings)
    report = check_file(CASES / "D17/sentinel.csv", {"click": None, "buy": None})
    assert (report.tasks["buy"].kind, report.tasks["buy"].missing) == ("binary", 442)
    as_number = options_of((), ("buy=label:number",))
    assert check_file(CASES / "D17/sentinel.csv", {"buy": None}, options=as_number).tasks["buy"].kind == "regression"


def test_a_number_that_is_too_large_is_one_sentence() -> None:
    (problem,) = check_file(CASES / "D18/huge.csv", {"click": None}).problems
    assert "Column a holds 1e+39 in row 6" in problem


@pytest.mark.parametrize(
    ("name", "row", "left"),
    [
        ("D22/ragged.csv", 257, 299),
        ("D22/short.csv", 101, 299),
        ("D22/rel_ragged.csv", 3, 3),
        ("D28/footer.csv", 301, 300),
    ],
)
def test_a_row_that_does_not_fit_is_named_and_may_be_left_out(name: str, row: int, left: int) -> None:
    with pytest.raises(PrecedenceError, match=rf"^Row {row} of .* has \d cells? where the header has"):
        profile(name)
    reading = profile(name, "bad_rows=drop")
    assert reading.rows == left
    assert f"Row {row} of" in reading.warnings[0]


def test_each_pair_is_judged_once(capsys: pytest.CaptureFixture[str]) -> None:
    once, twice = (read_judged_file(CASES / f"R03/{name}.csv") for name in ("pairs", "pairs_twice"))
    assert twice.judged.grades.tolist() == once.judged.grades.tolist()
    assert "already judged" in " ".join(twice.said) or "another row has judged: 90" in " ".join(twice.said)
    figures = [
        {key: value for key, value in row.items() if key != "dataset"}
        for name in ("pairs", "pairs_twice")
        for row in command(capsys, "relevance", "evaluate", "--pairs", CASES / f"R03/{name}.csv")[1]["rows"]
    ]
    assert figures[: len(figures) // 2] == figures[len(figures) // 2 :]
    raters = read_judged_file(CASES / "R04/raters.csv")
    assert len(raters.judged.grades) == 90
    assert "judgements differ: 90 of 90" in " ".join(raters.said)


def test_decimal_labels_and_scales_from_one_are_shown_as_grades() -> None:
    from core.statistics import ndcg

    for name, said in (("R05/clicks.csv", "numbers from 0.002"), ("R06/one_to_four.csv", "2 is 1, 4 is 3")):
        own = read_catalogue(CASES / name)
        assert own.untrainable == ""
        assert said in " ".join(own.says)
        judged = read_judged_file(CASES / name).judged
        assert ndcg(judged.grades, judged.grades, judged.query_of).tolist() == [1.0] * 30


def test_known_names_ids_and_files_that_belong_together() -> None:
    for name in ("rating", "judgment"):
        assert len(read_catalogue(CASES / f"R07/{name}.csv").queries) == 30
    for name in ("quepid_basic.csv", "ltr.tsv"):
        with pytest.raises(PrecedenceError, match="only ids of documents"):
            read_catalogue(CASES / "R07" / name)
    own = read_catalogue([CASES / "R09/esci_examples.csv", CASES / "R09/esci_products.csv"])
    assert own.products[0].key == "B000000071"
    assert own.products[0].title.startswith("red sofa")
    with_ids = read_catalogue(CASES / "R18/with_ids.csv")
    assert [one.key for one in with_ids.products[:2]] == ["SKU000A", "SKU000B"]
    assert with_ids.queries[0].grades == {"SKU000A": 3, "SKU000B": 0, "SKU000C": 2}


def test_judgements_by_document_are_joined_to_products_of_another_name(tmp_path: Path) -> None:
    products = tmp_path / "products.csv"
    products.write_text("id,title\n" + "".join(f"d{at},thing {at}\n" for at in range(90)), encoding="utf-8")
    for name in ("quepid_basic.csv", "ltr.tsv"):
        own = read_catalogue([CASES / "R07" / name, products])
        assert (own.products[3].key, own.products[3].title) == ("d3", "thing 3")


def test_one_query_however_it_is_spelt() -> None:
    judged = read_judged_file(CASES / "R08/case.csv").judged
    assert len(judged.queries) == 30
    assert all(len(set(judged.split[judged.query_of == query])) == 1 for query in range(30))


@pytest.mark.parametrize(
    "name", ["U01/recbole.csv", "U01/user_id.csv", "U01/visitors.csv", "U02/minimal.csv", "U04/users7.csv"]
)
def test_events_of_any_names_have_neighbours(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    line = ("users", "neighbours", "--events", CASES / name, "--user", "1", "--count", 2)
    status, found, _ = command(capsys, *line)
    assert status == 0
    assert len(found["neighbours"]) == 2


def test_columns_of_events_are_recognised_or_chosen(tmp_path: Path) -> None:
    histories, repairs = read_events(CASES / "U09/event_type.csv")
    assert "Read event_type as type, category_code as category." in repairs.sentences()
    assert {"cart", "click", "purchase"} <= set(histories.names["behaviour"][histories.behaviour])
    assert "lamps" in histories.names["category"]
    odd = tmp_path / "odd.csv"
    odd.write_text((CASES / "U02/minimal.csv").read_text().replace("user,item,time", "who,what,then"))
    with pytest.raises(PrecedenceError, match="column 'who=user'"):
        read_events(odd)
    chosen = options_of((), ("who=user", "what=item", "then=time"))
    assert len(read_events(odd, options=chosen)[0]) == 20


def test_an_edited_file_of_events_has_its_own_neighbours(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file, found = tmp_path / "events.csv", []
    for name in ("before", "after"):
        file.write_bytes((CASES / f"U10/{name}.csv").read_bytes())
        found.append(command(capsys, "users", "neighbours", "--events", file, "--user", "1")[1]["neighbours"])
    assert found[0] != found[1]
