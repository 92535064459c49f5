"""A table that somebody brings, whose rows stand in lists: gains, splits, and that a ranker trains on it."""

from __future__ import annotations

import random

import pytest
import torch

from core.data.prepared import read_folder
from core.data.reading.options import ColumnChoice, ReaderOptions
from core.data.sources.uploaded.table import prepare
from core.errors import PrecedenceError
from core.events.events import Finished
from core.settings.presets import uploaded_run
from core.training.loop import Trainer

QUERIES = ReaderOptions(columns={"search": ColumnChoice(role="query", kind="text")})


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("PRECEDENCE_HOME", str(tmp_path / "home"))


@pytest.fixture
def file(tmp_path):
    """60 searches of 6 products: a grade that follows `match`, a click that follows `tempting`, and a price."""
    draw, rows = random.Random(1), ["search,day,match,tempting,grade,clicked,price"]
    for search in range(60):
        for _ in range(6):
            match, tempting = draw.random(), draw.random()
            grade, clicked = int(3.99 * match), int(tempting > 0.6)
            price = round(5 + 90 * draw.random(), 2)
            rows.append(
                f"s{search:02},2026-01-{1 + search % 28:02},{match:.3f},{tempting:.3f},{grade},{clicked},{price}"
            )
    (tmp_path / "searches.csv").write_text("\n".join(rows) + "\n")
    return tmp_path / "searches.csv"


def read(file, labels, name="lists", **more):
    data = read_folder(prepare(file, name, dict.fromkeys(labels), options=QUERIES, **more))
    return data, data.groups(torch.arange(len(data.labels)))


def test_labels_become_gains_by_what_they_hold(file):
    data, lists = read(file, ["grade", "clicked", "price"])
    assert [task.kind for task in data.description.card.tasks] == ["ranking"] * 3
    assert sorted({round(gain, 4) for gain in data.labels[:, 0].tolist()}) == [0, 0.1429, 0.4286, 1]
    assert set(data.labels[:, 1].tolist()) == {0, 1}
    for one in lists.unique():
        assert data.labels[lists == one, 2].min() == 0
        assert data.labels[lists == one, 2].max() == 1
    assert "search" not in [feature.name for feature in (*data.description.sparse, *data.description.dense)]
    assert "lists by search" in data.description.card.about


@pytest.mark.parametrize("more", [{}, {"time_column": "day"}])
def test_no_list_lies_in_two_splits(file, more):
    data, lists = read(file, ["grade", "clicked"], **more)
    split = torch.empty(len(lists), dtype=torch.long)
    for number, rows in enumerate(data.rows.values()):
        assert len(rows)
        split[rows] = number
    assert len(lists.unique()) == 60
    for one in lists.unique():
        assert len(split[lists == one].unique()) == 1


def test_a_ranker_trains_on_it_by_default_and_its_order_beats_chance(file):
    folder = prepare(file, "lists", {"grade": None, "clicked": None}, options=QUERIES)
    config = uploaded_run(str(folder))
    assert config.model.kind == "ranker"
    assert config.tolerance_kind == "metric"
    short = config.model_copy(update={"stage_steps": 30, "probe_every": 0, "reference": False, "priority": ("grade",)})
    finished = [event for turn in Trainer(short, read_folder(folder)).run() for event in turn][-1]
    assert isinstance(finished, Finished)
    assert finished.tasks["grade"].metric > 0.9


@pytest.mark.parametrize(
    ("content", "labels", "says"),
    [
        (
            "search,x,y\n" + "".join(f"s{n},{n},{n % 2}\n" for n in range(60)),
            ["y"],
            "Column search makes 0 lists of two",
        ),
        (
            "search,x,y\n" + "".join(f"s{n // 2},{n},{'abc'[n % 3]}\n" for n in range(60)),
            ["y"],
            "Column y holds classes, which put a list in no order",
        ),
    ],
)
def test_what_makes_no_list_is_refused_in_one_sentence(tmp_path, content, labels, says):
    (tmp_path / "t.csv").write_text(content)
    with pytest.raises(PrecedenceError, match=says):
        prepare(tmp_path / "t.csv", "t", dict.fromkeys(labels), options=QUERIES)
    assert not (tmp_path / "home" / "tables" / "t").exists()
