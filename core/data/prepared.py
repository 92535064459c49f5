"""A prepared data set: a folder of `table.parquet` (one column a feature, label and split) and `description.json`.

Every data set takes this form before it is loaded, so that there is one loader: ids are already numbers (0 = unseen in
the training rows, or missing), dense values are as measured and are standardised here, labels may be missing, and the
column `precedence_split` holds 0, 1 or 2 for train, validation and test.

Sequences that many rows share (features with a key) stand in a table of their own, `KEY.parquet`, one row a list; the
key's column in `table.parquet` holds its row number there, counted from 0.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb
import numpy as np

from core.data import parquet
from core.data.description import SPLITS, DatasetDescription, SequenceFeature
from core.data.parquet import Array, literal, quoted
from core.data.preparation import PREPARATION, Preparation, read_preparation
from core.errors import PrecedenceError
from core.files import whole_folder
from core.home import home

if TYPE_CHECKING:
    from core.data.dataset import Dataset

TABLE, DESCRIPTION, SPLIT = "table.parquet", "description.json", "precedence_split"


def write_folder(
    folder: Path,
    description: DatasetDescription,
    columns: Mapping[str, Array],
    shared: Mapping[str, Mapping[str, Array]] | None = None,
    beside: Mapping[str, bytes] | None = None,
) -> None:
    """A prepared folder from columns in memory; it appears whole or not at all, and replaces one that is there.

    `shared`: key → the columns of its lists, each [lists, length]. `beside`: more files by name.
    """
    with _making(folder, description) as temporary:
        parquet.write(temporary / TABLE, columns)
        for key, lists in (shared or {}).items():
            parquet.write(temporary / f"{key}.parquet", lists)
        for name, content in (beside or {}).items():
            (temporary / name).write_bytes(content)


def cached(name: str, make: Callable[[Path], object]) -> Path:
    """The prepared folder of a built-in data set, made at first use; `name` holds a version, so that no stale one is
    read."""
    folder = home() / "cache" / name
    if not (folder / TABLE).exists():
        make(folder)
    return folder


def write_query(
    folder: Path,
    description: DatasetDescription,
    database: duckdb.DuckDBPyConnection,
    query: str,
    beside: Mapping[str, bytes] | None = None,
    preparation: Preparation | None = None,
) -> None:
    """The same from the rows of an SQL query; `preparation`: how they were made, for rows to come."""
    with _making(folder, description) as temporary:
        if preparation is not None:
            preparation.check(description)
            (temporary / PREPARATION).write_text(preparation.model_dump_json(), encoding="utf-8")
        parquet.copy(database, query, temporary / TABLE, parquet.QUICK)
        for name, content in (beside or {}).items():
            (temporary / name).write_bytes(content)


@contextmanager
def _making(folder: Path, description: DatasetDescription) -> Iterator[Path]:
    with whole_folder(folder) as temporary:
        said = description.model_dump_json(indent=1, exclude_defaults=True)
        (temporary / DESCRIPTION).write_text(said + "\n", encoding="utf-8")
        yield temporary


def unseen_to_zero(ids: Array, train: Array) -> Array:
    """Ids [R] with those that no training row has set to 0; `train` [R] bool."""
    known = np.zeros(int(ids.max(initial=0)) + 1, dtype=bool)
    known[ids[train]] = True
    return np.where(known[ids], ids, 0)


def read_description(folder: Path) -> DatasetDescription:
    """The description of a prepared folder."""
    try:
        return DatasetDescription.model_validate_json((folder / DESCRIPTION).read_bytes())
    except (OSError, ValueError) as error:
        raise PrecedenceError(
            f"The folder {folder} holds no readable {DESCRIPTION}; prepare the table again or choose another folder."
        ) from error


def read_folder(folder: Path, rows: int | None = None) -> Dataset:
    """A prepared folder as tensors on the CPU; `rows` keeps only the first so many training rows."""
    import torch

    from core.data.dataset import Dataset
    from core.data.ranking import weighted_in_lists

    description = read_description(folder)
    preparation = read_preparation(folder, description)
    table = f"read_parquet({literal(folder / TABLE)})"
    sparse, dense, keys = [f.name for f in description.sparse], [f.name for f in description.dense], description.keys()
    tasks = description.card.tasks
    wanted = [f"CAST(coalesce({quoted(name)}, 0) AS INTEGER) AS s{n}" for n, name in enumerate(sparse)]
    wanted += [f"CAST({quoted(name)} AS FLOAT) AS d{n}" for n, name in enumerate(dense)]
    wanted += [f"CAST({quoted(task.label)} AS FLOAT) AS l{n}" for n, task in enumerate(tasks) if task.label]
    wanted += [f"CAST({quoted(task.weight)} AS FLOAT) AS w{n}" for n, task in enumerate(tasks) if task.weight]
    wanted += [f"CAST({quoted(name)} AS INTEGER) AS k{n}" for n, name in enumerate(keys)]
    try:
        with parquet.connect() as database:
            found = database.execute(f"SELECT {', '.join(wanted)}, {SPLIT} AS split FROM {table}").fetchnumpy()
            lists = [_lists(database, folder, one) for one in description.sequences]
    except duckdb.Error as error:
        raise PrecedenceError(
            f"The table in {folder} cannot be read as its description says ({str(error).splitlines()[0]}); "
            "prepare it again."
        ) from error
    split = _plain(found["split"], -1)
    count = len(split)
    sequences = [_plain(ids, 0).reshape(-1, one.length) for ids, one in zip(lists, description.sequences, strict=True)]
    ids = np.empty((len(sparse), count), dtype=np.int32)
    for n in range(len(sparse)):
        ids[n] = _plain(found.pop(f"s{n}"), 0)
    values, scales = _numbers([found.pop(f"d{n}") for n in range(len(dense))], split == 0)
    answers, weights = (np.full((count, len(tasks)), value, dtype=np.float32) for value in (0, 1))
    for n, task in enumerate(tasks):
        if task.label:
            answers[:, n] = _plain(found[f"l{n}"], np.nan)
        if task.weight:
            weights[:, n] = _plain(found[f"w{n}"], 0)
    _check_ids(folder, description, ids, sequences)
    lists_of = {key: _plain(found[f"k{n}"], -1) for n, key in enumerate(keys)}
    _check_keys(folder, description, lists_of, sequences)
    index = {name: np.flatnonzero(split == number) for number, name in enumerate(SPLITS)}
    index["train"] = index["train"][:rows]
    mask = ~np.isnan(answers)
    data = Dataset(
        description=description,
        sparse=torch.from_numpy(ids).T.contiguous(),
        dense=torch.from_numpy(values).T.contiguous(),
        sequences=tuple(torch.from_numpy(np.ascontiguousarray(each, dtype=np.int32)) for each in sequences),
        labels=torch.from_numpy(np.where(mask, answers, np.float32(0))),
        mask=torch.from_numpy(mask),
        rows={name: torch.from_numpy(numbers) for name, numbers in index.items()},
        keys={key: torch.from_numpy(np.ascontiguousarray(places, np.int32)) for key, places in lists_of.items()},
        weights=torch.from_numpy(weights * mask) if any(task.weight for task in tasks) else None,
        preparation=preparation and preparation.fitted(scales),
    )
    return weighted_in_lists(data)


def _lists(database: duckdb.DuckDBPyConnection, folder: Path, feature: SequenceFeature) -> Array:
    """The ids of every list, one list after the other, each cut or padded to the feature's length."""
    file = folder / (TABLE if feature.key is None else f"{feature.key}.parquet")
    padded = f"list_resize(CAST(coalesce({quoted(feature.name)}, []) AS INTEGER[]), {feature.length}, 0)"
    return database.execute(f"SELECT unnest({padded}) AS ids FROM read_parquet({literal(file)})").fetchnumpy()["ids"]


