"""What a tolerance can lose at most, before a run: of the last run on the same data, else of trees on the table."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest

from core.data.source import UPLOADED, DatasetChoice
from core.data.sources.uploaded.learnable import Learnt, read_learnable
from core.data.sources.uploaded.table import prepare
from core.events import events as ev
from core.home import home
from core.narration.at_most import at_most_before
from core.runs.learnt import learnt_before, learnt_of
from core.settings.presets import uploaded_run


@pytest.fixture(autouse=True)
def own_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PRECEDENCE_HOME", str(tmp_path / "home"))


@pytest.fixture
def table(tmp_path: Path) -> Path:
    """`rare` is barely to be known, `plain` follows from x."""
    draw = np.random.default_rng(5)
    x = draw.normal(size=3000)
    rare = draw.random(3000) < 0.03 * np.exp(0.4 * x)
    plain = draw.random(3000) < 1 / (1 + np.exp(-4 * x))
    file = tmp_path / "rare.csv"
    with file.open("w", newline="") as target:
        writer = csv.writer(target)
        writer.writerow(["x", "plain", "rare"])
        writer.writerows(zip(x.round(4), plain.astype(int), rare.astype(int), strict=True))
    return prepare(file, "rare", {"plain": None, "rare": None})


def test_trees_say_how_much_there_is_to_learn(table: Path) -> None:
    found = read_learnable(table)
    assert set(found) == {"plain", "rare"}
    assert found["plain"].constant == pytest.approx(np.log(2), abs=0.01)
    assert found["plain"].learnt > 0.3
    assert found["rare"].learnt < 0.02
    assert found["plain"].metric_learnt == pytest.approx(0.45, abs=0.05)


def test_a_rare_label_is_told_and_a_plain_one_is_not(table: Path) -> None:
    config = uploaded_run(str(table))
    both = config.model_copy(update={"tolerance": 0.01, "priority": ("rare", "plain")})
    (said,) = at_most_before(home(), both)
    assert said.startswith("1 % of the loss of rare is ")
    assert said.endswith("boosted trees learnt of it.")
    other = config.model_copy(update={"tolerance": 0.01, "priority": ("plain", "rare")})
    assert at_most_before(home(), other) == []  # the last one can be harmed by none
    none = both.model_copy(update={"tolerances": {"rare": 0.0}})
    assert at_most_before(home(), none) == []


def test_a_table_without_trees_says_nothing(tmp_path: Path) -> None:
    assert read_learnable(tmp_path) == {}
    (tmp_path / "learnable.json").write_text("{half")
    assert learnt_before(home(), DatasetChoice(name=UPLOADED, path=str(tmp_path)))[0] == {}


def test_a_run_tells_what_its_protected_models_learnt() -> None:
    result = {"bound": None, "violation": None, "multiplier": None}
    events: list[ev.Event] = [
        ev.Started(
            step=0, tasks=["a", "b"], task_kinds=["binary", "cost"], base_loss=[0.7, 1.0], constant_loss=[0.6, None],
            priority=["a", "b"], device="cpu", device_reason="", parameters=1, rows={}, most_steps=1,
        ),
        ev.StageStarted(
            step=0, stage=1, objective=["b"], constraints=["a"], reference_loss=[0.5, None], bound=[0.51, None],
            bound_train=[0.5, None], tolerance=[0.01, None],
        ),
        ev.Finished(
            step=1, seconds=1.0,
            tasks={"a": ev.TaskResult(kind="binary", loss=0.5, metric=0.75, validation_loss=0.505, **result),
                   "b": ev.TaskResult(kind="cost", loss=0.5, metric=0.5, validation_loss=0.5, **result)},
        ),
    ]  # fmt: skip
    assert learnt_of(events) == {"a": Learnt(reached=0.5, constant=0.6, metric_learnt=0.25)}
