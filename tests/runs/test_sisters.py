"""Which runs check a run's prices, and what the command line says of them."""

from __future__ import annotations

import json

import pytest

from core.__main__ import main
from core.errors import PrecedenceError
from core.runs.comparable_runs import comparable_runs, priced_run
from core.runs.folder.control import Edit
from core.runs.folder.run_folder import RunFolder
from core.training.knobs import Knobs
from tests import priced_runs as made


@pytest.fixture
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("PRECEDENCE_HOME", str(tmp_path / "home"))
    return (tmp_path / "home").resolve()


def test_sisters_differ_in_tolerance_and_seed_alone(home):
    mine = made.finished(home, 2.0, 0.9)
    made.finished(home, 1.5, 0.88, tolerance=0.075)
    made.finished(home, 1.5, 0.87, tolerance=0.075, seed=1)
    made.finished(home, 1.5, 0.7, tolerance=0.075, batch_size=77)
    made.finished(home, 1.5, 0.7, tolerance=0.075, method={"kind": "nmt", "dual_rate": 9.0})
    config = RunFolder(home, mine).config()
    assert sorted(run.stages[1].loss for run in comparable_runs(home, config)) == pytest.approx([0.87, 0.88, 0.9])


def test_a_run_that_was_edited_has_no_price(home):
    mine = made.finished(home, 2.0, 0.9)
    folder = RunFolder(home, mine)
    folder.write_control(folder.control().changed(edits=(Edit(version=1, knobs=Knobs(learning_rate=0.1)),)))
    with pytest.raises(PrecedenceError, match="edited"):
        priced_run(home, mine)
    assert comparable_runs(home, folder.config()) == []


def said(capsys, *arguments):
    assert main(["price", *arguments, "--json"]) == 0
    return json.loads(capsys.readouterr().out.splitlines()[-1])["tasks"]


def test_the_command_says_price_and_gain(home, capsys):
    mine = made.finished(home, 2.0, 0.9)
    price = said(capsys, mine)["relevance"]
    assert price["multiplier"] == pytest.approx(2.0, abs=0.01)
    assert price["tolerance"] == 0.05
    up, down = (price["predicted"][change]["click"] for change in ("+0.5", "-0.5"))
    assert 0 < up < 2.0 * 0.025 * 0.5  # a part of the multiplier's straight line
    assert down < -up  # a price falls as the tolerance grows
    assert price["checks"] == 0

    made.finished(home, 1.5, 0.89, tolerance=0.075)
    checked = said(capsys, mine)["relevance"]
    assert checked["predicted"]["+0.5"]["click"] == pytest.approx(0.01, rel=0.05)  # what the trained change brought
    assert checked["checks"] == 1


def test_a_folder_of_the_train_command_is_a_run_too(home, capsys, tmp_path):
    mine = RunFolder(home, made.finished(home, 2.0, 0.9)).path
    other = RunFolder(home, made.finished(home, 1.5, 0.89, tolerance=0.075)).path
    alone = said(capsys, str(mine))["relevance"]
    beside = said(capsys, str(mine), "--beside", str(other))["relevance"]
    assert (alone["checks"], beside["checks"]) == (0, 1)


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["no-such-run1"], "no run"),
        (["."], "is no run"),
        (["RUN", "--change=-2"], "more than the whole tolerance"),
        (["RUN", "--change=much"], "no list of numbers"),
    ],
)
def test_a_mistake_is_one_sentence(home, capsys, arguments, says):
    run = made.finished(home, 2.0, 0.9)
    assert main(["price", *(run if part == "RUN" else part for part in arguments)]) == 2
    error = capsys.readouterr().err
    assert says in error
    assert len(error.strip().splitlines()) == 1
