"""Finished runs in one DuckDB file, made from the run folders and thrown away without loss.

Only the server process opens it: DuckDB lets one process write, and then no other even read.
"""

from __future__ import annotations

import logging
import shutil
import threading
from collections.abc import Sequence, Set
from contextlib import suppress
from pathlib import Path
from typing import Any

import duckdb
from pydantic import BaseModel, ConfigDict

from core.data import parquet
from core.errors import PrecedenceError
from core.events.events import Started, Step, TaskResult
from core.records import put_aside
from core.runs.folder.owner import is_owned
from core.runs.folder.run_folder import RunFolder, config_hash, run_ids
from core.runs.folder.series import Columns, Series
from core.runs.folder.status import UNDER_WAY
from core.runs.paths import library_file
from core.settings.run import RunConfig

VERSION = 2
_TABLES = """
CREATE TABLE IF NOT EXISTS runs (
    run_id VARCHAR PRIMARY KEY, name VARCHAR, pinned BOOLEAN, dataset VARCHAR, method VARCHAR, config_hash VARCHAR,
    config JSON, created DOUBLE, seconds DOUBLE, steps BIGINT, device VARCHAR);
CREATE TABLE IF NOT EXISTS results (
    run_id VARCHAR, task VARCHAR, kind VARCHAR, loss DOUBLE, metric DOUBLE, validation_loss DOUBLE, bound DOUBLE,
    violation DOUBLE, multiplier DOUBLE, single_task_loss DOUBLE, single_task_metric DOUBLE,
    PRIMARY KEY (run_id, task));
CREATE TABLE IF NOT EXISTS version (number INTEGER PRIMARY KEY);
"""
_OF_VERSION_1 = """
ALTER TABLE results ADD COLUMN IF NOT EXISTS accuracy DOUBLE;
ALTER TABLE results ADD COLUMN IF NOT EXISTS single_task_accuracy DOUBLE;
"""
_FROM_VERSION_1 = """
CREATE TEMP TABLE before AS SELECT run_id, task,
    CASE WHEN auc IS NOT NULL THEN 'binary' WHEN accuracy IS NOT NULL THEN 'multiclass'
         WHEN rmse IS NOT NULL THEN 'regression' ELSE '' END AS kind,
    loss, coalesce(auc, accuracy, rmse) AS metric, slice_loss AS validation_loss, bound,
    violation, multiplier, single_task_loss,
    coalesce(single_task_auc, single_task_accuracy, single_task_rmse) AS single_task_metric
    FROM results ORDER BY rowid;
DROP TABLE results;
"""
IN_USE = "Could not set lock"  # of DuckDB's sentence where another process has the file
_log = logging.getLogger(__name__)
Rows = list[tuple[Any, ...]]
Names = list[str]
_RESULT_COLUMNS = tuple(TaskResult.model_fields)


class FinishedRun(BaseModel):
    """One row of the library; `created` in seconds since 1970, `seconds` of training."""

    model_config = ConfigDict(frozen=True)
    run_id: str
    name: str
    pinned: bool
    dataset: str
    method: str
    config_hash: str
    created: float
    seconds: float
    steps: int
    device: str | None