def _numbers(columns: list[Array], train: Array) -> tuple[Array, list[tuple[float, float]]]:
    """The numbers standardised, [D, R] so that a column is contiguous, and by what."""
    values, scales = np.empty((len(columns), len(train)), dtype=np.float32), []
    for n, given in enumerate(columns):
        column = _plain(given, np.nan)
        scales.append(scale_of(column, train))
        values[n] = standardised(column, scales[-1])
    return values, scales


def scale_of(values: Array, train: Array) -> tuple[float, float]:
    """Mean and standard deviation of a column [R] over its known training rows, to 32 bits; 1 for a constant's."""
    known = values[train & ~np.isnan(values)].astype(np.float64)
    mean, spread = (known.mean(), known.std()) if len(known) else (0.0, 0.0)
    return float(np.float32(mean)), float(np.float32(spread if spread > 1e-12 else 1.0))


def standardised(values: Array, scale: tuple[float, float]) -> Array:
    """A column [R] with mean 0 and variance 1 over the training rows; missing becomes 0, and so does a constant."""
    mean, deviation = scale
    scaled = (values - np.float32(mean)) / np.float32(deviation)
    return np.where(np.isnan(values), np.float32(0), scaled)


def _plain(values: Array, missing: float) -> Array:
    return values.filled(missing) if isinstance(values, np.ma.MaskedArray) else values


def _check_ids(folder: Path, description: DatasetDescription, ids: Array, sequences: list[Array]) -> None:
    sizes = [(feature.name, feature.size, ids[n]) for n, feature in enumerate(description.sparse)]
    sizes += [(one.name, one.size, own) for one, own in zip(description.sequences, sequences, strict=True)]
    for name, size, own in sizes:
        if own.size and (own.min() < 0 or own.max() >= size):
            raise PrecedenceError(
                f"Column {name} of {folder / TABLE} holds the id {own.max() if own.max() >= size else own.min()}; "
                f"ids must lie in 0..{size - 1}: prepare the table again."
            )


def _check_keys(
    folder: Path, description: DatasetDescription, keys: Mapping[str, Array], sequences: list[Array]
) -> None:
    for feature, lists in zip(description.sequences, sequences, strict=True):
        places = keys.get(feature.key or "")
        if places is not None and len(places) and (places.min() < 0 or places.max() >= len(lists)):
            wrong = places.min() if places.min() < 0 else places.max()
            raise PrecedenceError(
                f"Column {feature.key} of {folder / TABLE} holds the row {wrong}, but the lists of {feature.name} have "
                f"the rows 0..{len(lists) - 1}: prepare the table again."
            )
