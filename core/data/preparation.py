"""How the columns of a table become ids and numbers, as it was fitted: what a model needs beside its weights.

A table is prepared once (`core.data.sources`), a model is used for years. What was learnt of the training rows on the
way (which word has which id, means and deviations) is kept here, so that new rows are read as those were and no word
is ever numbered anew. `core.data.new_rows` applies it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from core.data.description import UPLOADED, DatasetDescription
from core.errors import PrecedenceError

PREPARATION = "preparation.json"
VERSION = 1

Kind = Literal["ids", "words", "hashed", "number", "time"]
"""ids: whole numbers that are ids already · words: place in a vocabulary · hashed: a known word's hash · number ·
time: days since 1970."""


class _Model(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class FittedColumn(_Model):
    """One input of a network, by the name of its column in the file.

    words: id = 1 + place in `words`, 0 where the word is none of them or missing. hashed: the words of the training
    rows are more than `size` − 1 and share ids, id = 1 + md5(word) mod (size − 1). number, time: x = (v − mean) /
    deviation in 32-bit floats, 0 where v is missing; v = ln(1 + value) where `logarithm`.
    """

    name: str
    kind: Kind
    type: str = "VARCHAR"  # DuckDB's, as the column was read for training: a cell is text of that type
    size: int = 0  # of the vocabulary, id 0 included; 0 for numbers
    length: int = 0  # a list is cut to its last so many; 0: one value a cell
    words: tuple[str, ...] = ()
    trimmed: bool = False  # words stand without spaces around them
    logarithm: bool = False
    mean: float = 0.0
    deviation: float = 1.0


class Preparation(_Model):
    """Everything between a file's cells and a network's input, in the order of the description's features."""

    version: int = Field(VERSION, ge=1, le=VERSION)
    columns: tuple[FittedColumn, ...]
    file: str = ""  # name of the file that it was fitted on
    options: dict[str, Any] = {}  # how that file was read
    header: tuple[str, ...] = ()  # all columns in order, where the file itself does not name them

    @classmethod
    def of_ids(cls, description: DatasetDescription) -> Preparation:
        """Of a table whose columns are ids and numbers already, as the built-in data sets have them."""
        ids = [FittedColumn(name=one.name, kind="ids", type="BIGINT", size=one.size) for one in description.sparse]
        numbers = [FittedColumn(name=one.name, kind="number", type="DOUBLE") for one in description.dense]
        lists = [
            FittedColumn(name=one.name, kind="ids", type="BIGINT[]", size=one.size, length=one.length)
            for one in description.sequences
        ]
        return cls(columns=(*ids, *numbers, *lists))

    @property
    def numbers(self) -> list[FittedColumn]:
        """The standardised columns."""
        return [column for column in self.columns if not column.size]

    @property
    def names(self) -> list[str]:
        return [column.name for column in self.columns]

    def fitted(self, scales: Iterable[tuple[float, float]]) -> Preparation:
        """With the mean and deviation of each number."""
        found = iter(scales)
        columns = []
        for column in self.columns:
            if not column.size:
                mean, deviation = next(found)
                column = column.model_copy(update={"mean": mean, "deviation": deviation})
            columns.append(column)
        return self.model_copy(update={"columns": tuple(columns)})

    def check(self, description: DatasetDescription) -> None:
        """Raises PrecedenceError where these are not the inputs of the description."""
        wanted = [(one.name, one.size) for one in description.sparse] + [(one.name, 0) for one in description.dense]
        wanted += [(one.name, one.size) for one in description.sequences]
        if [(column.name, column.size) for column in self.columns] != wanted:
            raise PrecedenceError(
                f"{PREPARATION} and description.json name other columns, so new rows cannot be read as the old ones "
                "were; prepare the table again."
            )


def read_preparation(folder: Path, description: DatasetDescription) -> Preparation | None:
    """How the table in a prepared folder was made, without means and deviations; None where new rows cannot be made
    likewise: texts, and tables that were prepared before this was kept."""
    file = folder / PREPARATION
    if file.is_file():
        try:
            found = Preparation.model_validate_json(file.read_bytes())
        except ValueError as error:
            raise PrecedenceError(f"The file {file} cannot be read; prepare the table again.") from error
        found.check(description)
        return found
    built_in = description.form == "rows" and description.card.name != UPLOADED
    ids = built_in or description.form == "histories"  # of histories the vocabularies stand beside it
    return Preparation.of_ids(description) if ids else None


def in_order(columns: Mapping[str, FittedColumn], description: DatasetDescription) -> tuple[FittedColumn, ...]:
    """The columns by name as the description has its features."""
    names = [one.name for one in description.sparse] + [one.name for one in description.dense]
    return tuple(columns[name] for name in [*names, *(one.name for one in description.sequences)])
