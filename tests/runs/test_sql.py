"""The box for SQL answers questions and nothing else."""

from __future__ import annotations

import resource
import time
from pathlib import Path

import pytest

from core.errors import PrecedenceError
from core.runs.listing.overview import all_rows
from core.runs.listing.sql import QUESTIONS, ask, tables
from core.runs.listing.sql_process import answer, open_tables

FIXTURES = Path(__file__).parents[1] / "fixtures" / "runs_1"
FILES = ["/etc/passwd", "/proc/self/environ", "../../etc/hosts", "file:///etc/passwd", "https://example.org/a.csv",
         "s3://bucket/a.parquet"]  # fmt: skip
READERS = ["read_csv", "read_csv_auto", "read_parquet", "read_json", "read_json_auto", "read_text", "read_blob",
           "sniff_csv", "parquet_metadata", "parquet_schema", "glob"]  # fmt: skip
ESCAPES = [
    *(f"SELECT * FROM {reader}('{file}')" for reader in READERS for file in FILES[:4]),
    *(f"SELECT * FROM '{file}'" for file in FILES),
    *(f"COPY (SELECT 1) TO '{file}'" for file in ("/tmp/escaped.csv", "/dev/stdout", "escaped.parquet")),
    "COPY runs FROM '/etc/passwd'",
    "ATTACH '/tmp/escaped.duckdb'",
    "ATTACH ':memory:' AS other",
    "DETACH memory",
    "USE system",
    "INSTALL httpfs",
    "INSTALL httpfs FROM 'https://example.org'",
    "LOAD httpfs",
    "LOAD '/tmp/evil.duckdb_extension'",
    "FORCE INSTALL spatial",
    "EXPORT DATABASE '/tmp/escaped'",
    "IMPORT DATABASE '/tmp/escaped'",
    "SET enable_external_access = true",
    "SET GLOBAL memory_limit = '100GB'",
    "SET lock_configuration = false",
    "SET VARIABLE x = 1",
    "RESET enable_external_access",
    "PRAGMA enable_external_access",
    "PRAGMA database_list",
    "PRAGMA disable_checkpoint_on_shutdown",
    "CALL pragma_version()",
    "CREATE TABLE x AS SELECT 1",
    "CREATE MACRO f(a) AS a",
    "CREATE SECRET (TYPE S3)",
    "INSERT INTO runs SELECT * FROM runs",
    "UPDATE runs SET name = 'x'",
    "DELETE FROM runs",
    "DROP TABLE runs",
    "ALTER TABLE runs ADD COLUMN x INT",
    "TRUNCATE runs",
    "VACUUM",
    "CHECKPOINT",
    "BEGIN",
    "PREPARE q AS SELECT 1",
    "EXECUTE q",
    "EXPLAIN ANALYZE SELECT 1",
    "SELECT 1; SELECT 2",
    "SELECT 1; DROP TABLE runs",
    "SELECT 1; COPY runs TO '/tmp/escaped.csv'",
    "SELECT getenv('HOME')",
    "SELECT getenv('PATH') FROM runs",
    "SELECT * FROM given",
    "SELECT * FROM tables",
    "SELECT * FROM database",
    "SELECT * FROM sys.modules",
    "SELECT system('id')",
    "SELECT shell('id')",
    "SELECT * FROM duckdb_extensions()",
    "SELECT * FROM python_map_function()",
    "SELECT load_aws_credentials()",
    "SELECT * FROM query('COPY runs TO ''/tmp/escaped.csv''')",
    "SELECT * FROM query('SELECT 1; DROP TABLE runs')",
    "SELECT * FROM query_table('/etc/passwd')",
    "SELECT repeat('x', 400000000)",
    "SELECT list_sum(range(1000000000000))",
    "SELECT string_agg(repeat('x', 100000000), '') FROM range(1000)",
    "SELECT * FROM (SELECT array_agg(range) FROM range(1000000000))",
    "SELECT nextval('secret')",
    "SELECT * FROM read_csv(['/etc/passwd', '/etc/hosts'])",
    "FROM '/etc/passwd'",
    'SELECT * FROM "/etc/passwd"',
    "SELECT * FROM '/proc/self/cmdline'",
    "TABLE '/etc/passwd'",
    "SELECT (SELECT content FROM read_text('/etc/passwd'))",
    "WITH a AS (SELECT * FROM read_blob('/etc/passwd')) SELECT * FROM a",
    "SELECT * FROM runs WHERE EXISTS (SELECT 1 FROM read_text('/etc/passwd'))",
    "SELECT * FROM runs, LATERAL (SELECT * FROM read_text('/etc/' || 'passwd'))",
    "SELECT * FROM read_csv_auto('/etc/passwd', delim=':', header=false)",
    "SELECT * FROM read_ndjson_objects('/etc/passwd')",
    "SELECT * FROM read_json_objects_auto('/etc/passwd')",
    "SELECT * FROM parquet_scan('/etc/passwd')",
    "SELECT * FROM arrow_scan(1, 2, 3)",
    "SELECT * FROM arrow_scan_dumb(1, 2, 3)",
    "SELECT * FROM pandas_scan(94000000)",
    "SELECT * FROM seq_scan('runs')",
    "SELECT * FROM generate_series(1, 1000000000000) ORDER BY 1 DESC",
    "SELECT max(a.range + b.range + c.range) FROM range(90000) a, range(90000) b, range(90000) c",
    "COPY (SELECT * FROM runs) TO '/tmp/escaped' (FORMAT parquet, PARTITION_BY (method))",
    "COPY FROM DATABASE memory TO other",
    "CREATE OR REPLACE TABLE runs AS SELECT 1",
    "CREATE TEMP TABLE t AS SELECT * FROM read_text('/etc/passwd')",
    "CREATE VIEW v AS SELECT * FROM read_text('/etc/passwd')",
    "CREATE FUNCTION f(x) AS x",
    "CREATE SEQUENCE s",
    "CREATE SCHEMA s",
    "MERGE INTO runs USING runs r ON true WHEN MATCHED THEN DELETE",
    "PRAGMA enable_profiling = 'json'; PRAGMA profiling_output = '/tmp/escaped.json'",
    "SET profiling_output = '/tmp/escaped.json'",
    "SET log_query_path = '/tmp/escaped.log'",
    "SET temp_directory = '/tmp/escaped'",
    "SET home_directory = '/etc'",
    "SET allowed_paths = ['/etc/passwd']",
    "SET disabled_filesystems = ''",
    "SELECT set_config('enable_external_access', 'true')",
    "CALL enable_logging('QueryLog', storage='file', storage_path='/tmp/escaped')",
    "CALL start_ui()",
    "UPDATE EXTENSIONS",
    "ATTACH 'http://127.0.0.1/x.duckdb' AS far (READ_ONLY)",
    "COMMENT ON TABLE runs IS 'x'",
    "/* SELECT */ DROP TABLE runs",
    "-- SELECT 1\nDROP TABLE runs",
    "SELECT 1;--\nDROP TABLE runs",
    "SELECT 1\x00; DROP TABLE runs",
    "\u202eSELECT 1; DROP TABLE runs",
    "SELECT " + "1+" * 200000 + "1",
    "SELEKT 1",
    "\0",
    ")" * 500,
]
HEAVY = [
    "SELECT * FROM unnest(range(100000000000))",
    "SELECT lpad('x', 2000000000, 'y')",
    "SELECT list_transform(range(100000000), lambda x: repeat('x', 1000))",
    "SELECT array_to_string(range(300000000), ',')",
    "SELECT sha256(repeat('x', 2000000000))",
    "SELECT string_agg(lpad('x', 50000000, 'y'), '') FROM range(1000)",
]
"""What would take all memory of the machine in functions that keep to no limit of DuckDB and heed no interruption."""
ENDLESS = [
    "WITH RECURSIVE r(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM r) SELECT max(n) FROM r",
    "SELECT count(*) FROM range(1000000000000)",
    "SELECT count(*) FROM range(10000000) a, range(10000000) b",
    "SELECT sum(sqrt(a.range * b.range)) FROM range(1000000) a, range(1000000) b",
]


