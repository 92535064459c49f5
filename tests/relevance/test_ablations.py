"""What each part of a model's start is worth, on test queries and untrained."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.data.source import UPLOADED, DatasetChoice
from core.relevance.evaluation.ablations import INFERRED, PARTS, WHOLE, ablate
from core.relevance.evaluation.evaluate import read_test
from core.settings.presets import uploaded_run
from tests.small_pairs import pairs_folder  # noqa: F401


def test_each_part_is_taken_out_and_compared_by_query(pairs_folder: Path) -> None:  # noqa: F811
    said: list[str] = []
    rows = {row.part: row for row in ablate(uploaded_run(str(pairs_folder), "pairs"), 0, said.append)}
    assert list(rows) == said == list(PARTS)
    test = read_test(DatasetChoice(name=UPLOADED, path=str(pairs_folder)))
    assert {row.queries for row in rows.values()} == {len(set(test.query_of.tolist()))}
    assert rows[WHOLE].against_whole is None
    for row in rows.values():
        low, high = row.ndcg_at_10_interval
        assert low <= row.ndcg_at_10 <= high <= 1
        if row.against_whole is not None:
            assert row.against_whole[0] == pytest.approx(row.ndcg_at_10 - rows[WHOLE].ndcg_at_10, abs=2e-4)
    assert rows["no other fields"].against_whole == (0.0, 0.0, 0.0)  # these titles have none
    assert rows[INFERRED].ndcg_at_10 <= rows[WHOLE].ndcg_at_10
