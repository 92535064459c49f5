"""Opens what a person brings as the table `given` of a DuckDB connection: one way for peeking, checking and loading."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import duckdb

from core.data import parquet
from core.data.parquet import literal, quoted
from core.data.reading.container import Plain, plain_files
from core.data.reading.grids import workbook_to_csv
from core.data.reading.joined import Part, as_texts, join
from core.data.reading.json_tables import json_to_csv
from core.data.reading.labels import LabelRule
from core.data.reading.options import ColumnChoice, ReaderOptions
from core.data.reading.parquet_columns import (
    are_dates,
    flat_source,
    kind_of_type,
    refuse_burst,
    rule_of_typed,
    sql_of_typed,
    written_as_text,
)
from core.data.reading.published import as_published
from core.data.reading.roles import Purpose, guessed_purpose
from core.data.reading.text import ROW, RawTable, read_text
from core.data.reading.typed import (
    Column,
    Plan,
    failed_cells,
    fixed,
    make_given,
    plans,
    usual_role,
    usual_roles,
    without_labels,
    words_of,
)
from core.data.reading.unused import without_unused
from core.errors import PrecedenceError
from core.temporary import temporary_folder

RESERVED = "precedence_"  # how the names of this program's own columns begin
PARQUET = b"PAR1"  # how a Parquet file begins and ends
LARGE = 256 << 20  # bytes of a Parquet file that is looked at row by row, not taken into memory


@dataclass(frozen=True)
class Reading:
    """What was read: the table `given` has these columns, with these DuckDB types, and ROW."""

    file: str
    rows: int
    columns: tuple[Column, ...]
    options: ReaderOptions  # with everything that was found
    purpose: Purpose
    types: dict[str, str]
    warnings: tuple[str, ...] = ()  # sentences of what was done and what should be looked at
    asks: tuple[str, ...] = ()  # sentences of what can be read in two ways, by which nothing may be decided yet
    rules: Mapping[str, LabelRule | None] = field(default_factory=dict)  # how each label was read
    is_text: bool = False  # the table `raw` has its cells as they are written

    def column(self, name: str) -> Column:
        """A column by its name."""
        return next(column for column in self.columns if column.name == name)

    def written(self, database: duckdb.DuckDBPyConnection, name: str, row: int) -> str | None:
        """What the file has in a row of a column, before it was converted."""
        at = f"c{list(self.types).index(name)}" if self.is_text else quoted(name)
        table = "raw" if self.is_text else "given"
        found = database.execute(f"SELECT {at}::VARCHAR FROM {table} WHERE {ROW} = {row}").fetchall()
        return None if not found or found[0][0] in (None, "") else str(found[0][0])

    def of_role(self, role: str) -> list[str]:
        """The columns of a role."""
        return [column.name for column in self.columns if column.role == role]


def open_source(
    database: duckdb.DuckDBPyConnection,
    source: Path | Sequence[Path],
    options: ReaderOptions | None = None,
    purpose: Purpose | None = None,
    strict: bool = True,
    labels: bool = True,
) -> Reading:
    """Makes the table `given` of a file, a folder, a zip or several files that belong together.

    `purpose` says for what roles are guessed; None: as the columns' names say. `strict`: the options may fix no column
    that the file has not. `labels`: a column may be taken for a label by its name; where the labels are chosen already,
    another one is a feature like any, read as it will be when new rows are scored. Raises PrecedenceError, one sentence
    with the row and the value, where nothing can be made of it.
    """
    options = options or ReaderOptions()
    sources = [source] if isinstance(source, Path) else list(source)
    with temporary_folder() as scratch:
        try:
            files = plain_files(sources, scratch)
            if len(files) == 1 and files[0].form == "parquet":
                return _of_parquet(database, files[0], options, purpose, strict, labels)
            return _of_texts(database, files, options, purpose, scratch, strict, labels)
        except duckdb.OutOfMemoryException as error:
            raise PrecedenceError(
                f"{sources[0].name} is too large for the memory that reading may take; give fewer rows, or Parquet."
            ) from error


def _of_texts(
    database: duckdb.DuckDBPyConnection,
    files: Sequence[Plain],
    options: ReaderOptions,
    purpose: Purpose | None,
    scratch: Path,
    strict: bool,
    labels: bool,
) -> Reading:
    file, raw = table_of_texts(database, files, options, scratch)
    refuse_names(file, raw.names)
    if options.sample is not None:
        total = int(database.execute("SELECT count(*) FROM raw").fetchall()[0][0])
        database.execute(f"DELETE FROM raw WHERE NOT ({_drawn(ROW, options.sample, total)})")
    purpose = purpose or guessed_purpose(raw.names)
    options = _for_columns(raw.options, raw.names, file, strict)
    found, notation = plans(database, "raw", raw.names, options, purpose, labels)
    columns = make_given(database, "raw", found, purpose, options)
    by_name = {plan.name: plan for plan in found}
    rows = int(database.execute("SELECT count(*) FROM given").fetchall()[0][0])
    columns, unused = without_unused(database, columns, options, rows) if purpose == "table" else (columns, [])
    rules = {plan.name: plan.rule for plan in found if plan.rule is not None}
    known = fixed(columns, by_name, options).model_copy(
        update={"decimal": notation.decimal, "thousands": notation.thousands, "date_order": notation.date_order}
    )
    warnings = [*raw.notes, *unused, *_said(database, columns, by_name, options)]
    asks = tuple(one for one in notation.ask if "date_order" in one)
    warnings += [one for one in notation.ask if one not in asks]
    return Reading(file, rows, tuple(columns), known, purpose, _types(database), tuple(warnings), asks, rules, True)


def table_of_texts(
    database: duckdb.DuckDBPyConnection, files: Sequence[Plain], options: ReaderOptions, scratch: Path
) -> tuple[str, RawTable]:
    """The table `raw` of all files as texts, and the name of the main file."""
    if len(files) == 1:
        raw = _table_of(database, files[0], options, scratch, "raw")
        return files[0].name, as_published(database, raw)
    parts, notes, first = [], [], None
    for number, file in enumerate(files):
        one = as_published(database, _table_of(database, file, options, scratch, f"part{number}"), f"part{number}")
        rows = int(database.execute(f"SELECT count(*) FROM part{number}").fetchall()[0][0])
        parts.append(Part(file.name, f"part{number}", one.names, rows))
        notes += one.notes
        first = first or one
    names, said, main = join(database, parts)
    for part in parts:
        database.execute(f"DROP TABLE {part.table}")
    assert first is not None
    return main, RawTable(names, first.options, [*said, *notes])


def _table_of(
    database: duckdb.DuckDBPyConnection, file: Plain, options: ReaderOptions, scratch: Path, table: str
) -> RawTable:
    if file.form == "text":
        return read_text(database, file, options, scratch, table)
    if file.form == "parquet":
        with readable(file):
            query = f"SELECT * FROM read_parquet({literal(file.path)})"
            names = [row[0] for row in database.execute(f"DESCRIBE {query}").fetchall()]
            as_texts(database, table, query, names)
        return RawTable(names, options)
    grid = scratch / f"{table}.csv"
    sheet, note = None, ""
    if file.form == "workbook":
        sheet, note = workbook_to_csv(file, options.sheet, grid)
    else:
        note = json_to_csv(file, grid)
    plain = replace(file, path=grid, form="text")
    exact = options.model_copy(update={"delimiter": ",", "quote": '"', "encoding": "utf-8"})
    raw = read_text(database, plain, exact, scratch, table)
    return RawTable(
        raw.names, raw.options.model_copy(update={"sheet": sheet}), [note, *raw.notes] if note else raw.notes
    )


class readable:  # noqa: N801 - used as a function
    """Turns DuckDB's errors over a Parquet file into one sentence."""

    def __init__(self, file: Plain) -> None:
        self.file = file

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if isinstance(error, duckdb.Error) and not isinstance(error, duckdb.OutOfMemoryException):
            raise PrecedenceError(f"The file {self.file.name} {_no_parquet(self.file.path, error)}") from error


