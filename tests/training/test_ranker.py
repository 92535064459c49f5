"""The ranker: one score for every task, bounds in points of NDCG@10, and data that it refuses."""

from __future__ import annotations

import dataclasses
import json
import subprocess
import sys
from pathlib import Path

import pytest
import torch

from core.__main__ import main
from core.bench.synthetic import synthetic_dataset
from core.data.dataset import Dataset
from core.data.description import Task
from core.data.ranking import weighted_in_lists
from core.data.registry import names_of_lists, prepared_folder
from core.data.source import DatasetChoice
from core.errors import PrecedenceError
from core.events import events as ev
from core.models.build import build
from core.models.ranker_config import RankerConfig
from core.settings.address import from_query, to_query
from core.settings.presets import default_run
from core.settings.run import RunConfig
from core.training.loop import Trainer


def lists_in_conflict(rows: int = 1600, size: int = 8) -> Dataset:
    """Two tasks whose gains are asked for by scores that oppose each other in part."""
    data = synthetic_dataset(rows=rows, tasks=2, conflict=0.8)
    tasks = tuple(Task(name=name, title=name.title(), kind="ranking", label=name) for name in ("fit", "clicks"))
    card = data.description.card.model_copy(update={"tasks": tasks})
    described = data.description.model_copy(update={"card": card, "group": "list"})
    keys = {"list": torch.arange(rows, dtype=torch.int32) // size}
    data = dataclasses.replace(data, description=described, keys=keys, mask=torch.ones_like(data.mask))
    return weighted_in_lists(data)


def config(**fields: object) -> RunConfig:
    return RunConfig.model_validate(
        {
            "model": {"kind": "ranker", "trunk": (16,), "dropout": 0.0},
            "method": {"kind": "nmt", "tolerance_kind": "metric"},
            "optimiser": {"learning_rate": 1e-2},
            "tolerance": 0.02, "batch_size": 256, "stage_steps": 120, "evaluate_every": 20, "probe_every": 60,
        }
        | fields
    )  # fmt: skip


def test_all_tasks_share_one_score_and_the_promise_in_points_is_kept() -> None:
    data = lists_in_conflict()
    trainer = Trainer(config(), data, device="cpu")
    events = [event for turn in trainer.run() for event in turn]
    finished = events[-1]
    assert isinstance(finished, ev.Finished)
    stages = [event for event in events if isinstance(event, ev.StageFinished)]
    assert stages[1].violation[0] is not None
    assert stages[1].violation[0] <= 0  # on the validation rows the promise always holds
    assert stages[1].multiplier[0] > 0  # and costs something: the tasks fight
    batch = data.batch(torch.arange(64))
    given = trainer.network.eval()(batch)
    assert given.shape == (64, 2)
    offset = given[:, 1] - given[:, 0]
    assert torch.allclose(offset, offset[:1].expand(64), atol=1e-5)  # one order, whatever the task
    shown = finished.tasks["fit"].by_key()
    assert 0 < shown["ndcg_at_10"] <= 1
    assert shown["auc"] is None
    assert any(isinstance(event, ev.Probed) for event in events)


@pytest.mark.parametrize("method", ["pcgrad", "weighted_sum"])
def test_row_by_row_and_under_other_methods(method: str) -> None:
    model = {"kind": "ranker", "trunk": (8,), "loss": "pointwise"}
    run = config(model=model, method={"kind": method}, stage_steps=30, reference=False, probe_every=0)
    events = [event for turn in Trainer(run, lists_in_conflict(), device="cpu").run() for event in turn]
    started = events[0]
    assert isinstance(started, ev.Started)
    assert started.task_kinds == ["graded", "graded"]
    assert all(0 < result.by_key()["ndcg_at_10"] <= 1 for result in events[-1].tasks.values())


def test_data_without_lists_are_refused() -> None:
    data = synthetic_dataset(rows=100)
    with pytest.raises(PrecedenceError, match=r"'Synthetic' has no lists; choose data of lists \(shop_lists"):
        build(RankerConfig(), data.description, 0)
    described = data.description.model_copy(update={"group": "list"})
    with pytest.raises(PrecedenceError, match="has the task 'task_0' of kind binary, which is no ranking"):
        build(RankerConfig(), described, 0)


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"dataset.name": "census", "method.tolerance_kind": "ndcg"}, r"A tolerance in NDCG@10 .* no lists"),
        ({"dataset.name": "census", "method.tolerance_kind": "rmse"}, r"A tolerance in RMSE .* measured by AUC;"),
        ({"dataset.name": "esci150", "method.start_together": "1.5"}, r"start_together' = .1\.5. cannot be used"),
        ({"dataset.name": "esci150", "method.start_together": "-.1"}, r"start_together' = .-\.1. cannot be used"),
    ],
)
def test_bad_input_is_one_sentence(fields: dict[str, str], sentence: str) -> None:
    with pytest.raises(PrecedenceError, match=sentence) as raised:
        from_query(fields)
    assert "\n" not in str(raised.value)


def test_a_metric_may_be_named_as_the_unit() -> None:
    named = from_query({"dataset.name": "shop_lists", "method.tolerance_kind": "ndcg_at_10"})
    assert named.tolerance_kind == "metric"
    assert from_query(to_query(named)) == named
    assert names_of_lists() == ("shop_lists", "esci150")
    assert all(default_run(name).model.kind == "ranker" for name in names_of_lists())


def test_the_shops_pages_are_lists_of_ten(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from core.data.prepared import read_folder

    monkeypatch.setenv("PRECEDENCE_HOME", str(tmp_path))
    data = read_folder(prepared_folder(DatasetChoice(name="shop_lists", fold=1)))
    page = data.keys["page"].long()
    assert (torch.bincount(page) == 10).all()
    assert "position" not in {feature.name for feature in data.description.sparse}  # the order that was shown
    splits = [set(page[rows].tolist()) for rows in data.rows.values()]
    assert not (splits[0] & splits[1] | splits[0] & splits[2] | splits[1] & splits[2])
    assert data.weights is not None
    sums = torch.zeros(len(splits[0]) + len(splits[1]) + len(splits[2])).index_add(0, page, data.weights[:, 2])
    assert torch.allclose(sums, torch.ones_like(sums), atol=1e-5)  # the shares of a page


def test_the_command_line_prints_ndcg(capsys: pytest.CaptureFixture[str]) -> None:
    flags = ["--dataset", "shop_lists", "--priority", "relevance,click", "--set", "stage_steps=4"]
    assert main(["train", *flags, "--set", "reference=false", "--quiet", "--json"]) == 0
    tasks = json.loads(capsys.readouterr().out.splitlines()[-1])["tasks"]
    assert all(0 < tasks[name]["ndcg_at_10"] < 1 for name in ("relevance", "click"))
    assert main(["train", "--dataset", "shop", "--model", "ranker", "--quiet"]) == 2
    assert "'Simulated shop' has no lists" in capsys.readouterr().err


def test_declarations_of_lists_need_no_torch() -> None:
    code = "import sys; from core.data.registry import names_of_lists; names_of_lists(); print('torch' in sys.modules)"
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert result.stdout.strip() == "False"
