"""What a judged file says in numbers of its products: prices, ratings, sales, by which an order can serve more."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import duckdb
import numpy as np
from numpy.typing import NDArray

from core.data.parquet import quoted
from core.data.reading.reader import Reading
from core.data.reading.roles import plain_name

_ENGLISH = (
    "price margin profit popularity rating ratings review reviews sales sold orders purchases revenue clicks views "
    "likes downloads"
)
_CHINESE = "价格 利润 毛利 销量 热度 评分 评论 点击 浏览"
NAMED = frozenset(f"{_ENGLISH} {_CHINESE}".split())
"""Words of which a column's name holds one; of other numbers nobody knows whether more of them is wanted."""
MOST = 4  # columns


def number_columns(reading: Reading, which: Mapping[str, str]) -> list[str]:
    """The columns that have no other part and a name of NAMED."""
    return [name for name in reading.types if name not in which.values() and NAMED & set(plain_name(name).split("_"))][
        :MOST
    ]


def numbers_of(
    database: duckdb.DuckDBPyConnection, columns: Sequence[str], known_by: str, products: Sequence[str]
) -> dict[str, NDArray[np.float64]]:
    """[P] of each product the mean of what its rows say, NaN where none does; `known_by`: SQL of what names a product
    in a row. A cell that is no number is not known."""
    if not columns:
        return {}
    cells = [f"try_cast({quoted(name)} AS DOUBLE)" for name in columns]
    means = ", ".join(f"avg(CASE WHEN isfinite({cell}) THEN {cell} END)" for cell in cells)
    rows = database.execute(f"SELECT {known_by}, {means} FROM given GROUP BY 1").fetchall()
    found = {str(name): values for name, *values in rows if name is not None}
    nothing = [None] * len(columns)
    table = np.array([found.get(product, nothing) for product in products], dtype=np.float64)
    return {name: table[:, at] for at, name in enumerate(columns)}
