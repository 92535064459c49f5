"""Sentences say what the numbers say."""

from __future__ import annotations

import pytest

from core.explain.words import describe
from core.training import events as ev

TASKS = ["relevance", "click"]


def started():
    return ev.Started(
        step=0,
        tasks=TASKS,
        task_kinds=["binary", "binary"],
        base_loss=[0.5, 0.4],
        priority=TASKS,
        device="cpu",
        device_reason="CPU",
        parameters=10,
        rows={},
        most_steps=100,
    )


def stage(tolerance=0.002):
    return ev.StageStarted(
        step=0,
        stage=1,
        objective=["click"],
        constraints=["relevance"],
        reference_loss=[0.2, None],
        bound=[0.2 + tolerance, None],
        bound_train=[0.2, None],
        tolerance=[tolerance, None],
    )


def step(at, multiplier, violation, on_train=0.001, loss=(0.2, 0.3)):
    return ev.Step(
        step=at,
        stage=1,
        loss=list(loss),
        multiplier=[multiplier, None],
        weight=[0.5, 0.5],
        violation=[violation, None],
        violation_train=[on_train, None],
        seconds=0.0,
    )


def run(*steps, **stage_fields):
    return [started(), stage(**stage_fields), *steps]


def test_nothing_before_the_first_stage():
    assert describe([]) == []
    assert describe([started()]) == []


def test_a_finite_price_is_said_in_percent_by_hand():
    """λ = 3 in normalised losses; 1 % of .2 is .002 = .004 of .5; 3 × .004 × .4 = .0048 = 1.6 % of .3."""
    text = " ".join(describe(run(*(step(at, 3.0, 0.0) for at in range(20)))))
    assert "relevance sits at its bound" in text
    assert "worth 3.0 units of click" in text
    assert "relevance 1 % more would lower the loss of click by about 1.6 %" in text


@pytest.mark.parametrize(
    ("multiplier", "violation", "on_train", "tolerance", "says"),
    [
        (lambda at: 0.0, -0.01, -0.01, 0.002, "costs nothing"),
        (lambda at: 2.0, 0.01, -0.01, 0.002, "over-fitting, not interference"),
        (lambda at: 1 + at, 0.0, 0.001, 0.0, "keeps growing (now 40.0)"),
        (lambda at: 1 + at, 0.01, 0.001, 0.002, "still rising"),
        (lambda at: 4.0, 0.01, 0.001, 0.002, "not rising any more"),
    ],
)
def test_each_shape_of_multiplier_has_its_sentence(multiplier, violation, on_train, tolerance, says):
    steps = [step(at, multiplier(at), violation, on_train) for at in range(40)]
    assert says in " ".join(describe(run(*steps, tolerance=tolerance)))


@pytest.mark.parametrize(
    ("cosine", "error", "says"),
    [(-0.9, 0.05, "success"), (0.6, 0.05, "No pair"), (-0.1, 0.3, "from noise")],
)
def test_angles_are_claimed_only_beyond_their_error(cosine, error, says):
    probed = ev.Probed(step=9, stage=1, pairs=[(0, 1)], cosine=[cosine], error=[error], norm=[1.0, 1.0])
    steps = [step(at, 3.0, 0.0) for at in range(20)]
    assert says in " ".join(describe([*run(*steps), probed]))


def test_an_edit_and_a_result_are_told():
    changed = ev.Changed(step=12, what="tolerances.relevance", old="0.01", new="0.02")
    fields = dict.fromkeys(ev.TaskResult.model_fields)
    tasks = {
        "relevance": ev.TaskResult(**{**fields, "auc": 0.9, "single_task_auc": 0.902}),
        "click": ev.TaskResult(**{**fields, "auc": 0.75, "single_task_auc": 0.74}),
    }
    finished = ev.Finished(step=40, seconds=1.0, tasks=tasks)
    said = describe([*run(*(step(at, 3.0, 0.0) for at in range(20))), changed, finished])
    text = " ".join(said)
    assert said[0] == "The run is finished."
    assert "click +0.010, relevance -0.002" in text
    assert "from 0.01 to 0.02" in text