@pytest.fixture(scope="module")
def rows():
    return all_rows(FIXTURES)


@pytest.fixture(scope="module")
def database(rows):
    return open_tables(tables(rows))


def test_there_are_a_hundred_of_them():
    assert len({*ESCAPES, *ENDLESS}) >= 100


@pytest.mark.parametrize("question", ESCAPES, ids=range(len(ESCAPES)))
def test_an_escape_ends_in_a_sentence_and_leaves_the_tables(question, database, rows):
    said = answer(database, question, 2.0, 100)
    assert "rows" not in said, said
    assert said.get("timeout") or said["problem"]
    left = answer(database, "SELECT count(*) FROM runs", 2.0, 1)
    assert left["rows"] == [[len(rows)]]
    assert not list(Path("/tmp").glob("escaped*"))


@pytest.mark.parametrize("question", ENDLESS)
def test_an_endless_question_is_ended(question, database):
    began = time.monotonic()
    assert answer(database, question, 0.3, 100) == {"timeout": True}
    assert time.monotonic() - began < 20


@pytest.mark.parametrize("question", HEAVY)
def test_memory_and_time_of_the_process_are_limited_whatever_duckdb_does(question, rows):
    own = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss  # of a child too, until it runs its program
    before = max(own, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
    with pytest.raises(PrecedenceError):
        ask(question, rows, seconds=2.0)
    assert resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss <= max(before, 1 << 20)  # KiB


@pytest.mark.parametrize("title", QUESTIONS)
def test_each_ready_question_has_an_answer(title, database):
    said = answer(database, QUESTIONS[title], 5.0, 100)
    assert said.get("columns"), said


def test_no_setting_and_no_table_tells_a_place_or_a_key(database):
    for question in ("SELECT value FROM duckdb_settings()", "SELECT path FROM duckdb_databases()", "FROM settings"):
        said = str(answer(database, question, 5.0, 1000)["rows"])
        assert str(FIXTURES) not in said
        assert "/root" not in said
        assert (FIXTURES / "runs" / "nmt-whole" / "read.token").read_text().strip() not in said


def test_huge_results_are_cut(database):
    said = answer(database, "SELECT repeat('x', 100000) AS x FROM range(100000)", 5.0, 50)
    assert said["truncated"]
    assert len(said["rows"]) == 50
    assert all(len(cell) <= 500 for (cell,) in said["rows"])


def test_the_process_answers_and_is_ended_in_time(rows):
    found = ask("SELECT method, count(*) AS n FROM runs GROUP BY ALL ORDER BY ALL", rows)
    assert found.columns == ["method", "n"]
    assert sum(n for _, n in found.rows) == len(rows)
    with pytest.raises(PrecedenceError, match="took longer than 1 s"):
        ask(ENDLESS[0], rows, seconds=1.0)
    with pytest.raises(PrecedenceError, match="One SELECT is answered"):
        ask("DROP TABLE runs", rows)