class Library:
    """Lists, names, pins, deletes finished runs and hands out their results and curves; safe from any thread."""

    def __init__(self, home: Path) -> None:
        self._home = home.resolve()
        self._lock = threading.RLock()
        self._rebuilding = False
        self._file = library_file(self._home)
        self._db = self._opened()

    def close(self) -> None:
        with self._lock:
            self._db.close()

    def _opened(self) -> duckdb.DuckDBPyConnection:
        """The file; a damaged one is put aside, and where none can be written the library is kept in memory."""
        try:
            return _connected(str(self._file))
        except duckdb.Error as error:
            if IN_USE in str(error):
                raise PrecedenceError(
                    f"The library {self._file.name} in {self._file.parent} is in use by another server; close the "
                    "other server or name another folder in PRECEDENCE_HOME."
                ) from error
            for file in (self._file, self._file.with_name(f"{self._file.name}.wal")):
                if file.exists():
                    put_aside(file, str(error).splitlines()[0])
        try:
            return _connected(str(self._file))
        except duckdb.Error as error:
            _log.error("the library cannot be written (%s); it is kept in memory", str(error).splitlines()[0])
            return _connected(":memory:")

    def _rebuild(self) -> None:
        """Everything in it stands in the run folders too."""
        self._rebuilding = True
        try:
            with suppress(duckdb.Error):
                self._db.close()
            for file in (self._file, self._file.with_name(f"{self._file.name}.wal")):
                if file.exists():
                    put_aside(file, "it could not be read")
            self._db = self._opened()
            self._take_in(frozenset())
        finally:
            self._rebuilding = False

    def take_in(self) -> int:
        """Adds every finished run folder that is not in the library yet, drops rows whose folder is gone."""
        return self._take_in({run.run_id for run in self.list()})

    def _take_in(self, known: Set[str]) -> int:
        on_disk = set(run_ids(self._home))
        for run_id in known - on_disk:
            self._forget(run_id)
        added = 0
        for run_id in on_disk - known:
            try:
                added += self.add(run_id)
            except (PrecedenceError, OSError) as error:  # a damaged folder: the others must come in
                _log.warning("run %s is not taken into the library: %s", run_id, error)
        return added

    def add(self, run_id: str) -> bool:
        """Takes in one finished run; False when it is not finished. Doing it again changes nothing."""
        folder = RunFolder(self._home, run_id)
        result = folder.result()
        if result is None:
            return False
        config, about, status = folder.config(), folder.about(), folder.status()
        row = (
            *(run_id, about.name or config.name, about.pinned, config.dataset.name, config.method.kind),
            *(config_hash(config), config.model_dump_json(), about.created, result.seconds, result.step, status.device),
        )
        tasks = [
            (run_id, name, *(getattr(task, column) for column in _RESULT_COLUMNS))
            for name, task in result.tasks.items()
        ]
        self._change_rows(run_id, row, tasks)
        if not about.sweep and not self._curves_file(run_id).exists():  # a sweep's points: when somebody asks
            try:
                _write_curves(folder, self._curves_file(run_id))
            except (OSError, duckdb.Error) as error:  # when somebody asks, and there is room
                _log.warning("the curves of run %s could not be written: %s", run_id, error)
        return True

    def list(
        self, dataset: str | None = None, method: str | None = None, most: int = 1000, model: str | None = None
    ) -> list[FinishedRun]:
        """Finished runs, of a kind of network where one is named; pinned ones first, then the newest."""
        columns = ", ".join(FinishedRun.model_fields)
        rows = self._rows(
            f"SELECT {columns} FROM runs WHERE ($1 IS NULL OR dataset = $1) AND ($2 IS NULL OR method = $2) "
            "AND ($4 IS NULL OR json_extract_string(config, '$.model.kind') = $4) "
            "ORDER BY pinned DESC, created DESC LIMIT $3",
            (dataset, method, most, model),
        )
        return [FinishedRun(**dict(zip(FinishedRun.model_fields, row, strict=True))) for row in rows]

    def config(self, run_id: str) -> RunConfig:
        return RunFolder(self._home, run_id).config()

    def result(self, run_id: str) -> dict[str, TaskResult]:
        """What the run says of each task, in the order of the data set."""
        rows = self._rows(f"SELECT task, {', '.join(_RESULT_COLUMNS)} FROM results WHERE run_id = $1", (run_id,))
        if not rows:
            raise PrecedenceError(f"Run {run_id} is not in the library of finished runs; pick one from its list.")
        return {task: TaskResult(**dict(zip(_RESULT_COLUMNS, values, strict=True))) for task, *values in rows}

    def curves(self, run_id: str) -> Columns:
        """The run's curves, thinned: series name (`loss/<task>` …) → {"x": steps, "y": values}."""
        file, folder = self._curves_file(run_id), RunFolder(self._home, run_id)
        if not file.exists() and folder.exists() and folder.result() is not None:
            _write_curves(folder, file)
        if not file.exists():
            raise PrecedenceError(f"Run {run_id} has no curves in the library; pick a finished run from its list.")
        try:
            return _read_curves(file)
        except duckdb.Error as error:
            put_aside(file, str(error).splitlines()[0])
        _write_curves(folder, file)
        return _read_curves(file)

    def same_config(self, config: RunConfig) -> Names:
        """Finished runs of an equal config, whatever they are called."""
        rows = self._rows("SELECT run_id FROM runs WHERE config_hash = $1 ORDER BY created", (config_hash(config),))
        return [run_id for (run_id,) in rows]

    def rename(self, run_id: str, name: str) -> None:
        """Names a run; the folder keeps the name too."""
        self.change(run_id, name=name.strip()[:120])

    def pin(self, run_id: str, pinned: bool = True) -> None:
        """Pins a run to the top of the list, or lets it go."""
        self.change(run_id, pinned=pinned)

    def delete(self, run_id: str) -> None:
        """Deletes a run, its folder and everything in it; refused while a worker holds it."""
        folder = RunFolder(self._home, run_id)
        try:
            state = folder.status().state
        except PrecedenceError:  # damaged: all the more reason to let it go
            state = "failed"
        if state == "queued" or (state in UNDER_WAY and is_owned(folder.path)):  # else its process is gone
            raise PrecedenceError(f"Run {run_id} is {state}; stop it before deleting it.")
        self._forget(run_id)
        shutil.rmtree(folder.path, ignore_errors=True)

    def change(self, run_id: str, **fields: Any) -> None:
        folder = RunFolder(self._home, run_id)
        folder.write_about(folder.about().model_copy(update=fields))
        self.add(run_id)

    def _curves_file(self, run_id: str) -> Path:
        return RunFolder(self._home, run_id).path / "curves.parquet"

    def _forget(self, run_id: str) -> None:
        self._change_rows(run_id)

    def _change_rows(self, run_id: str, row: Sequence[Any] = (), tasks: Sequence[Sequence[Any]] = ()) -> None:
        """Puts these rows in place of those of the run, all or none; a file that cannot be read is made anew."""
        with self._lock:
            try:
                self._write_rows(run_id, row, tasks)
            except duckdb.Error as error:
                if self._rebuilding:
                    raise
                _log.error("the library cannot be written (%s); it is made anew", str(error).splitlines()[0])
                self._rebuild()
                self._write_rows(run_id, row, tasks)

    def _write_rows(self, run_id: str, row: Sequence[Any], tasks: Sequence[Sequence[Any]]) -> None:
        self._db.begin()
        try:
            self._delete_rows(run_id)
            if row:
                self._db.execute(f"INSERT INTO runs VALUES ({_marks(len(row))})", row)
            columns = ", ".join(("run_id", "task", *_RESULT_COLUMNS))
            for task in tasks:
                self._db.execute(f"INSERT INTO results ({columns}) VALUES ({_marks(len(task))})", task)
            self._db.commit()
        except BaseException:
            with suppress(duckdb.Error):  # there is none any more
                self._db.rollback()
            raise

    def _delete_rows(self, run_id: str) -> None:
        self._db.execute("DELETE FROM results WHERE run_id = $1", (run_id,))
        self._db.execute("DELETE FROM runs WHERE run_id = $1", (run_id,))

    def _rows(self, sql: str, values: Sequence[Any]) -> Rows:
        with self._lock:
            try:
                return self._db.execute(sql, list(values)).fetchall()
            except duckdb.Error as error:
                if self._rebuilding:
                    raise
                _log.error("the library cannot be read (%s); it is made anew", str(error).splitlines()[0])
                self._rebuild()
                return self._db.execute(sql, list(values)).fetchall()


