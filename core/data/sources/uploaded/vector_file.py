"""Vectors that somebody brings for things of their own: an id and a list of numbers a row, looked at like embeddings.

They become histories without events, whose users are the ids and whose embeddings are known already.
"""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

import numpy as np

from core.data import parquet
from core.data.histories.histories import WORDS, Histories, Items, numbered
from core.data.parquet import Array, literal, quoted
from core.data.reading.container import Plain
from core.data.reading.reader import readable
from core.data.reading.roles import EVENTS, PAIRS, recognised
from core.data.sources.shop.events import BEHAVIOURS
from core.data.sources.uploaded.event_file import FEWEST_USERS, Repairs
from core.errors import PrecedenceError
from core.files import Stamp, stamp

ENDINGS = (".parquet", ".pq")
MOST_WIDTH, MOST_NUMBERS = 4096, 200_000_000  # numbers of a vector, and of all
IDS = {"id": (*EVENTS["user"], *PAIRS["id"], *EVENTS["item"], "name", "word", "token", "node")}
VECTORS = {"vector": ("vector", "vec", "embedding", "embeddings", "emb", "values", "features")}


def is_vectors(file: Path) -> bool:
    """Whether a file is Parquet with an id and a list of numbers, and no time: then it is no file of events."""
    return file.suffix.lower() in ENDINGS and _holds_vectors(file, stamp(file))


@lru_cache(maxsize=64)
def _holds_vectors(file: Path, now: Stamp | None) -> bool:
    if now is None or not file.is_file():
        return False
    try:
        types = _types(file)
    except PrecedenceError:  # damaged: whoever reads it is told
        return False
    events = recognised(list(types), EVENTS)
    return bool(_lists(types)) and not {"item", "time"} <= events.keys()


def read_vectors(file: Path) -> tuple[Histories, Repairs]:
    """Ids and vectors; raises PrecedenceError with the row and the value that cannot be.

    The id is the column called so (user_id, item_id, name …), else the only one that is no list; the vector the column
    of lists of numbers.
    """
    types = _types(file)
    lists = _lists(types)
    others = [name for name in types if name not in lists]
    key = recognised(others, IDS).get("id") or (others[0] if len(others) == 1 else "")
    if not lists or not key:
        raise PrecedenceError(
            f"{file.name} has no {'column of vectors' if not lists else 'id'} (its columns: {', '.join(types)[:200]}); "
            "give Parquet with a column id and a column vector, a list of numbers in each row."
        )
    named = recognised(lists, VECTORS).get("vector", lists[0])
    return _histories(file, key, named)


def _histories(file: Path, key: str, vector: str) -> tuple[Histories, Repairs]:
    source = f"(SELECT trim({quoted(key)}::VARCHAR) AS id, {quoted(vector)}::FLOAT[] AS v, file_row_number + 1 AS r " \
             f"FROM read_parquet({literal(file)}, file_row_number = true))"  # fmt: skip
    with parquet.connect() as database, readable(Plain(file.name, file, "parquet")):
        rows, width = database.execute(f"SELECT count(*), max(len(v)) FROM {source}").fetchall()[0]
        if not rows:
            raise PrecedenceError(f"The file {file.name} has 0 rows; give an id and a vector a row.")
        if width is None or width < 1 or width > MOST_WIDTH or rows * width > MOST_NUMBERS:
            raise PrecedenceError(
                f"{file.name} has {rows:,} vectors of up to {width or 0:,} numbers; vectors have 1 to {MOST_WIDTH:,} "
                f"numbers, at most {MOST_NUMBERS:,} together."
            )
        bad = database.execute(
            f"SELECT r, id, CASE WHEN id IS NULL OR id = '' THEN 'no id' WHEN v IS NULL THEN 'no vector' "
            f"WHEN len(v) <> {width} THEN len(v) || ' numbers where others have {width}' "
            "ELSE 'a value that is no number' END FROM "
            f"{source} WHERE id IS NULL OR id = '' OR v IS NULL OR len(v) <> {width} "
            "OR list_bool_or(list_transform(v, lambda x: x IS NULL OR isnan(x) OR isinf(x))) ORDER BY r LIMIT 1"
        ).fetchall()
        if bad:
            row, name, why = bad[0]
            raise PrecedenceError(f"Row {row} of {file.name} ({str(name)[:40]!r}) has {why}; mend it or leave it out.")
        twice = database.execute(
            f"SELECT id, max(r) FROM {source} GROUP BY id HAVING count(*) > 1 ORDER BY 2 LIMIT 1"
        ).fetchall()
        if twice:
            name, row = twice[0]
            raise PrecedenceError(
                f"The id {name[:40]!r} of {file.name} stands twice, again in row {row}; give each id one vector."
            )
        if rows < FEWEST_USERS:
            raise PrecedenceError(f"{file.name} has 1 vector; give at least {FEWEST_USERS}, better hundreds.")
        found = database.sql(f"SELECT id, v FROM {source} ORDER BY r").to_arrow_table()
    numbers = found.column("v").combine_chunks().flatten().to_numpy(zero_copy_only=False)
    vectors = numbers.astype(np.float32, copy=False).reshape(int(rows), int(width))
    if (flat := np.flatnonzero(~vectors.any(axis=1))).size:
        raise PrecedenceError(
            f"Row {int(flat[0]) + 1} of {file.name} is a vector of zeros, which points nowhere; leave it out."
        )
    users = np.array(found.column("id").to_pylist(), dtype=object)
    repairs = Repairs(rows=int(rows), users=int(rows), said=[f"{rows:,} vectors of {width} numbers."])
    return _without_events(users, vectors), repairs


def _without_events(users: Array, vectors: Array) -> Histories:
    none, nothing = np.zeros(0, dtype=np.int32), np.array([""], dtype=object)
    first = np.zeros(1, dtype=np.int32)
    items = Items(nothing, nothing, first, first, first, first.astype(np.int8), np.zeros((1, WORDS), dtype=np.int32))
    names = dict.fromkeys(("shop", "brand", "category", "word", "scenario"), nothing)
    return Histories(
        users=users,
        offsets=np.zeros(len(users) + 1, dtype=np.int64),
        time=none.astype(np.int64),
        item=none,
        shop=none,
        behaviour=none.astype(np.int16),
        scenario=none.astype(np.int16),
        items=items,
        names={**names, "behaviour": numbered(BEHAVIOURS)},
        vectors=vectors,
    )


def _types(file: Path) -> dict[str, str]:
    with parquet.connect() as database, readable(Plain(file.name, file, "parquet")):
        rows = database.execute(f"DESCRIBE SELECT * FROM read_parquet({literal(file)})").fetchall()
        return {str(row[0]): str(row[1]) for row in rows}


def _lists(types: dict[str, str]) -> list[str]:
    """Columns that hold a list of numbers in each row."""
    numbers = ("FLOAT", "DOUBLE", "DECIMAL", "INTEGER", "BIGINT", "SMALLINT", "TINYINT")
    return [name for name, type_ in types.items() if type_.endswith("]") and type_.count("[") == 1
            and type_.startswith(numbers)]  # fmt: skip
