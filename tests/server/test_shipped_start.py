"""Live runs of the default settings begin where the example's first task had its bound; others train everything."""

from __future__ import annotations

import pytest
import torch

from core.data.registry import load_dataset
from core.events.events import StageFinished, Step
from core.runs.folder.shared_stages import has_stage
from core.runs.workers.single_tasks import SingleTasks
from core.runs.workers.torch_engine import TorchEngine
from core.server import shipped_start as shipped
from core.server.example import ExampleFolder, example
from core.server.shipped_start import SHIPPED, STAGES, shipped_start
from core.settings.address import from_query
from core.settings.presets import default_run
from core.training.loop import Trainer
from core.training.schedule import stage_lengths
from pages.classroom.controls import PRESETS

FIRST = 4  # bounded readings that are compared


def default(**changes):
    return default_run("shop").model_copy(update=changes)


@pytest.mark.parametrize("changes", [{}, {"tolerances": {"relevance": 0.08}}, {"name": "mine", "reference": False}])
def test_the_default_settings_begin_at_it_whatever_their_tolerances(tmp_path, changes):
    start = shipped_start(tmp_path, default(**changes))
    assert start is not None
    assert len(start.keys) == STAGES
    assert has_stage(tmp_path, start.keys[-1])
    assert shipped_start(tmp_path, default(**changes)) == start


@pytest.mark.parametrize(
    "changes",
    [
        {"seed": 1},
        {"priority": ("click", "relevance")},
        {"priority": ("relevance", "click", "cart")},
        {"batch_size": 99},
    ],
)
def test_other_settings_train_everything_themselves(tmp_path, changes):
    assert shipped_start(tmp_path, default(**changes)) is None
    assert not (tmp_path / "stages").exists()


def test_what_the_example_told_of_each_task_alone_stands_in_such_a_run(tmp_path):
    config = default(tolerances={"relevance": 0.08})
    assert shipped_start(tmp_path, config) is not None
    trainer = Trainer(config, load_dataset(config.dataset))
    TorchEngine().branch(SHIPPED / "state.pt", trainer)
    TorchEngine().know(trainer, SingleTasks(tmp_path))
    progress = trainer.progress
    assert progress.most_steps - progress.step == stage_lengths(config, 2)[-1]
    told = {event.objective[0]: event for event in example().events
            if isinstance(event, StageFinished) and event.phase == "reference"}  # fmt: skip
    assert set(told) == {"relevance", "click"}
    for task, event in told.items():
        found = SingleTasks(tmp_path).find(config, task, 600)
        assert found is not None
        assert found.events[-1].loss == event.loss


def test_the_first_settings_that_a_teacher_sends_begin_at_it(tmp_path):
    for name in list(PRESETS)[:2]:
        assert shipped_start(tmp_path, from_query(PRESETS[name])) is not None


def test_a_program_without_it_trains_everything_itself(tmp_path, monkeypatch):
    monkeypatch.setattr(shipped, "SHIPPED", tmp_path / "nowhere")
    assert shipped_start(tmp_path / "home", default()) is None
    monkeypatch.setattr(shipped, "ExampleFolder", lambda: ExampleFolder(tmp_path / "nowhere"))
    assert shipped_start(tmp_path / "home", default()) is None


def test_a_run_goes_on_from_it_as_the_example_did():
    torch.set_num_threads(1)
    config = default(reference=False)
    trainer = Trainer(config, load_dataset(config.dataset))
    TorchEngine().branch(SHIPPED / "state.pt", trainer)
    began = trainer.progress.step
    found: list[float] = []
    for turn in trainer.run():
        found += [event.multiplier[0] for event in turn if isinstance(event, Step) and event.multiplier[0] is not None]
        if len(found) >= FIRST:
            break
    told = [event.multiplier[0] for event in example().events
            if isinstance(event, Step) and event.step > began and event.multiplier[0] is not None]  # fmt: skip
    assert found[:FIRST] == pytest.approx(told[:FIRST], rel=1e-3)