def _make_tables(database: duckdb.DuckDBPyConnection) -> None:
    """The tables as they are now; version 1, which had a slot for each kind of metric, is turned into it whole or not
    at all."""
    there = {name for (name,) in database.execute("SELECT table_name FROM duckdb_tables()").fetchall()}
    is_old = "results" in there and "version" not in there
    if is_old:
        database.execute(_OF_VERSION_1)
    database.begin()
    try:
        if is_old:
            database.execute(_FROM_VERSION_1)
        database.execute(_TABLES)
        if is_old:
            database.execute("INSERT INTO results BY NAME SELECT * FROM before; DROP TABLE before")
        database.execute("INSERT OR IGNORE INTO version VALUES ($1)", (VERSION,))
        database.commit()
    except BaseException:
        database.rollback()
        raise


def _marks(count: int) -> str:
    return ", ".join(f"${place + 1}" for place in range(count))


def _read_curves(file: Path) -> Columns:
    with duckdb.connect() as memory:
        rows = memory.execute(
            "SELECT series, list(step ORDER BY place), list(value ORDER BY place) "
            "FROM read_parquet($1) GROUP BY series ORDER BY min(place)",
            (str(file),),
        ).fetchall()
    return {series: {"x": x, "y": y} for series, x, y in rows}


def _connected(place: str) -> duckdb.DuckDBPyConnection:
    """An open library with its tables."""
    database = duckdb.connect(place)
    try:
        _make_tables(database)
    except BaseException:
        database.close()
        raise
    return database


def _write_curves(folder: RunFolder, file: Path) -> None:
    """One row a point: series, place in it, step, value."""
    series = Series()
    for event in folder.events():
        if isinstance(event, Started):
            series.start(event)
        elif isinstance(event, Step) and len(event.loss) == len(series.tasks):
            series.add(event)
    with duckdb.connect() as memory:
        memory.execute("CREATE TABLE curves (series VARCHAR, place INTEGER, step BIGINT, value DOUBLE)")
        for name, column in series.thinned().items():
            places = list(range(len(column["x"])))
            memory.execute(
                "INSERT INTO curves SELECT $1, unnest($2::INTEGER[]), unnest($3::BIGINT[]), unnest($4::DOUBLE[])",
                (name, places, column["x"], column["y"]),
            )
        parquet.copy(memory, "SELECT * FROM curves", file, parquet.QUICK)