def _no_parquet(path: Path, error: duckdb.Error) -> str:
    """Why a file cannot be read as Parquet, and what to do."""
    with path.open("rb") as content:
        begins = content.read(len(PARQUET))
        content.seek(-min(len(PARQUET), path.stat().st_size), 2)
        ends = content.read()
    if begins != PARQUET:
        return (
            f"is called Parquet and begins with {repr(begins)[1:]}, as no Parquet file does; save it again or use CSV."
        )
    if ends != PARQUET:
        return "begins as Parquet and ends in the midst: it was cut short; fetch it again, or save it again."
    reason = str(error).splitlines()[0].replace(str(path), path.name)[:160]
    return f"cannot be read as Parquet ({reason}); save it again or use CSV."


def _drawn(row: str, wanted: int, total: int) -> str:
    """SQL: true for about so many of all rows, the same each time, whatever the threads."""
    return f"hash({row}) % 1000000 < {round(1e6 * min(1.0, wanted / max(1, total)))}"


def _for_columns(options: ReaderOptions, names: Sequence[str], file: str, strict: bool) -> ReaderOptions:
    """The options with the columns that the file has; one that it has not is refused where that is `strict`."""
    absent = [name for name in options.columns if name not in names]
    if absent and strict:
        raise PrecedenceError(f"Column {absent[0][:60]} is not in {file}; its columns are {', '.join(names)[:300]}.")
    return options.model_copy(update={"columns": {n: c for n, c in options.columns.items() if n not in absent}})


