"""Texts become values: each column's kind and role, what was converted and what failed; the table `given`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import duckdb

from core.data.parquet import literal, quoted
from core.data.reading.cells import list_sql, number_sql, time_sql
from core.data.reading.kinds import SLASHED, Notation, dates_of_digits, form_of, found_notation, note_of_words
from core.data.reading.labels import LabelRule, label_rule
from core.data.reading.options import NULL_WORDS, ColumnChoice, Kind, ReaderOptions
from core.data.reading.roles import MAY_NUMBER_ROWS, Purpose, guessed_roles, names_a_date, names_an_id, plain_name
from core.data.reading.text import ROW

SAMPLED_ROWS, SAMPLED_WORDS = 20_000, 2_000
FEW_VALUES = 24  # whole numbers with at most so many different values are categories
SURE_OF_COUNTS = 2_000_000  # rows up to which different values are counted exactly
FEW_ROWS = 5_000  # up to which a column's values are gathered as a list: DISTINCT costs milliseconds a column
MOST_WORDS = 20  # by which pairs are graded
MOST_TITLES = 0.9  # different titles a row, where a column that numbers the rows numbers no products
EXAMPLES, LOOKED_AT = 5, 1000  # cells shown of a column, of the first so many rows
TOGETHER, AT_ONCE = 40, 16  # columns counted, and converted, in one pass: planning takes the square of their number
TEXT_ROLES = frozenset(("sparse", "user", "item", "id", "group", "query", "title", "type", "category", "brand", "shop",
                        "scenario", "rater"))  # fmt: skip
"""Roles whose cells are names: text as it is written."""


@dataclass(frozen=True)
class Column:
    """What was found of a column, and what it was taken for."""

    name: str
    role: str
    kind: str  # text, number, time, list; of a label binary, count, number, classes
    missing: int
    distinct: int
    converted: int  # cells that became a number, a time or a list
    failed: int  # cells that are not missing and could not be converted: they count as missing
    examples: tuple[str, ...]
    note: str = ""
    words: tuple[str, ...] = ()  # of the grades of judged pairs: all different cells, where they are few


@dataclass(frozen=True)
class Plan:
    """How one column of texts becomes one of `given`."""

    name: str
    source: str  # the column of the raw table, quoted
    kind: Kind
    role: str
    value: str  # SQL
    note: str = ""
    rule: LabelRule | None = None
    is_time: bool = False  # numbers that are times
    waits: bool = False  # for the person's word on the order of day and month


def sampled(database: duckdb.DuckDBPyConnection, table: str, columns: Sequence[str]) -> list[list[str]]:
    """Different cells of each column among rows evenly spread over the table."""
    rows = int(database.execute(f"SELECT count(*) FROM {table}").fetchall()[0][0])
    every = max(1, rows // SAMPLED_ROWS)
    cells = (
        "list_distinct(list({0}) FILTER ({0} <> ''))" if rows <= FEW_ROWS else "list(DISTINCT {0}) FILTER ({0} <> '')"
    )
    wanted = [cells.format(name) for name in columns]
    found = aggregated(database, wanted, f"{table} WHERE {ROW} % {every} = {1 % every}")
    return [_spread(sorted(map(str, cells or ()))) for cells in found]


def _spread(cells: list[str]) -> list[str]:
    """At most SAMPLED_WORDS of them, from the first to the last: all that begin with 01/ say little of the rest."""
    return cells[:: max(1, -(-len(cells) // SAMPLED_WORDS))]


def _days_and_months(database: duckdb.DuckDBPyConnection, table: str, source: str) -> tuple[int, int]:
    """In how many of all rows the first number of a date, and the second one, can be no month."""
    parts = [f"try_cast(regexp_extract(trim({source}), '{SLASHED}', {at}) AS INTEGER) > 12" for at in (1, 2)]
    wanted = ", ".join(f"count(*) FILTER ({part})" for part in parts)
    first, second = database.execute(f"SELECT {wanted} FROM {table}").fetchall()[0]
    return int(first), int(second)


def aggregated(database: duckdb.DuckDBPyConnection, wanted: Sequence[str], source: str) -> list[Any]:
    """One value for each aggregate over the rows of a table, in a few passes however many there are."""
    found: list[Any] = []
    for at in range(0, len(wanted), TOGETHER):
        query = f"SELECT {', '.join(wanted[at : at + TOGETHER])} FROM {source}"
        found += database.execute(query).fetchall()[0]
    return found


def usual_roles(
    database: duckdb.DuckDBPyConnection, table: str, sources: Mapping[str, str], purpose: Purpose
) -> dict[str, str]:
    """Column → role by its name; what is called id and numbers the judgements is no product's number.

    `sources`: the SQL of each column.
    """
    roles = guessed_roles(list(sources), purpose)
    of = {role: name for name, role in roles.items()}
    key, title = of.get("id", ""), of.get("title", "")
    if purpose != "pairs" or plain_name(key) not in MAY_NUMBER_ROWS or not title:
        return roles
    rows, keys, titles = database.execute(
        f"SELECT count(*), count(DISTINCT {sources[key]}), count(DISTINCT {sources[title]}) FROM {table}"
    ).fetchall()[0]
    if keys < rows or titles > MOST_TITLES * rows:
        return roles
    return guessed_roles([name for name in sources if name != key], purpose)


def without_labels(roles: Mapping[str, str]) -> dict[str, str]:
    """The roles, columns that are called as labels usually are left to what their cells say."""
    return {name: role for name, role in roles.items() if role != "label"}


def plans(
    database: duckdb.DuckDBPyConnection,
    table: str,
    names: Sequence[str],
    options: ReaderOptions,
    purpose: Purpose,
    labels: bool = True,
) -> tuple[list[Plan], Notation]:
    """A plan for each column of a table of texts c0, c1 …, from samples of its cells and what the person fixed;
    `labels`: columns may be taken for labels by their names."""
    samples = sampled(database, table, [f"c{at}" for at in range(len(names))])
    roles = usual_roles(database, table, {name: f"c{at}" for at, name in enumerate(names)}, purpose)
    roles = roles if labels else without_labels(roles)
    text = {name: cells for name, cells in zip(names, samples, strict=True)
            if options.column(name).kind != "text" and options.column(name).role not in TEXT_ROLES
            and not names_an_id(name)}  # fmt: skip
    days = {name: _days_and_months(database, table, f"c{at}") for at, name in enumerate(names)
            if name in text and form_of(text[name]) == "slashed"}  # fmt: skip
    notation = found_notation(text, options, options.delimiter, days)
    found = []
    for at, (name, cells) in enumerate(zip(names, samples, strict=True)):
        choice = options.column(name)
        role = choice.role or roles.get(name, "")
        found.append(_plan(database, table, f"c{at}", name, cells, role, choice, options, notation, purpose))
    return found, notation


def _plan(
    database: duckdb.DuckDBPyConnection,
    table: str,
    source: str,
    name: str,
    cells: list[str],
    role: str,
    choice: ColumnChoice,
    options: ReaderOptions,
    notation: Notation,
    purpose: Purpose,
) -> Plan:
    unused = not role and choice.kind is None and purpose != "table"  # nobody asks what it means
    if unused or (role in ("label", "click") and purpose == "pairs"):
        return Plan(name, source, "text", role, _known(source, options))
    if role == "label" and choice.kind is None:
        rule = label_rule(database, table, source, name, choice, number_sql(source, notation), options.null_words)
        if rule is not None:
            return Plan(name, source, "number", role, rule.value, rule.note, rule)
    return _plan_of_cells(source, name, cells, role, choice, options, notation)


def _known(source: str, options: ReaderOptions) -> str:
    """SQL: the cell as it is written, NULL where it is missing."""
    nulls = ("", *(options.null_words or ()))
    return (
        f"nullif({source}, '')" if nulls == ("",) else f"CASE WHEN {source} NOT IN ({_list(nulls)}) THEN {source} END"
    )


def _plan_of_cells(
    source: str,
    name: str,
    cells: list[str],
    role: str,
    choice: ColumnChoice,
    options: ReaderOptions,
    notation: Notation,
) -> Plan:
    """By what was fixed, else by what the cells look like."""
    known = _known(source, options)
    if choice.kind == "text" or (choice.kind is None and role in TEXT_ROLES):
        return Plan(name, source, "text", role, known)
    form = form_of(cells)
    number = _unless_missing(source, number_sql(source, notation), options)
    moment = _unless_missing(source, time_sql(source, notation.date_order), options)
    if choice.kind == "number" or role in ("number", "weight", "price", "quantity"):
        return Plan(name, source, "number", role, number)
    if (choice.kind in (None, "time") and role in ("", "time") and (
        digits := dates_of_digits(cells, names_a_date(name) or (role == "time" and _is_compact(cells))))
    ):  # fmt: skip
        how = "are dates, year month day" if digits == "compact" else "are days since 1900, as a workbook counts them"
        return Plan(name, source, "time", role, moment, f"numbers such as {cells[0].strip()[:20]} {how}")
    if choice.kind == "time" or role == "time":
        long = form == "zeros" and not any(cell.strip().startswith("0") for cell in cells)  # nanoseconds since 1970
        if form == "number" or long:
            return Plan(name, source, "number", role, number, is_time=True)
        return Plan(name, source, "time", role, moment, waits=form == "slashed" and notation.date_order is None)
    if choice.kind == "list" or role == "sequence" or (form == "list" and choice.kind is None):
        return Plan(name, source, "list", role or "sequence", list_sql(source))
    if form == "zeros":
        return Plan(name, source, "text", role, known, _name_of_zeros(cells))
    if form == "number" and names_an_id(name):
        return Plan(name, source, "text", role, known)
    if form == "number":
        return Plan(name, source, "number", role, number)
    if form in ("iso", "slashed", "worded"):
        return Plan(name, source, "time", role, moment, waits=form == "slashed" and notation.date_order is None)
    return Plan(name, source, "text", role, known, note_of_words(cells))


def _is_compact(cells: Sequence[str]) -> bool:
    return dates_of_digits(cells, True) == "compact"


def _name_of_zeros(cells: Sequence[str]) -> str:
    """Why digits are kept as they are written."""
    if any(cell.strip().lstrip("+-").startswith("0") and len(cell.strip()) > 1 for cell in cells):
        return "numbers with zeros in front are names: kept as they are written"
    return "numbers of more than 18 digits are names: kept as they are written"


def plan_of(source: str, name: str, options: ReaderOptions, notation: Notation) -> str:
    """SQL: the cells of a column of texts as the options alone have it; text where they say nothing."""
    choice = options.column(name)
    known = choice.model_copy(update={"kind": choice.kind or "text"})
    return _plan_of_cells(source, name, [], choice.role or "", known, options, notation).value


def _nulls(options: ReaderOptions) -> tuple[str, ...]:
    return ("", *(options.null_words if options.null_words is not None else NULL_WORDS))


def _unless_missing(source: str, value: str, options: ReaderOptions) -> str:
    """SQL: a number or time, NULL where the cell means missing; a word without a digit is no number anyway."""
    endless = ("inf", "infinity")
    words = [word for word in _nulls(options) if any(map(str.isdigit, word)) or word.lower().lstrip("+-") in endless]
    return f"CASE WHEN {source} NOT IN ({_list(words)}) THEN {value} END" if words else value


def _list(words: Sequence[str]) -> str:
    return ", ".join(literal(word) for word in words)


def make_given(
    database: duckdb.DuckDBPyConnection, table: str, found: list[Plan], purpose: Purpose, options: ReaderOptions
) -> list[Column]:
    """Makes the table `given` by the plans, whole numbers as such, and counts what was converted and what failed."""
    whole = _convert(database, table, found)
    rows = int(database.execute("SELECT count(*) FROM given").fetchall()[0][0])
    names = [quoted(plan.name) for plan in found]
    count = "count(DISTINCT {})" if rows <= SURE_OF_COUNTS else "least(count({0}), approx_count_distinct({0}))"
    count = count if rows > FEW_ROWS else "coalesce(list_unique(list({})), 0)"
    known = aggregated(database, [f"count({name})" for name in names], "given")
    distinct = aggregated(database, [count.format(name) for name in names], "given")
    written = aggregated(database, [_filled(plan, options) for plan in found], table)
    shown = _first_cells(database, table, found)
    columns = []
    for at, plan in enumerate(found):
        cells = sorted(filter(None, shown[at]))[:EXAMPLES]
        may_fail = plan.kind in ("number", "time") and not plan.waits and (plan.rule is None or plan.rule.may_fail)
        failed = int(written[at]) - int(known[at]) if may_fail else 0
        usual = usual_role(plan.kind, plan.name, int(distinct[at]), rows, plan.name in whole)
        columns.append(
            Column(
                name=plan.name,
                role=plan.role or (usual if purpose == "table" else "ignore"),
                kind=plan.rule.kind if plan.rule is not None else "time" if plan.is_time else plan.kind,
                missing=rows - int(known[at]) - failed if not plan.waits else 0,
                distinct=int(distinct[at]) if not plan.waits else len(shown[at]),
                converted=int(known[at]) if plan.kind != "text" else 0,
                failed=failed,
                examples=tuple(cell[:60] for cell in cells),
                note=plan.note,
                words=words_of(database, quoted(plan.name), plan.role, purpose, int(distinct[at])),
            )
        )
    return columns


def _first_cells(database: duckdb.DuckDBPyConnection, table: str, found: Sequence[Plan]) -> list[set[str]]:
    """The different cells of each column in the first rows."""
    cells: list[set[str]] = []
    for at in range(0, len(found), TOGETHER):
        part = ", ".join(plan.source for plan in found[at : at + TOGETHER])
        rows = database.execute(f"SELECT {part} FROM {table} ORDER BY {ROW} LIMIT {LOOKED_AT}").fetchall()
        cells += [set(map(str, column)) for column in zip(*rows, strict=True)] or [
            set() for _ in found[at : at + TOGETHER]
        ]
    return cells


def _convert(database: duckdb.DuckDBPyConnection, table: str, found: Sequence[Plan]) -> list[str]:
    """Makes the table `given`, some columns at a time, for what all conversions of a wide table hold at once is large;
    returns the columns of whole numbers."""
    parts = [found[at : at + AT_ONCE] for at in range(0, len(found), AT_ONCE)]
    whole: list[str] = []
    for number, part in enumerate(parts):
        values = ", ".join(f"{plan.value} AS {quoted(plan.name)}" for plan in part)
        row = f", {ROW}" * (number == len(parts) - 1)
        database.execute(f"CREATE OR REPLACE TABLE part{number} AS SELECT {values}{row} FROM {table}")
        integers = _whole(database, part, f"part{number}")
        if integers:
            replaced = ", ".join(f"{quoted(name)}::BIGINT AS {quoted(name)}" for name in integers)
            database.execute(f"CREATE OR REPLACE TABLE part{number} AS SELECT * REPLACE ({replaced}) FROM part{number}")
        whole += integers
    database.execute("DROP TABLE IF EXISTS given")
    if len(parts) == 1:
        database.execute("ALTER TABLE part0 RENAME TO given")
        return whole
    together = " POSITIONAL JOIN ".join(f"part{number}" for number in range(len(parts)))
    database.execute(f"CREATE TABLE given AS SELECT * FROM {together}")
    for number in range(len(parts)):
        database.execute(f"DROP TABLE part{number}")
    return whole


def words_of(
    database: duckdb.DuckDBPyConnection, column: str, role: str, purpose: Purpose, distinct: int
) -> tuple[str, ...]:
    """The different cells by which pairs are graded, where they are few."""
    if purpose != "pairs" or role != "label" or distinct > MOST_WORDS:
        return ()
    query = f"SELECT DISTINCT trim({column}::VARCHAR) AS w FROM given WHERE {column} IS NOT NULL ORDER BY w"
    return tuple(str(word) for (word,) in database.execute(query).fetchall() if word)


def _whole(database: duckdb.DuckDBPyConnection, found: Sequence[Plan], table: str) -> list[str]:
    """The columns of a table whose numbers are all whole, but those of amounts."""
    plans_ = [plan for plan in found if plan.kind == "number" and plan.rule is None]
    plans_ = [plan for plan in plans_ if plan.role not in ("weight", "price", "quantity")]
    odd = aggregated(
        database,
        [f"count(*) FILTER ({c} <> round({c}) OR abs({c}) >= 9e15)" for c in (quoted(plan.name) for plan in plans_)],
        table,
    )
    return [plan.name for plan, count in zip(plans_, odd, strict=True) if not count]


def _filled(plan: Plan, options: ReaderOptions) -> str:
    """SQL: how many cells of a column are not missing."""
    return f"count(*) FILTER (trim({plan.source}) NOT IN ({_missing(plan, options)}))"


def _missing(plan: Plan, options: ReaderOptions) -> str:
    return _list((*_nulls(options), *(plan.rule.unknown if plan.rule else ())))


def failed_cells(table: str, plan: Plan, options: ReaderOptions) -> str:
    """SQL: rows and cells of a column that are not missing and could not be converted."""
    return (
        f"SELECT w.{ROW} AS r, w.{plan.source} AS cell FROM {table} w JOIN given g USING ({ROW}) "
        f"WHERE g.{quoted(plan.name)} IS NULL AND trim(w.{plan.source}) NOT IN ({_missing(plan, options)})"
    )


def usual_role(kind: str, name: str, distinct: int, rows: int, whole: bool) -> str:
    """The role of a column that nobody fixed, in a table of rows."""
    if kind == "list":
        return "sequence"
    if kind == "time":
        return "time"
    if kind == "number":
        return "sparse" if whole and (names_an_id(name) or distinct <= FEW_VALUES) else "number"
    if names_an_id(name) and rows >= 50 and distinct >= 0.98 * rows:
        return "id"
    return "sparse"


def fixed(found: Sequence[Column], plans_: Mapping[str, Plan], options: ReaderOptions) -> ReaderOptions:
    """The options with every column fixed as it was taken, so that another file is read alike."""
    columns = {}
    for column in found:
        plan = plans_[column.name]
        before = options.column(column.name)
        columns[column.name] = replace_choice(before, column.role, plan)
    return options.with_columns(columns)


def replace_choice(before: ColumnChoice, role: str, plan: Plan) -> ColumnChoice:
    """A column's choice with what was found."""
    rule = plan.rule
    return ColumnChoice.model_validate(
        {
            "role": role,
            "kind": None if rule is not None else plan.kind,
            "label": rule.kind if rule is not None else before.label,
            "unknown": rule.unknown if rule is not None else before.unknown,
            "classes": rule.classes if rule is not None else before.classes,
            "of": before.of,
        }
    )
