"""The ranker's bench: promises over divisions of the queries and regret over seeds, on a made-up data set of lists."""

from __future__ import annotations

import dataclasses

import pytest
import torch

from core.bench import ranker
from core.bench.synthetic import synthetic_dataset
from core.data.dataset import Dataset
from core.data.description import Task
from core.data.ranking import weighted_in_lists


def lists(_: object) -> Dataset:
    data = synthetic_dataset(rows=400, tasks=3, conflict=0.8)
    tasks = tuple(
        Task(name=name, title=name.title(), kind="ranking", label=name) for name in ("relevance", "popularity", "price")
    )
    card = data.description.card.model_copy(update={"tasks": tasks})
    described = data.description.model_copy(update={"card": card, "group": "query"})
    keys = {"query": torch.arange(400, dtype=torch.int32) // 8}
    return weighted_in_lists(dataclasses.replace(data, description=described, keys=keys))


def test_a_row_a_tolerance(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ranker, "load_dataset", lists)
    settings = {"priority": "relevance,popularity", "stage_steps": "6", "evaluate_every": "3"}
    said: list[str] = []
    found = ranker.measure("esci150", (0.01, 0.5), 2, 1, 5, 3, settings, said.append)
    assert [row["tolerance"] for row in found["promise"]] == [0.01, 0.5]
    assert [row["tolerance"] for row in found["regret"]] == [0.01, 0.5]
    for row in found["promise"]:
        assert row["kept"] == sum(one["drop"] <= row["tolerance"] + one["standard_error"] for one in row["each"]) / 2
        assert row["kept_on_validation"] == 1
        assert all(one["alone"] - one["bounded"] == pytest.approx(one["drop"]) for one in row["each"])
    assert found["promise"][1]["kept"] == 1  # half a point of NDCG is more than there is to lose
    assert len(said) == 6