def _of_parquet(
    database: duckdb.DuckDBPyConnection,
    file: Plain,
    options: ReaderOptions,
    purpose: Purpose | None,
    strict: bool,
    labels: bool,
) -> Reading:
    """A Parquet file has types of its own: only what was fixed otherwise is converted."""
    with readable(file):
        source = f"read_parquet({literal(file.path)}, file_row_number = true)"
        if options.sample is not None:
            total = int(database.execute(f"SELECT count(*) FROM {source}").fetchall()[0][0])
            source = f"(SELECT * FROM {source} WHERE {_drawn('file_row_number', options.sample, total)})"
        source, flattened = flat_source(database, source)
        types = {row[0]: row[1] for row in database.execute(f"DESCRIBE SELECT * FROM {source}").fetchall()}
        types.pop("file_row_number", None)
        refuse_burst(database, source, types, file)
        names = list(types)
        refuse_names(file.name, names)
        options = _for_columns(options, names, file.name, strict)
        purpose = purpose or guessed_purpose(names)
        guessed = usual_roles(database, source, {name: quoted(name) for name in names}, purpose)
        guessed = guessed if labels else without_labels(guessed)
        roles = {name: options.column(name).role or guessed.get(name, "") for name in names}
        rules = {name: rule_of_typed(database, source, name, options) for name in names if roles[name] == "label"
                 and purpose != "pairs" and kind_of_type(types[name]) in ("number", "text")}  # fmt: skip
        values = {name: sql_of_typed(name, types[name], roles[name], options) for name in names}
        values |= {name: f"try_strptime({quoted(name)}::VARCHAR, '%Y%m%d')" for name in names
                   if roles[name] == "time" and kind_of_type(types[name]) == "number"
                   and are_dates(database, source, name)}  # fmt: skip
        values |= {name: rule.value for name, rule in rules.items() if rule is not None}
        chosen = ", ".join(f"{value} AS {quoted(name)}" for name, value in values.items())
        what = "VIEW" if file.path.stat().st_size > LARGE and options.sample is None else "TABLE"
        database.execute(
            f"CREATE OR REPLACE {what} given AS SELECT {chosen}, file_row_number + 1 AS {ROW} FROM {source}"
        )
        notes = [*flattened, *written_as_text(database, types, roles, options)]
        return _typed_reading(database, file, options, purpose, roles, rules, notes)


