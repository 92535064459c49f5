"""Events and results of version 1, which had a slot for each kind of metric, are read as those of today."""

from __future__ import annotations

import json

import pytest
from pydantic import ValidationError

from core.events import events as ev
from core.training.measure import Reading

EVALUATED = {"kind": "evaluated", "step": 5, "stage": 0, "phase": "main", "loss": [0.5, 0.4, 1.2, 0.3],
             "auc": [0.7, None, None, None], "rmse": [None, 3.5, None, None], "accuracy": [None, None, 0.6, None],
             "measures": {}, "violation": [None] * 4, "feasible": True, "best": True}  # fmt: skip
RESULT = {"loss": 0.5, "slice_loss": 0.5, "bound": None, "violation": None, "multiplier": None}


def read(fields):
    return ev.EVENT.validate_json(json.dumps(fields))


def test_a_reading_of_three_slots_has_one_metric_a_task():
    assert read(EVALUATED).metric == [0.7, 3.5, 0.6, None]


def test_a_reading_from_before_there_were_classes():
    before = {key: value for key, value in EVALUATED.items() if key != "accuracy"}
    assert read(before).metric == [0.7, 3.5, None, None]


@pytest.mark.parametrize(("slot", "kind"), [("auc", "binary"), ("rmse", "regression"), ("accuracy", "multiclass")])
def test_a_result_tells_its_kind_by_its_slot(slot, kind):
    slots = {"auc": None, "rmse": None, "accuracy": None, slot: 0.7, f"single_task_{slot}": 0.8}
    finished = read({"kind": "finished", "step": 9, "seconds": 1.0, "tasks": {"it": RESULT | slots}})
    task = finished.tasks["it"]
    assert (finished.version, task.kind, task.metric, task.single_task_metric) == (1, kind, 0.7, 0.8)


def test_a_result_without_a_metric_has_no_kind():
    task = ev.TaskResult.model_validate(RESULT | {"auc": None, "rmse": None})
    assert (task.kind, task.metric) == ("", None)


def test_what_is_written_is_read_again():
    task = ev.TaskResult(kind="regression", metric=3.5, single_task_metric=3.4, **RESULT)
    finished = ev.Finished(step=9, version=ev.VERSION, seconds=1.0, tasks={"it": task})
    assert ev.EVENT.validate_json(finished.model_dump_json()) == finished


def test_commands_print_the_metric_under_its_own_key():
    said = ev.TaskResult(kind="regression", metric=3.5, single_task_metric=3.4, **RESULT).by_key()
    assert (said["metric"], said["rmse"], said["single_task_rmse"]) == (3.5, 3.5, 3.4)
    assert all(said[key] is None for key in ("auc", "accuracy", "single_task_auc", "single_task_accuracy"))


def test_a_log_of_a_later_program_is_refused():
    with pytest.raises(ValidationError, match="version"):
        read({"kind": "finished", "version": ev.VERSION + 1, "step": 9, "seconds": 1.0, "tasks": {}})


def test_a_checkpoint_of_three_slots():
    state = {"loss": [0.5, 4.0, 0.2], "auc": [0.7, None, None], "rmse": [None, 3.5, None],
             "accuracy": [None] * 3, "measures": {}, "costs": (2,)}  # fmt: skip
    reading = Reading.from_state(state)
    assert reading.metric == [0.7, 3.5, 0.2]
    assert Reading.from_state(dict(vars(reading))) == reading
