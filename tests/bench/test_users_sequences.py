"""The bench of sequences times what it says, on small sizes."""

from __future__ import annotations

from core.bench.users_sequences import embedding, sequences
from core.bench.users_serving import serving


def test_ratios_come_from_the_same_rounds_as_the_speed() -> None:
    found = sequences(rounds=1, batches=(1, 2))
    assert [row["histories"] for row in found["batches"]] == [1, 2]
    assert found["histories"] == 2  # without the main size the last one speaks
    for row in found["batches"]:
        assert row["sequences_per_second"] > 0
        assert row["loop_ratio"] > 0
        assert row["lstm_ratio"] > 0


def test_embedding_counts_every_user() -> None:
    found = embedding(600)
    assert found["users"] == 600
    assert found["users_per_second"] > 0


def test_serving_scores_all_candidates_of_a_query() -> None:
    found = serving(rounds=2, candidates=500)
    assert found["candidates"] == 500
    assert found["candidates_per_second"] > 0
    assert found["p95_ms_10000"] >= found["p50_ms_10000"] > 0
    assert found["user_ms"] > 0
