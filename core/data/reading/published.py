"""Formats that published sets of judgements have: lines of a learning-to-rank file."""

from __future__ import annotations

import re

import duckdb

from core.data.reading.text import ROW, RawTable

_QRELS = re.compile(r"\S+ (0|1|Q0) (?=\S*[A-Za-z_-])\S+ -?\d")
_QUERY = re.compile(r"qid:\S+")


def as_published(database: duckdb.DuckDBPyConnection, raw: RawTable, table: str = "raw") -> RawTable:
    """The table with names, where its first row is one of a learning-to-rank file: `2 qid:7 … # doc7 words`.

    Such lines have no header: label, qid, then features n:value, then after # the document's id and the query.
    """
    first = database.execute(
        f"SELECT * EXCLUDE {ROW} FROM {table} WHERE {ROW} = (SELECT min({ROW}) FROM {table})"
    ).fetchall()
    cells = [str(cell) for cell in first[0]] if first else []
    if len(cells) == 4 and raw.options.header is False and _QRELS.fullmatch(" ".join(map(str.strip, cells))):
        return RawTable(["query_id", "iteration", "doc_id", "label"], raw.options, [
            "Read as judgements of TREC: query, iteration, document, label."])  # fmt: skip
    if len(cells) < 2 or not _QUERY.fullmatch(cells[1].strip()):
        return raw
    names = ["label", "query_id"]
    for at, cell in enumerate(cells[2:], 2):
        if cell.strip().startswith("#"):
            names.append("doc_id")
            database.execute(f"UPDATE {table} SET c{at} = trim(c{at}, '# ')")
        elif "doc_id" in names and "query" not in names:
            names.append("query")
        else:
            names.append(f"feature_{at - 1}")
    database.execute(f"UPDATE {table} SET c1 = replace(trim(c1), 'qid:', '')")
    return RawTable(names, raw.options, ["Read as lines of learning to rank: label, query, document."])
