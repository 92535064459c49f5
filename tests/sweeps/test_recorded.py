"""Runs that come with the program answer the first question, and are what the default run trains today."""

from __future__ import annotations

import pytest

import core.sweeps.recorded as recorded
from core.data.registry import load_dataset
from core.events.events import Finished
from core.settings.presets import default_run
from core.settings.run import RunConfig
from core.sweeps.answer import answer
from core.sweeps.question import Question, asked_config, known_runs, missing
from core.sweeps.read_off import readable
from core.training.loop import Trainer

AUC = Question("relevance", 0.002, "metric", "click")


@pytest.fixture
def other_file(monkeypatch, tmp_path):
    """A place for another file of answers."""
    file = tmp_path / "answers.json"
    monkeypatch.setattr(recorded, "FILE", file)
    recorded._recorded.cache_clear()
    yield file
    recorded._recorded.cache_clear()


def test_they_are_of_todays_default_run():
    runs = recorded.recorded_runs(asked_config(default_run("shop"), AUC))
    found = {(run.config.seed, run.config.tolerance_of("relevance")) for run in runs}
    wanted = {(seed, amount) for seed in recorded.SEEDS for amount in recorded.AMOUNTS}
    assert found == wanted, "make them again: python -m core data make-answers"


def test_they_answer_the_question_in_an_empty_home(tmp_path):
    base = default_run("shop")
    known = known_runs(tmp_path, base, AUC)
    found = answer(AUC, known)
    assert (found.found, found.seeds, found.recorded) == ("trained", recorded.SEEDS, 6)
    assert missing(base, AUC, known).runs == ()
    assert found.gained.low > 0
    assert readable(base, Question("relevance", 0.003, "metric", "click"), known) == []  # no model lies here
    assert {seed for seed, _ in missing(base, AUC, known, seeds=5).runs} == {3, 4}


def test_other_settings_know_nothing_of_them(tmp_path):
    other = RunConfig.model_validate({**default_run("shop").model_dump(), "stage_steps": 100})
    assert known_runs(tmp_path, other, AUC) == []
    assert known_runs(tmp_path, default_run("census"), Question("income", 0.002, "metric", "college")) == []


@pytest.mark.parametrize("content", [None, "", "{", '{"runs": 3}', '{"schema": 999, "runs": []}'])
def test_without_the_file_nothing_is_known(other_file, tmp_path, content):
    if content is not None:
        other_file.write_text(content)
    assert known_runs(tmp_path, default_run("shop"), AUC) == []


def test_one_of_them_trained_again_has_the_same():
    """Rounding differs from machine to machine, and training multiplies it."""
    (run,) = [
        one
        for one in recorded.recorded_runs(asked_config(default_run("shop"), AUC))
        if (one.config.seed, one.config.tolerance_of("relevance")) == (0, 0.002)
    ]
    trainer = Trainer(run.config, load_dataset(run.config.dataset))
    (finished,) = [event for turn in trainer.run() for event in turn if isinstance(event, Finished)]
    for name, result in run.results.items():
        assert finished.tasks[name].metric == pytest.approx(result.metric, abs=0.01)
