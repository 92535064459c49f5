"""ESCI-150: grades, texts and the division by query; needs its two files, which are not shipped."""

from __future__ import annotations

from pathlib import Path

import duckdb
import numpy as np
import pytest

from core.data import parquet
from core.data.prepared import read_description, read_folder
from core.data.registry import prepared_folder
from core.data.source import DatasetChoice, external_files
from core.data.sources import esci150, esci150_pairs
from core.data.sources.esci150.files import FIELDS, read_judged, read_products
from core.errors import PrecedenceError


def present() -> bool:
    try:
        external_files(esci150_pairs.SOURCE)
    except PrecedenceError:
        return False
    return True


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Two files of the same form: 12 queries of 6 products each, in a catalogue with one more product."""
    folder = tmp_path_factory.mktemp("esci")
    query = [f"query {n // 6}" for n in range(72)]
    keys = [f"B{n}" for n in range(73)]
    parquet.write(
        folder / "judgements.parquet",
        {
            "query": np.array(query, dtype=object),
            "product_id": np.array(keys[:72], dtype=object),
            "esci_label": np.array(list("ESCIEI" * 12), dtype=object),
        },
    )
    texts = {f"product_{name}": [f"{name} {n}" for n in range(73)] for name in ("title", "bullet_point", "brand")}
    columns = {name: np.array(values, dtype=object) for name, values in texts.items()}
    columns |= {"product_id": np.array(keys, dtype=object), "product_color": np.array([None] * 73, dtype=object)}
    columns |= {"price": np.arange(73.0), "rating": np.full(73, np.nan), "rating_count": np.arange(73) * 10}
    parquet.write(folder / "products.parquet", columns)
    return folder / "judgements.parquet", folder / "products.parquet"


def test_small_files_are_read_as_they_are(small: tuple[Path, Path]) -> None:
    products = read_products(small[1])
    judged = read_judged(small[0], products)
    assert judged.grades.tolist() == [3, 2, 1, 0, 3, 0] * 12
    assert judged.gains == (0, 0.01, 0.1, 1)
    assert len(judged.products) == 73  # one that nobody judged
    assert judged.fields["bullets"][5] == "bullet_point 5"
    assert judged.fields["color"] == [""] * 73
    assert np.isnan(products.price[0])  # a price of 0 was not found
    assert products.price[1] == 1
    assert np.isnan(products.rating).all()


def test_other_files_are_refused_in_one_sentence(small: tuple[Path, Path]) -> None:
    with pytest.raises(PrecedenceError, match=r"is not as ESCI-150 has it .*; fetch the file again"):
        read_products(small[0])
    products = read_products(small[1])
    products.keys[3] = "other"
    with pytest.raises(PrecedenceError, match="holds the product 'B3', which is in no row of products"):
        read_judged(small[0], products)


def test_a_fold_of_other_data_is_refused() -> None:
    with pytest.raises(PrecedenceError, match=r"shop cannot be divided anew \(dataset.fold = 2\).* choose .*esci150"):
        prepared_folder(DatasetChoice(fold=2))
    assert "fold" not in DatasetChoice().model_dump()
    again = DatasetChoice.model_validate(DatasetChoice(name="esci150_pairs", fold=2).model_dump())
    assert again.fold == 2


@pytest.mark.skipif(not present(), reason="ESCI-150 is not on this machine (PRECEDENCE_DATA)")
def test_the_pairs_as_prepared(tmp_path: Path) -> None:
    esci150_pairs.make(tmp_path / "pairs", 3)
    data = read_folder(tmp_path / "pairs")
    assert data.labels.shape[0] == 4545
    # as counted in the file: 2,251 E, 1,297 S, 227 C
    assert (data.labels[:, :3].sum(0)).tolist() == [3775, 3548, 2251]
    assert read_description(tmp_path / "pairs").card.gains == (0, 0.01, 0.1, 1)
    queries = [set(data.keys["query"][rows].tolist()) for rows in data.rows.values()]
    assert [len(each) for each in queries] == [67, 15, 20]
    assert not queries[0] & queries[1] | queries[0] & queries[2] | queries[1] & queries[2]
    with duckdb.connect() as database:
        file = parquet.literal(tmp_path / "pairs" / "product.parquet")
        found = database.execute(f"SELECT text, {', '.join(FIELDS)} FROM {file}").fetchall()
    assert len(found) == 6764
    assert all(isinstance(text, str) for row in found for text in row)


@pytest.mark.skipif(not present(), reason="ESCI-150 is not on this machine (PRECEDENCE_DATA)")
def test_the_lists_as_prepared(tmp_path: Path) -> None:
    esci150.make(tmp_path / "lists")
    data = read_folder(tmp_path / "lists")
    assert data.labels.shape == (4545, 3)
    assert len(data.keys["query"].unique()) == 102
    assert data.mask.sum(0).tolist() == [4545, 4470, 1313]  # as counted in the file: prices above 0
    assert data.labels.min() >= 0
    assert data.labels.max() == 1
    relevance = data.labels[:, 0].unique().tolist()
    assert relevance == pytest.approx([0, 0.01, 0.1, 1])
    esci150.divide(tmp_path / "lists", tmp_path / "fold", 3)
    fold = read_folder(tmp_path / "fold")
    assert [len(fold.keys["query"][rows].unique()) for rows in fold.rows.values()] == [67, 15, 20]
    assert fold.labels.equal(data.labels)
    assert fold.mask.equal(data.mask)
