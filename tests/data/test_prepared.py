"""The prepared form: what is written is what is loaded, standardised on training rows, and nothing half-made stays."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from core.data import parquet, prepared
from core.data.description import (
    DatasetCard,
    DatasetDescription,
    DenseFeature,
    SequenceFeature,
    SparseFeature,
    Split,
    Task,
)
from core.errors import PrecedenceError

CARD = DatasetCard(
    name="own",
    title="t",
    about="a",
    tasks=(Task(name="y", title="y", label="y"), Task(name="z", title="z", kind="regression", label="z")),
    split=Split(kind="random", says="s"),
)
DESCRIPTION = DatasetDescription(
    card=CARD,
    sparse=(SparseFeature(name="colour", size=4),),
    dense=(DenseFeature(name="price"), DenseFeature(name='odd "name"'), DenseFeature(name="flat")),
    sequences=(SequenceFeature(name="seen", size=9, length=3),),
)
ROWS = 300


def columns() -> dict[str, np.ndarray]:
    random = np.random.default_rng(3)
    price = random.lognormal(3, 1, ROWS).astype(np.float32)
    price[::17] = np.nan
    z = random.normal(size=ROWS).astype(np.float32)
    z[::3] = np.nan
    return {
        "colour": random.integers(0, 4, ROWS).astype(np.uint16),
        "price": price,
        'odd "name"': random.normal(size=ROWS).astype(np.float32),
        "flat": np.full(ROWS, 7, dtype=np.float32),
        "seen": random.integers(0, 9, (ROWS, 5)).astype(np.uint8),
        "y": random.integers(0, 2, ROWS).astype(np.float32),
        "z": z,
        prepared.SPLIT: (np.arange(ROWS) % 3).astype(np.uint8),
    }


def test_what_is_written_is_what_is_loaded(tmp_path: Path) -> None:
    given = columns()
    prepared.write_folder(tmp_path / "table", DESCRIPTION, given)
    data = prepared.read_folder(tmp_path / "table")
    assert data.description == DESCRIPTION
    assert torch.equal(data.sparse[:, 0], torch.from_numpy(given["colour"].astype(np.int32)))
    assert torch.equal(data.sequences[0], torch.from_numpy(given["seen"][:, :3].astype(np.int32)))
    assert torch.equal(data.mask[:, 1], torch.from_numpy(~np.isnan(given["z"])))
    assert torch.equal(data.labels[:, 1], torch.from_numpy(np.nan_to_num(given["z"])))
    for number, name in enumerate(("train", "validation", "test")):
        assert data.rows[name].tolist() == [row for row in range(ROWS) if row % 3 == number]
    known = ~np.isnan(given["price"])
    train = np.arange(ROWS) % 3 == 0
    mean, spread = given["price"][known & train].mean(), given["price"][known & train].std()
    expected = np.where(known, (given["price"] - mean) / spread, 0)
    np.testing.assert_allclose(data.dense[:, 0].numpy(), expected, rtol=1e-4, atol=1e-5)
    assert data.dense[:, 2].abs().max() == 0
    assert data.dense.isfinite().all()


def test_rows_keeps_the_first_training_rows_only(tmp_path: Path) -> None:
    prepared.write_folder(tmp_path / "table", DESCRIPTION, columns())
    whole, some = prepared.read_folder(tmp_path / "table"), prepared.read_folder(tmp_path / "table", rows=10)
    assert some.rows["train"].tolist() == whole.rows["train"][:10].tolist()
    assert some.rows["test"].tolist() == whole.rows["test"].tolist()


def test_unseen_ids_become_zero() -> None:
    ids = np.array([1, 2, 3, 2, 4])
    train = np.array([True, True, False, False, False])
    assert prepared.unseen_to_zero(ids, train).tolist() == [1, 2, 0, 2, 0]


def test_an_id_out_of_range_is_refused_with_its_column(tmp_path: Path) -> None:
    given = columns()
    given["colour"][5] = 9
    prepared.write_folder(tmp_path / "table", DESCRIPTION, given)
    with pytest.raises(PrecedenceError, match=r"Column colour .* id 9; ids must lie in 0\.\.3"):
        prepared.read_folder(tmp_path / "table")


def test_a_missing_column_or_description_is_one_sentence(tmp_path: Path) -> None:
    given = columns()
    del given["price"]
    prepared.write_folder(tmp_path / "table", DESCRIPTION, given)
    with pytest.raises(PrecedenceError, match="price"):
        prepared.read_folder(tmp_path / "table")
    with pytest.raises(PrecedenceError, match=r"no readable description\.json"):
        prepared.read_folder(tmp_path / "nothing")


def test_nothing_half_made_stays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*_: object) -> None:
        raise OSError("disk full")

    prepared.write_folder(tmp_path / "table", DESCRIPTION, columns())
    before = (tmp_path / "table" / "table.parquet").read_bytes()
    monkeypatch.setattr(parquet, "copy", fails)
    for name in ("table", "other"):
        with pytest.raises(OSError, match="disk full"):
            prepared.write_folder(tmp_path / name, DESCRIPTION, columns())
    assert [path.name for path in tmp_path.iterdir()] == ["table"]
    assert (tmp_path / "table" / "table.parquet").read_bytes() == before


def test_equal_columns_give_equal_bytes(tmp_path: Path) -> None:
    for name in ("a", "b"):
        parquet.write(tmp_path / name, columns())
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


def test_masked_and_nan_come_back_missing(tmp_path: Path) -> None:
    whole = np.ma.MaskedArray(np.array([1, 2, 3], dtype=np.uint8), [False, True, False])
    parquet.write(tmp_path / "t", {"a": whole, "b": np.array([np.nan, 1, 2])})
    back = parquet.read(tmp_path / "t")
    assert back["a"].tolist() == [1, None, 3]
    assert back["b"].tolist() == [None, 1, 2]
