"""QBQTC, Chinese queries and titles of a browser's search with human grades, from files that the user has."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np

from core.data.description import DatasetCard, Split
from core.data.pairs.judged import Judged, numbered
from core.data.pairs.prepare import CAREFUL_RUN, grade_tasks, write_pairs
from core.data.prepared import cached
from core.data.source import DatasetChoice, Source, external_files
from core.data.text.build import VocabularySizes
from core.errors import PrecedenceError

VERSION = 5
FILES = ("train.json", "dev.json", "test_public.json")
SIZES = VocabularySizes(buckets=4096)  # half of the words of unseen titles are unseen: few should share a bucket

CARD = DatasetCard(
    name="qbqtc",
    title="QBQTC: query and title, Chinese",
    about="A row is a query of a Chinese browser's search, a page's title, and a human grade 0 to 2.",
    notice="Not shipped: read from the folder named by PRECEDENCE_DATA. No licence is stated: for tests alone.",
    tasks=grade_tasks(2),
    split=Split(kind="given", says="its own train / dev / public test files, divided by query"),
)


def prepare(choice: DatasetChoice) -> Path:
    """The prepared folder, made at first use."""
    return cached(f"qbqtc-{VERSION}", lambda folder: write_pairs(folder, CARD, read_given(), SIZES))


def read_given() -> Judged:
    """The pairs in the folder that PRECEDENCE_DATA names."""
    return read(external_files(SOURCE)[0].parent)


def read(folder: Path) -> Judged:
    """The three files: one JSON object a line with query, title and relevant."""
    rows: list[tuple[str, str, float, int]] = []
    first: dict[str, int] = {}
    for split, name in enumerate(FILES):
        for number, line in enumerate((folder / name).read_text(encoding="utf-8").splitlines(), 1):
            try:
                given = json.loads(line)
                query, title, grade = str(given["query"]), str(given["title"]), float(given["relevant"])
            except (ValueError, KeyError, TypeError) as error:
                raise PrecedenceError(
                    f"Line {number} of {folder / name} is no judged pair; "
                    "expected a JSON object with query, title and relevant: fetch the file again."
                ) from error
            if first.setdefault(query, split) == split:  # one query stands in two files: it stays in the first
                rows.append((query, title, grade, split))
    queries, query_of = numbered([row[0] for row in rows])
    products, product_of = numbered([row[1] for row in rows])
    grades, split_of = np.array([row[2] for row in rows], np.float32), np.array([row[3] for row in rows], np.uint8)
    return Judged(queries, products, query_of, product_of, grades, split_of)


SOURCE = Source(
    card=CARD,
    prepare=prepare,
    form="pairs",
    read_pairs=read_given,
    external=tuple(f"qbqtc/{name}" for name in FILES),
    default_run=CAREFUL_RUN
    | {"model": {"kind": "deepbow", "average_length": 10.6, "dropout": 0.3, "negatives": True, "tuned": True}},
)
