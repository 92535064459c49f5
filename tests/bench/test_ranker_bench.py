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
    found = ranker.measure("esci150", (0.01, 0.5), 2, 7, settings, said.append)["promise"]
    assert [row["tolerance"] for row in found] == [0.01, 0.5]
    for row in found:
        assert [one["fold"] for one in row["each"]] == [7, 8]
        assert row["kept"] == sum(one["drop"] <= row["tolerance"] + one["standard_error"] for one in row["each"]) / 2
        assert row["kept_on_validation"] == 1
        assert all(one["alone"] - one["bounded"] == pytest.approx(one["drop"]) for one in row["each"])
    assert found[1]["kept"] == 1  # half a point of NDCG is more than there is to lose
    assert found[1]["nothing_bought"] == 0
    assert len(said) == 4


def test_the_model_alone_is_a_run_of_the_first_task(monkeypatch: pytest.MonkeyPatch) -> None:
    """With a common start and without: what a promise is measured against saw the first task only."""
    monkeypatch.setattr(ranker, "load_dataset", lists)
    alone = {}
    for share in ("0", "0.5"):
        settings = {"priority": "relevance,popularity", "stage_steps": "6", "method.start_together": share}
        alone[share] = ranker.measure("esci150", (0.5,), 1, 3, settings, lambda said: None)["promise"][0]["each"][0]
    assert alone["0"]["alone"] == alone["0.5"]["alone"]
    assert alone["0"]["bounded"] != alone["0.5"]["bounded"]
