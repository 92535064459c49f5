"""A finished run is had again bit by bit, and where it is not, what differs is said."""

from __future__ import annotations

import json
import shutil

import pytest
from safetensors.torch import load, save

from core.commands.root import execute
from core.data.registry import card
from core.data.source import DatasetChoice
from core.methods.nmt import NMTConfig
from core.runs.folder.made import read_made
from core.runs.folder.run_folder import RunFolder
from core.runs.rerun import read_recorded, rerun
from core.runs.workers.engine import TrainerLike
from core.runs.workers.run_to_completion import run_to_completion
from core.runs.workers.torch_engine import TorchEngine
from core.settings.run import RunConfig
from core.training.bundle import BUNDLE, WEIGHTS, zipped
from core.training.knobs import Knobs
from tests.runs.support import parts_of


class Edited(TorchEngine):
    """Turns a knob after some steps, as a person would while the run goes on."""

    def __init__(self, folder: RunFolder) -> None:
        self.folder = folder

    def make(self, config, dataset) -> TrainerLike:
        trainer = super().make(config, dataset)
        turns = trainer.run

        def run():
            for number, turn in enumerate(turns()):
                yield turn
                if number == 12:
                    self.folder.write_control(self.folder.control().edited(Knobs(learning_rate=0.001)))

        trainer.run = run
        return trainer


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    return tmp_path_factory.mktemp("home")


@pytest.fixture(scope="module")
def finished(home):
    """A run with an edit in it."""
    config = RunConfig(
        dataset=DatasetChoice(rows=2000),
        method=NMTConfig(validation_every=10),
        batch_size=128,
        stage_steps=30,
        evaluate_every=10,
        reference=False,
        probe_every=0,
        priority=card(DatasetChoice()).task_names()[:2],
    )
    folder = RunFolder.create(home, config)
    assert run_to_completion(home, folder.run_id, Edited(folder)) == "finished"
    return folder


def test_a_run_records_what_it_was_made_with(finished):
    (made,) = read_made(finished)
    assert made.versions["torch"]
    assert (made.device, made.threads, made.seed, made.from_step) == ("cpu", 1, 0, 0)
    assert len(made.data) == 16


def test_it_is_had_again_with_its_edit(finished, home):
    assert "Changed" in {type(event).__name__ for event in finished.events()}
    found = rerun(read_recorded(home, finished.run_id))
    assert found.identical, found.differences
    assert found.environment == []
    assert found.tensors > 5


def test_a_changed_weight_a_changed_log_and_another_version_are_named(finished, home, monkeypatch, capsys):
    other = RunFolder(home, "another-run")
    shutil.copytree(finished.path, other.path)
    parts = parts_of(other.path / BUNDLE)
    weights = load(parts[WEIGHTS])
    name = next(iter(weights))
    weights[name] = weights[name] + 0.5
    (other.path / BUNDLE).write_bytes(zipped({**parts, WEIGHTS: save(weights)}))
    made = json.loads((other.path / "provenance.json").read_text())
    made["parts"][0]["versions"]["torch"] = "1.0"
    made["parts"][0]["data"] = "0" * 16
    (other.path / "provenance.json").write_text(json.dumps(made))
    text = other.log.read_text()
    (other.path / "events.jsonl").write_text(text.replace('"step":8', '"step":9', 1))
    monkeypatch.setenv("PRECEDENCE_HOME", str(home))
    assert execute(["rerun", other.run_id, "--json"]) == 0
    said = json.loads(capsys.readouterr().out)
    assert said["identical"] is False
    assert any(f"{name} differs by up to 0.5" in one for one in said["differences"])
    assert any("torch was 1.0" in one for one in said["differences"])
    assert any("data are others" in one for one in said["differences"])
    assert any("'step' of the event" in one for one in said["differences"])


def test_what_is_no_finished_run_is_refused_in_a_sentence(home, capsys, monkeypatch):
    monkeypatch.setenv("PRECEDENCE_HOME", str(home))
    waiting = RunFolder.create(home, RunConfig())
    for name in (waiting.run_id, "no-run", "../etc"):
        assert execute(["rerun", name]) == 2
        assert len(capsys.readouterr().err.strip().splitlines()) == 1
