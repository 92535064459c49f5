"""Methods beside the weighted sum: runs of as many steps and of as many backward passes, paired by seed."""

from __future__ import annotations

import pytest

from core.bench import peers
from core.bench.synthetic import synthetic_dataset
from core.errors import PrecedenceError
from core.training.loop import Trainer

FIELDS = {
    "stage_steps": "12",
    "evaluate_every": "6",
    "record_every": "2",
    "batch_size": "128",
    "model.trunk": "16",
    "model.dropout": "0",
    "patience": "9",
}
TASKS = ("task_0", "task_1")


@pytest.fixture(scope="module")
def data():
    return synthetic_dataset(rows=1500, tasks=2)


@pytest.fixture
def here(monkeypatch, data):
    monkeypatch.setattr(peers, "load_dataset", lambda _: data)


def measured(*variants, rows="test", seeds=2, **settings):
    return peers.measure("census", TASKS, variants, rows, seeds, 5, {**FIELDS, **settings}, lambda _: None)["rows"]


def test_the_weighted_sum_beside_itself_is_no_different(here):
    for row in measured("weighted_sum"):
        assert (row["steps"], row["backwards"]) == (12, 12)
        assert row["loss_at_equal_steps"] == row["metric_at_equal_backwards"] == (0, 0)


def test_differences_are_those_of_runs_of_their_own(here, data):
    """CoGrad's 12 steps have 24 backward passes: it stands beside 12 and 24 steps of the weighted sum."""

    def loss(variant, seed, steps):
        config = peers.config_of("census", TASKS, variant, FIELDS)
        trainer = Trainer(config.model_copy(update={"seed": seed, "stage_steps": steps}), data)
        last = None
        for turn in trainer.run():
            last = turn[-1] if turn else last
        return last.tasks["task_1"].loss

    row = next(row for row in measured("cograd gamma=2") if row["task"] == "task_1")
    assert (row["steps"], row["backwards"]) == (12, 24)
    assert row["correction"] > 0
    for name, steps in (("steps", 12), ("backwards", 24)):
        differences = [loss("cograd gamma=2", seed, 12) - loss("weighted_sum", seed, steps) for seed in (5, 6)]
        mean, half = row[f"loss_at_equal_{name}"]
        assert mean == pytest.approx(sum(differences) / 2, abs=1e-7)
        assert half == pytest.approx(12.706 * abs(differences[0] - differences[1]) / 2, rel=1e-3, abs=1e-7)


@pytest.mark.parametrize(
    ("variant", "steps", "backwards"),
    [
        ("famo", 12, 12),
        ("ferero", 12, 24),
        ("cograd curvature=exact", 12, 48),
        ("nmt start_together=0 start=warm", 24, 24),
    ],
)
def test_a_method_is_charged_for_each_backward_pass(here, variant, steps, backwards):
    for row in measured(variant, seeds=1):
        assert (row["steps"], row["backwards"]) == (steps, backwards)


def test_where_settings_are_chosen_no_test_row_is_read(here):
    for row in measured("random", rows="validation", seeds=1):
        assert row["metric"] is row["metric_at_equal_steps"] is None
        assert row["loss"] > 0


@pytest.mark.parametrize(
    ("variant", "said"),
    [
        ("magic", "There is no method 'magic'"),
        (" ", "There is no method ''"),
        ("ferero pull=-1", "pull"),
        ("cograd magic=1", "magic"),
    ],
)
def test_a_variant_that_is_none_is_refused(here, variant, said):
    with pytest.raises(PrecedenceError, match=said):
        measured(variant)
