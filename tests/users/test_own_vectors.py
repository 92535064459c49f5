"""Vectors that somebody brings are looked at like embeddings: neighbours, map, page; what cannot be is named."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from streamlit.testing.v1 import AppTest

from core.commands.root import execute
from core.data.registry import read_histories
from core.data.sources.uploaded.vector_file import is_vectors, read_vectors
from core.errors import PrecedenceError
from core.users.spaces.building import make_space
from core.users.spaces.space import SpaceChoice
from core.users.uploaded_events import file_of, keep

USERS, WIDTH = 60, 12


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PRECEDENCE_HOME", str(tmp_path / "home"))


def written(file: Path, ids: Sequence[Any], vectors: Sequence[Any], key: str = "id", named: str = "vector") -> Path:
    pq.write_table(pa.table({key: ids, named: pa.array(list(vectors), pa.list_(pa.float64()))}), file)
    return file


@pytest.fixture
def file(tmp_path: Path) -> Path:
    numbers = np.random.default_rng(2).normal(size=(USERS, WIDTH)).round(4)
    return written(tmp_path / "mine.parquet", [f"{at:04d}" for at in range(USERS)], numbers.tolist())


def nearest(file: Path, user: int, count: int) -> list[str]:
    """By the cosine, without any of the program."""
    table = pq.read_table(file)
    numbers = np.array(table["vector"].to_pylist())
    units = numbers / np.linalg.norm(numbers, axis=1, keepdims=True)
    likeness = units @ units[user]
    likeness[user] = -2
    return [table["id"][int(at)].as_py() for at in np.argsort(-likeness)[:count]]


def test_ids_stay_as_they_are_written(file: Path) -> None:
    assert is_vectors(file)
    histories, repairs = read_vectors(file)
    assert histories.users.tolist() == [f"{at:04d}" for at in range(USERS)]
    assert histories.vectors is not None
    assert histories.vectors.shape == (USERS, WIDTH)
    assert len(histories.time) == 0
    assert repairs.sentences() == ["60 vectors of 12 numbers."]


def test_neighbours_are_those_of_the_cosine(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert execute(["users", "neighbours", "--events", str(file), "--user", "0007", "--json"]) == 0
    said = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert [one["user"] for one in said["neighbours"]] == nearest(file, 7, 10)
    space = make_space(SpaceChoice("own", "vectors", str(file)))
    assert space.map is not None
    assert space.map.points.shape == (USERS, 2)
    with pytest.raises(PrecedenceError, match="choose one of vectors"):
        make_space(SpaceChoice("own", "counts", str(file)))


def test_an_edited_file_has_its_own_neighbours(file: Path) -> None:
    before = SpaceChoice("own", "vectors", str(file)).name()
    numbers = np.array(pq.read_table(file)["vector"].to_pylist())
    written(file, [f"{at:04d}" for at in range(USERS)], (-numbers[::-1]).tolist())
    assert SpaceChoice("own", "vectors", str(file)).name() != before


@pytest.mark.parametrize(
    ("ids", "vectors", "said"),
    [
        (["a", "b"], [[1.0, 2.0], [1.0]], r"Row 2 of mine.parquet \('b'\) has 1 numbers where others have 2"),
        (["a", "b"], [[1.0, 2.0], [1.0, float("nan")]], "Row 2 .* a value that is no number"),
        (["a", "b"], [[1.0, 2.0], None], "Row 2 .* no vector"),
        (["a", None], [[1.0, 2.0], [1.0, 3.0]], "Row 2 .* no id"),
        (["a", "a"], [[1.0, 2.0], [1.0, 3.0]], "'a' of mine.parquet stands twice, again in row 2"),
        (["a", "b"], [[1.0, 2.0], [0.0, 0.0]], "Row 2 of mine.parquet is a vector of zeros"),
        (["a"], [[1.0, 2.0]], "has 1 vector"),
        ([], [], "has 0 rows"),
    ],
)
def test_what_cannot_be_is_named(tmp_path: Path, ids: list[Any], vectors: list[Any], said: str) -> None:
    file = written(tmp_path / "mine.parquet", pa.array(ids, pa.string()), vectors)
    with pytest.raises(PrecedenceError, match=said):
        read_vectors(file)
    with pytest.raises(PrecedenceError):
        keep(file)
    assert not list((tmp_path / "home").rglob("mine.parquet"))


def test_other_files_are_no_vectors(tmp_path: Path) -> None:
    pq.write_table(pa.table({"a": [1, 2], "b": [3, 4]}), tmp_path / "plain.parquet")
    (tmp_path / "broken.parquet").write_bytes(b"no parquet")
    (tmp_path / "log.csv").write_text("id,vector\n1,2\n")
    assert not any(is_vectors(tmp_path / name) for name in ("plain.parquet", "broken.parquet", "log.csv", "absent.pq"))


def test_the_page_shows_them(file: Path) -> None:
    source, _ = keep(file)
    make_space(SpaceChoice("own", "vectors", str(file_of(source))))

    def page() -> None:
        import runpy

        runpy.run_module("pages.users.page")

    app = AppTest.from_function(page, default_timeout=120)
    app.query_params["source"] = source
    app.query_params["user"] = "0007"
    app.run()
    assert not app.exception
    assert not app.error
    assert f"User {nearest(file, 7, 1)[0]}" in [button.label for button in app.button]
    assert read_histories("own", str(file_of(source))).vectors is not None
