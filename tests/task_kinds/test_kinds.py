"""Kinds of task without torch: what a task must say of itself, and which columns of a table become which label."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import ValidationError

from core.commands.data import labels_of
from core.data.dataset import Dataset
from core.data.description import Task
from core.data.prepared import read_folder
from core.data.sources.uploaded.table import check_file, prepare
from core.task_kinds.kinds import KINDS, TABLE_KINDS, error_names, metric_names

GOOD = {"binary": "01", "regression": ("0.5", "-2", "7")}  # of other kinds whole numbers
BAD = {"binary": "2", "multiclass": "1.5"}


def table(folder: Path, values: list[str]) -> Path:
    file = folder / "given.csv"
    file.write_text("\n".join(["word,label", *(f"w{n % 7},{value}" for n, value in enumerate(values))]) + "\n")
    return file


def test_a_task_of_an_unknown_kind_is_refused_by_name() -> None:
    with pytest.raises(ValidationError, match="'it' is of the kind 'mood'; the kinds are binary, multiclass"):
        Task(name="it", title="It", kind="mood", label="y")


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_a_task_says_what_its_kind_needs(kind: str) -> None:
    classes = 4 if KINDS[kind].has_classes else 0
    label = "y" if KINDS[kind].has_label else None
    task = Task(name="it", title="It", kind=kind, label=label, classes=classes)
    assert task.columns >= 1
    assert KINDS[kind].has_classes or task.columns == 1
    with pytest.raises(ValidationError, match="label"):
        Task(name="it", title="It", kind=kind, label=None if label else "y", classes=classes)
    with pytest.raises(ValidationError, match="classes"):
        Task(name="it", title="It", kind=kind, label=label, classes=4 - classes)


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_the_error_of_a_perfect_model_is_zero_and_worse_is_more(kind: str) -> None:
    metric = KINDS[kind].metric
    worse = metric.best - 0.2 if metric.higher_is_better else metric.best + 0.2
    assert metric.error(metric.best) == 0
    assert metric.error(worse) == pytest.approx(0.2)
    assert metric.worse_by(worse, metric.best) == pytest.approx(0.2)


def test_metrics_are_named_in_one_phrase() -> None:
    metrics = [kind.metric for kind in KINDS.values() if not kind.metric.is_loss]
    assert metric_names().startswith("AUC, accuracy of classes")
    assert error_names().startswith("1 − AUC, 1 − accuracy")
    assert all(metric.sentence in metric_names() and metric.error_name in error_names() for metric in metrics)
    assert (metric_names().count(" or "), error_names().count(" or ")) == (1, 1)


@pytest.mark.parametrize("kind", TABLE_KINDS)
def test_a_good_column_is_taken_as_the_kind_that_is_named(tmp_path: Path, kind: str) -> None:
    good = GOOD.get(kind, "0123")
    report = check_file(table(tmp_path, [good[n % len(good)] for n in range(100)]), {"label": kind})
    assert report.problems == []
    assert report.tasks["label"].kind == kind
    assert report.tasks["label"].classes == (4 if KINDS[kind].has_classes else 0)


@pytest.mark.parametrize("kind", sorted(BAD))
def test_a_bad_value_is_named_with_what_was_expected(tmp_path: Path, kind: str) -> None:
    good = GOOD.get(kind, "0123")
    values = [good[n % len(good)] for n in range(100)]
    values[41] = BAD[kind]
    (problem,) = check_file(table(tmp_path, values), {"label": kind}).problems
    rule = KINDS[kind].table
    assert rule is not None
    assert problem == f"Column label holds {BAD[kind]} in row 42; {rule.expects}."


@pytest.mark.parametrize("kind", TABLE_KINDS)
def test_one_value_alone_is_no_label(tmp_path: Path, kind: str) -> None:
    (problem,) = check_file(table(tmp_path, ["1"] * 100), {"label": kind}).problems
    rule = KINDS[kind].table
    assert rule is not None
    assert problem.endswith(f"holds only 1 in all of its 100 known rows; {rule.needs}.")


@pytest.mark.parametrize(("values", "kind"), [("01", "binary"), ("0123", "regression")])
def test_a_kind_is_guessed_by_the_first_that_allows_all_values(tmp_path: Path, values: str, kind: str) -> None:
    report = check_file(table(tmp_path, [values[n % len(values)] for n in range(100)]), {"label": None})
    assert report.tasks["label"].kind == kind


def test_labels_of_the_command_line() -> None:
    assert labels_of("click,price:regression,level:multiclass,odd:mood") == {
        "click": None,
        "price": "regression",
        "level": "multiclass",
        "odd:mood": None,
    }


def test_a_table_of_classes_becomes_a_data_set(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PRECEDENCE_HOME", str(tmp_path))
    file = table(tmp_path, [str(n % 3) if n % 10 else "" for n in range(300)])
    data: Dataset = read_folder(prepare(file, "levels", {"label": "multiclass"}))
    (task,) = data.description.card.tasks
    assert (task.kind, task.classes, task.columns) == ("multiclass", 3, 3)
    assert data.mask.sum() == 270
