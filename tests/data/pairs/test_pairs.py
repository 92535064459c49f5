"""Judged pairs: read from anybody's file, divided by query, refused in one sentence, prepared without loss."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from core.data.pairs.judged import Judged, check, divided, fold_of
from core.data.pairs.prepare import VOCABULARY, grade_tasks
from core.data.prepared import read_folder
from core.data.reading.options import flags_of, options_of
from core.data.reading.reader import read_profile
from core.data.sources import qbqtc, shop_pairs
from core.data.sources.uploaded.pairs import prepare_pairs, read_judged_file, read_pairs
from core.data.text import fields
from core.data.text.vocabulary import Vocabulary
from core.errors import PrecedenceError

THREE = ("0", "1", "2")


@pytest.fixture(autouse=True)
def _home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PRECEDENCE_HOME", str(tmp_path / "home"))


def a_file(folder: Path, labels: tuple[str, ...] = THREE, header: str = "query,title,label") -> Path:
    lines = [
        f"query {q} thing{q % 7},thing{t * q % 11} number {t},{labels[t % len(labels)]}"
        for q in range(40)
        for t in range(6)
    ]
    file = folder / "pairs.csv"
    file.write_text("\n".join([header, *lines]), encoding="utf-8")
    return file


def test_a_split_is_by_query_stable_and_of_the_wanted_size() -> None:
    queries = [f"query {number}" for number in range(4000)]
    split = divided(queries)
    assert np.bincount(split) / 4000 == pytest.approx([0.70, 0.15, 0.15])
    assert np.array_equal(divided(queries[::-1])[::-1], split)


def test_a_file_becomes_a_data_set(tmp_path: Path) -> None:
    data = read_folder(prepare_pairs(a_file(tmp_path), "mine"))
    assert data.description.form == "pairs"
    assert [task.name for task in data.description.card.tasks] == ["related", "exact", "order", "sparsity"]
    assert len(data.labels) == 240
    assert bool((data.labels[:, 1] <= data.labels[:, 0]).all())
    assert int(data.labels[:, 0].sum()) == 160
    splits = [set(data.keys["query"][rows].tolist()) for rows in data.rows.values()]
    assert sum(map(len, splits)) == len(set.union(*splits)) == 40


def test_the_lists_are_the_texts(tmp_path: Path) -> None:
    folder = prepare_pairs(a_file(tmp_path), "mine")
    data, vocabulary = read_folder(folder), Vocabulary.load(folder / VOCABULARY)
    names = [feature.name for feature in data.description.sequences]
    row = 17
    encoded = vocabulary.encode(f"query {row // 6} thing{row // 6 % 7}")
    for part, wanted in (("words", encoded.word_ids), ("characters", encoded.character_ids)):
        ids = data.sequences[names.index(f"query_{part}")][int(data.keys["query"][row])]
        assert ids[ids > 0].tolist() == wanted.tolist()


@pytest.mark.parametrize(
    ("labels", "header", "highest"),
    [
        (("Exact", "Partial", "Irrelevant"), "query,product_name,label", 2),
        (("E", "S", "C", "I"), "query,product_title,esci_label", 3),
        (("1", "0"), "Query,Title,Relevance", 1),
        (("Good", "Bad"), "search_query,name,judgement", 1),
    ],
)
def test_columns_and_labels_of_known_sets(tmp_path: Path, labels: tuple[str, ...], header: str, highest: int) -> None:
    judged, found, left_out = read_pairs(a_file(tmp_path, labels, header))
    assert (found, left_out) == (240, 0)
    assert judged.grades[0] == judged.highest == highest


def test_wands_as_it_is_published(tmp_path: Path) -> None:
    (tmp_path / "query.csv").write_text('query_id\tquery\tquery_class\n0\t"salon" chair\tx\n1\tlamp\ty\n')
    (tmp_path / "product.csv").write_text("product_id\tproduct_name\tclass\n7\tsolid wood bed\tBeds\n8\tlamp\tL\n")
    (tmp_path / "label.csv").write_text("id\tquery_id\tproduct_id\tlabel\n0\t0\t7\tIrrelevant\n1\t1\t8\tExact\n")
    judged, found, _ = read_pairs(tmp_path)
    assert found == 2
    assert judged.queries == ['"salon" chair', "lamp"]
    assert judged.grades.tolist() == [0, 2]


def test_incomplete_rows_are_left_out_and_counted(tmp_path: Path) -> None:
    file = tmp_path / "pairs.csv"
    file.write_text("query,title,label\na,b,1\n,b,0\na,,1\na,b,\nc,d,0\n")
    assert read_pairs(file)[1:] == (2, 3)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("query,words,label\na,b,1\n", "no column for the title"),
        ("query,title,label\na,b,excellent\n", "no grade"),
        ("query,title,label\na,b,-1\n", "no row with"),
        ("query,title,label\na,b,-3\n", "label '-3' of pairs.csv, in row 1, is no grade"),
        ("query,title,label\na,b,1.5\n", "No label is 0"),
        ("query,title,label\n,,\n", "no row with"),
    ],
)
def test_what_cannot_be_used_is_refused(tmp_path: Path, text: str, sentence: str) -> None:
    file = tmp_path / "pairs.csv"
    file.write_text(text)
    with pytest.raises(PrecedenceError, match=sentence):
        prepare_pairs(file)
    assert not (tmp_path / "home" / "tables").exists()


@pytest.mark.parametrize(
    ("grades", "sentence"),
    [([], "0 judged pairs"), ([0, 0, 0], "All labels are 0"), ([1, 2, 1], "No label is 0"), ([0, 12, 1], "too high")],
)
def test_pairs_that_teach_nothing_are_refused(grades: list[int], sentence: str) -> None:
    places = np.zeros(len(grades), np.int32)
    with pytest.raises(PrecedenceError, match=sentence):
        check(Judged(["a"], ["b"], places, places, np.array(grades, np.float32), places.astype(np.uint8)))


def test_too_few_queries_for_three_splits_are_refused(tmp_path: Path) -> None:
    file = tmp_path / "pairs.csv"
    file.write_text("query,title,label\na,b,1\na,c,0\n")
    with pytest.raises(PrecedenceError, match="give more queries"):
        prepare_pairs(file)


def test_the_judgements_of_the_shop() -> None:
    judged, titles = shop_pairs.read()
    check(judged)
    assert len(judged.grades) == 33_696
    assert len(judged.queries) == 648
    assert len(titles) == 2 * 6_177
    assert set(judged.products) <= set(titles)
    of_query, of_product = (
        [any(letter >= "\u4e00" for letter in text) for text in texts] for texts in (judged.queries, judged.products)
    )
    assert all(of_query[q] == of_product[p] for q, p in zip(judged.query_of, judged.product_of, strict=True))


def test_qbqtc_is_read_and_a_query_stays_in_one_file(tmp_path: Path) -> None:
    rows = {"train.json": [("a", "b", "2"), ("a", "c", "0")], "dev.json": [("a", "d", "1"), ("e", "f", "0")]}
    for name in qbqtc.FILES:
        lines = [json.dumps({"query": q, "title": t, "relevant": r}) for q, t, r in rows.get(name, [("g", "h", "1")])]
        (tmp_path / name).write_text("\n".join(lines), encoding="utf-8")
    judged = qbqtc.read(tmp_path)
    assert judged.queries == ["a", "e", "g"]
    assert judged.split.tolist() == [0, 0, 1, 2]
    (tmp_path / "dev.json").write_text('{"query": 1}')
    with pytest.raises(PrecedenceError, match=r"Line 1 of .*dev.json"):
        qbqtc.read(tmp_path)


def test_grades_name_their_tasks() -> None:
    assert [task.label for task in grade_tasks(3)] == ["at_least_1", "at_least_2", "at_least_3", None, None]
    assert grade_tasks(5)[4].title == "Grade at least 5"


def test_each_query_is_in_the_test_of_one_fold_of_five_and_validation_never_is() -> None:
    queries = [f"query {n}" for n in range(102)]
    splits = np.stack([fold_of(queries, fold) for fold in range(5)])
    assert ((splits == 2).sum(0) == 1).all()
    assert sorted((splits == 2).sum(1)) == [20, 20, 20, 21, 21]
    assert ((splits == 1).sum(1) == 15).all()
    again = np.stack([fold_of(queries[::-1], fold)[::-1] for fold in range(5)])
    assert (splits == again).all()  # whatever the order of the file
    assert (fold_of(queries, 5) != splits[0]).any()  # another cross-validation


def test_other_fields_of_a_file_are_read_beside_the_title(tmp_path: Path) -> None:
    rows = ["query,product_title,label,product_brand,product_color,price"]
    for at in range(12):
        rows.append(f"red lamp {at},desk lamp {at},{at % 2},Acme,Red,{at}")
        rows.append(f"red lamp {at},floor rug {at},{1 - at % 2},,Blue,{at}")
    file = tmp_path / "own.csv"
    file.write_text("\n".join(rows), encoding="utf-8")
    judged = read_judged_file(file).judged
    assert set(judged.fields) == {"brand", "color"}
    assert fields.divided(judged.texts[0]) == ("desk lamp 0", [("brand", "Acme", 12), ("color", "Red", 17)])
    assert fields.divided(judged.texts[1]) == ("floor rug 0", [("color", "Blue", 12)])
    assert "price" not in judged.texts[0]


def grades_by(tmp_path, labels, options=None):
    file = tmp_path / "pairs.csv"
    rows = [f"q{at},t{at},{label}" for at, label in enumerate(labels)]
    file.write_text("\n".join(["query,title,grade", *rows]) + "\n")
    read = read_judged_file(file, options=options)
    return read.judged.grades.tolist(), " ".join(read.said)


def test_decimals_above_zero_begin_at_no_fit(tmp_path):
    """1, 1.33, … 3, as three people who grade 1 to 3 leave them."""
    found, said = grades_by(tmp_path, ["1", "1.5", "2", "2.5", "3"])
    assert found == pytest.approx([0, 0.75, 1.5, 2.25, 3])
    assert "1, the lowest, is 0" in said


@pytest.mark.parametrize(
    ("labels", "expected"),
    [
        (["Bad", "Fair", "Good", "Excellent", "Perfect"], [0, 1, 2, 3, 4]),
        (["Highly Relevant", "Relevant", "Not Relevant", "Somewhat relevant"], [3, 2, 0, 1]),
        (["no", "maybe", "yes"], [0, 1, 2]),
        (["Good", "bad", "GOOD"], [1, 0, 1]),
    ],
)
def test_usual_words_are_grades_in_their_order(tmp_path, labels, expected):
    found, said = grades_by(tmp_path, labels)
    assert found == expected
    assert "as grades" in said


def test_words_that_nobody_knows_are_grades_in_the_order_that_is_said(tmp_path):
    labels = ["mies", "gut", "spitze", "gut"]
    with pytest.raises(PrecedenceError, match=r"label 'mies' of pairs.csv, in row 1, is no grade.*label:worst<better"):
        grades_by(tmp_path, labels)
    assert read_profile(tmp_path / "pairs.csv").column("grade").words == ("gut", "mies", "spitze")
    options = options_of([], ["grade=label:mies<gut<spitze"])
    assert grades_by(tmp_path, labels, options)[0] == [0, 1, 2, 1]
    assert options_of([], flags_of(options)[1::2]) == options
    with pytest.raises(PrecedenceError, match=r"'spitze' of pairs.csv, in row 3, is none of those that were said"):
        grades_by(tmp_path, labels, options_of([], ["grade=label:mies<gut"]))