def _typed_reading(
    database: duckdb.DuckDBPyConnection,
    file: Plain,
    options: ReaderOptions,
    purpose: Purpose,
    roles: dict[str, str],
    rules: dict[str, LabelRule | None],
    notes: list[str],
) -> Reading:
    types = _types(database)
    rows = int(database.execute("SELECT count(*) FROM given").fetchall()[0][0])
    count = (
        "count(DISTINCT {})" if file.path.stat().st_size <= LARGE else "least(count({0}), approx_count_distinct({0}))"
    )
    columns, choices, said = [], {}, []
    for name, type_ in types.items():
        column, rule = quoted(name), rules.get(name)
        known, distinct = database.execute(
            f"SELECT count({column}), {count.format(column + '::VARCHAR')} FROM given"
        ).fetchall()[0]
        shown = database.execute(
            f"SELECT DISTINCT left({column}::VARCHAR, 60) AS w FROM (SELECT {column} FROM given LIMIT 1000) "
            "WHERE w IS NOT NULL ORDER BY w LIMIT 5"
        ).fetchall()
        kind = rule.kind if rule is not None else kind_of_type(type_)
        usual = usual_role(kind, name, int(distinct), rows, type_.endswith(("INT", "INTEGER")))
        role = roles[name] or (usual if purpose == "table" else "ignore")
        examples = tuple(str(one) for (one,) in shown)
        note = rule.note if rule is not None else ""
        words = words_of(database, column, role, purpose, int(distinct))
        columns.append(Column(name, role, kind, rows - int(known), int(distinct), 0, 0, examples, note, words))
        said += [f"Column {name}: {note}."] if note else []
        fixed_so = {"role": role} | ({"label": kind, "unknown": rule.unknown, "classes": rule.classes} if rule else {})
        choices[name] = ColumnChoice.model_validate(options.column(name).model_dump() | fixed_so)
    columns, unused = without_unused(database, columns, options, rows) if purpose == "table" else (columns, [])
    choices |= {one.name: choices[one.name].model_copy(update={"role": one.role}) for one in columns}
    said = [*notes, *unused, *said]
    return Reading(
        file.name, rows, tuple(columns), options.with_columns(choices), purpose, types, tuple(said), rules=rules
    )


def _types(database: duckdb.DuckDBPyConnection) -> dict[str, str]:
    types = {row[0]: row[1] for row in database.execute("DESCRIBE given").fetchall()}
    del types[ROW]
    return types


def refuse_names(file: str, names: Sequence[str]) -> None:
    """Refuses a header in which a name stands twice, or is one of this program's own."""
    for name in names:
        if name.lower().startswith(RESERVED):
            raise PrecedenceError(f"Column {name[:60]} of {file} begins with {RESERVED}, which is reserved; rename it.")
    for name, count in Counter(name.strip().lower() for name in names).items():
        if count > 1:
            raise PrecedenceError(
                f"Column {name[:60]} stands {count} times in the header of {file}; column names must differ "
                "(capitals do not count)."
            )


def _said(
    database: duckdb.DuckDBPyConnection, columns: Sequence[Column], by_name: dict[str, Plan], options: ReaderOptions
) -> list[str]:
    """A sentence for each column in which cells could not be converted, and for each note."""
    said = []
    for column in columns:
        if column.failed:
            row, cell = database.execute(
                failed_cells("raw", by_name[column.name], options) + f" ORDER BY w.{ROW} LIMIT 1"
            ).fetchall()[0]
            what = "time" if column.kind == "time" else "class" if column.kind == "classes" else "number"
            said.append(
                f"{column.failed:,} of {column.failed + column.converted:,} cells of column {column.name} are no "
                f"{what} and count as missing: the first is {str(cell)[:40]!r} in row {row}; keep them with "
                f"column '{column.name}=text'."
            )
        if column.note:
            said.append(f"Column {column.name}: {column.note}.")
    return said


def read_profile(
    source: Path | Sequence[Path], options: ReaderOptions | None = None, purpose: Purpose | None = None
) -> Reading:
    """What a file holds, column by column; nothing is kept."""
    with parquet.connect() as database:
        return open_source(database, source, options, purpose)
