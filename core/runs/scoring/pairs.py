"""Pairs of texts scored by a DeepBoW: query and title in, the probability of each grade out. Imports torch."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import torch
from torch import Tensor

from core.data.dataset import Batch
from core.data.new_rows import Findings, put_frame
from core.data.pairs.prepare import VOCABULARY, sequences_of
from core.data.parquet import Array, quoted
from core.data.reading.options import ReaderOptions
from core.data.reading.reader import open_source
from core.data.reading.roles import PAIRS, recognised
from core.data.reading.text import ROW
from core.data.text.fields import SIGNS, composed
from core.data.text.rarity import rarity_of_terms
from core.data.text.vocabulary import Encoded, Vocabulary
from core.errors import PrecedenceError
from core.models.network import Network
from core.training.bundle import Bundle, answers

GRADE = "grade"
"""The column of the expected grade: Σ_k P(grade ≥ k)."""
PAIRS_A_PASS = 2048
NAMED = {"query": "words of queries", "product": "words of titles"}


class PairScorer:
    """A bundle of form "pairs" with its vocabulary."""

    def __init__(self, bundle: Bundle, network: Network, name: str) -> None:
        held = bundle.vocabularies.get(VOCABULARY)
        if held is None:
            raise PrecedenceError(
                f"The model {name} was kept without its vocabulary, as its pairs were deleted while it trained; train "
                "it again."
            )
        self.bundle, self.network = bundle, network
        self.vocabulary = Vocabulary.model_validate_json(held)
        self._rarity = rarity_of_terms(self.vocabulary)

    def score(self, queries: Sequence[str], titles: Sequence[str]) -> tuple[dict[str, Array], Findings]:
        """By grade task P(grade ≥ k), and the expected grade, [n] each; NaN where a text is missing."""
        there = np.array([bool(query and title) for query, title in zip(queries, titles, strict=True)])
        findings = Findings(len(queries))
        rows = np.flatnonzero(there)
        if len(rows) < len(queries):
            findings.said.append(f"Rows without a query or a title, not scored: {len(queries) - len(rows):,}.")
        parts = []
        for start in range(0, len(rows), PAIRS_A_PASS):
            part = rows[start : start + PAIRS_A_PASS]
            batch = self._batch([queries[at] for at in part], [titles[at] for at in part], findings)
            with torch.no_grad():
                parts.append(answers(self.network(batch), self.bundle))
        found: dict[str, Array] = {}
        findings.unseen = {name: count for name, count in findings.unseen.items() if count}
        for task in parts[0] if parts else self._grades():
            values = np.full(len(queries), np.nan, dtype=np.float32)
            if parts:
                values[rows] = torch.cat([part[task] for part in parts]).numpy()
            found[task] = values
        return {**found, GRADE: np.sum(list(found.values()), axis=0)}, findings

    def _grades(self) -> list[str]:
        return [task.name for task in self.bundle.description.card.tasks if task.label]

    def _batch(self, queries: Sequence[str], titles: Sequence[str], findings: Findings) -> Batch:
        lists: dict[str, Tensor] = {}
        keys: dict[str, Tensor] = {}
        for side, texts in (("query", queries), ("product", titles)):
            distinct = list(dict.fromkeys(texts))
            number = {text: at for at, text in enumerate(distinct)}
            encoded = [self.vocabulary.encode(text) for text in distinct]
            made = sequences_of(encoded, self.vocabulary, self._rarity)
            lists |= {f"{side}_{part}": torch.from_numpy(ids).long() for part, ids in made.items()}
            keys[side] = torch.tensor([number[text] for text in texts], dtype=torch.long)
            findings.unseen[NAMED[side]] = findings.unseen.get(NAMED[side], 0) + sum(map(self._unknown, encoded))
        tasks = len(self.bundle.description.card.tasks)
        return Batch(
            sparse=torch.zeros(len(queries), 0, dtype=torch.long),
            dense=torch.zeros(len(queries), 0),
            sequences=tuple(lists[one.name] for one in self.bundle.description.sequences),
            labels=torch.zeros(len(queries), tasks),
            mask=torch.zeros(len(queries), tasks, dtype=torch.bool),
            keys=keys,
        )

    def _unknown(self, encoded: Encoded) -> int:
        return int((encoded.word_ids[: encoded.words] >= self.vocabulary.first_bucket).sum())


def open_pairs(
    database: duckdb.DuckDBPyConnection, source: Path, options: ReaderOptions | None = None
) -> tuple[list[str], list[str], list[str]]:
    """Makes the table `given` of a file; its columns, and of each row the query and the title with what else stands
    there of the product, as training reads it; "" where one is missing."""
    reading = open_source(database, source, options, "pairs")
    own = {role: names[0] for role in ("query", "title", *SIGNS) if (names := reading.of_role(role))}
    return _texts(database, list(reading.types), own, reading.file)


def pairs_of_frame(database: duckdb.DuckDBPyConnection, frame: Any) -> tuple[list[str], list[str], list[str]]:
    """The same from a data frame, an Arrow table or a dictionary of columns."""
    put_frame(database, frame)
    names = [str(row[0]) for row in database.execute("DESCRIBE given").fetchall() if row[0] != ROW]
    found = recognised(names, {role: PAIRS[role] for role in ("query", "title", *SIGNS) if role in PAIRS})
    return _texts(database, names, found, "The frame")


def _texts(
    database: duckdb.DuckDBPyConnection, names: list[str], own: Mapping[str, str], what: str
) -> tuple[list[str], list[str], list[str]]:
    missing = [role for role in ("query", "title") if role not in own]
    if missing:
        raise PrecedenceError(
            f"{what} has no column for the {missing[0]} (its columns: {', '.join(names)[:200]}); a DeepBoW scores "
            f"pairs of query and title: say which it is, e.g. column '{names[0][:40]}={missing[0]}'."
        )
    asked = ["query", "title", *(name for name in SIGNS if name in own)]
    cells = ", ".join(f"trim(coalesce({quoted(own[role])}::VARCHAR, ''))" for role in asked)
    rows = database.execute(f"SELECT {cells} FROM given ORDER BY {ROW}").fetchall()
    if not rows:
        raise PrecedenceError("There are 0 rows to score; give a file with a header and rows.")
    titles = [row[1] and composed(row[1], dict(zip(asked[2:], row[2:], strict=True))) for row in rows]
    return names, [str(row[0]) for row in rows], titles
