"""Own tables: file in, prepared folder out, and the loader's tensors hold what the file held."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest
import torch

from core.data.registry import card, load_dataset, uploaded_cards
from core.data.source import DatasetChoice
from core.data.sources.uploaded.table import prepare
from core.errors import PrecedenceError
from core.files import safe_name

QUERY = """
SELECT i % 2 AS click, (i * 0.37)::DOUBLE AS price, 'w' || (i % 9) AS "word", i % 5 AS id,
    (i * 31) % 1000 AS "a ""b""; c", i % 3 = 0 AS flag, ['x' || (i % 4), 'y', 'z' || (i % 3)] AS seen,
    DATE '2026-01-01' + (i // 20)::INT AS day,
    CASE WHEN i % 4 = 0 THEN NULL ELSE i * 1.5 END AS spend
FROM range(400) t(i)
"""


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("PRECEDENCE_HOME", str(tmp_path / "home"))
    place = tmp_path / "mine.parquet"
    duckdb.execute(f"COPY ({QUERY}) TO '{place}' (FORMAT parquet)")
    return place


def test_features_are_guessed_from_types_and_values_survive(file: Path) -> None:
    folder = prepare(file, "My table!", {"click": None, "spend": None}, time_column="day")
    assert folder.name == "my-table"
    data = load_dataset(DatasetChoice(name="own", path=str(folder)))
    names = [feature.name for feature in data.description.sparse]
    assert names == ["word", "id", "flag"]
    assert [feature.name for feature in data.description.dense] == ["price", 'a "b"; c']
    assert [feature.name for feature in data.description.sequences] == ["seen"]
    row = torch.arange(400)
    # the vocabulary is in order, so equal words have equal ids and different ones different ids
    assert torch.equal(data.sparse[:, 0].long(), row % 9 + 1)
    assert torch.equal(data.labels[:, 0].long(), row % 2)
    assert torch.equal(data.mask[:, 1], row % 4 != 0)
    assert data.sequences[0].shape == (400, 3)
    assert len(data.sequences[0].unique(dim=0)) == 12
    train, later, last = (data.rows[name] for name in ("train", "validation", "test"))
    assert train.max() < later.min() <= later.max() < last.min()
    assert len(train) + len(later) + len(last) == 400
    # one day never falls on both sides of a border
    assert int(train.max()) // 20 < int(later.min()) // 20
    assert uploaded_cards()[str(folder)].task_names() == ("click", "spend")
    assert card(DatasetChoice(name="own", path=str(folder))).split.kind == "time"


def test_words_of_later_days_are_unseen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PRECEDENCE_HOME", str(tmp_path))
    file = tmp_path / "t.parquet"
    query = "SELECT i % 2 AS click, i AS moment, CASE WHEN i < 90 THEN 'old' ELSE 'new' END AS w FROM range(100) t(i)"
    duckdb.execute(f"COPY ({query}) TO '{file}' (FORMAT parquet)")
    data = load_dataset(DatasetChoice(name="own", path=str(prepare(file, "t", {"click": None}, "moment"))))
    assert data.sparse[:90, 0].unique().tolist() == [1]
    assert data.sparse[90:, 0].unique().tolist() == [0]


def test_a_random_split_is_the_same_each_time(file: Path) -> None:
    first = load_dataset(DatasetChoice(name="own", path=str(prepare(file, "a", {"click": None}))))
    second = load_dataset(DatasetChoice(name="own", path=str(prepare(file, "b", {"click": None}))))
    for name in ("train", "validation", "test"):
        assert torch.equal(first.rows[name], second.rows[name])
    assert abs(len(first.rows["train"]) / 400 - 0.7) < 0.1


def test_a_bad_table_leaves_nothing(file: Path, tmp_path: Path) -> None:
    with pytest.raises(PrecedenceError, match=r"Column price holds 0\.37 in rows 2"):
        prepare(file, "bad", {"price": "multiclass", "click": "binary", "spend": "binary"})
    assert not (tmp_path / "home" / "tables").exists()


def test_a_label_that_never_varies_in_the_last_days_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PRECEDENCE_HOME", str(tmp_path))
    file = tmp_path / "t.parquet"
    query = "SELECT (i < 50 AND i % 2 = 0)::INT AS click, i AS moment, i % 7 AS w FROM range(100) t(i)"
    duckdb.execute(f"COPY ({query}) TO '{file}' (FORMAT parquet)")
    with pytest.raises(PrecedenceError, match="Column click has one class only in the 15 known validation rows"):
        prepare(file, "t", {"click": None}, "moment")


def test_names_become_safe_folders() -> None:
    assert safe_name("../../etc/passwd") == "etc-passwd"
    assert safe_name("Ünïcode Shop 3") == "n-code-shop-3"
    with pytest.raises(PrecedenceError, match="no letter or digit"):
        safe_name("../..")


def test_unknown_choices_are_refused() -> None:
    with pytest.raises(PrecedenceError, match="no data set called nothing"):
        load_dataset(DatasetChoice(name="nothing"))
    with pytest.raises(PrecedenceError, match="no prepared table"):
        load_dataset(DatasetChoice(name="own", path="/nowhere"))
