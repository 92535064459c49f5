"""A question of tolerance: what bears on it, what is missing, and what is answered."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from core.data.registry import card
from core.errors import PrecedenceError
from core.events.events import TaskResult
from core.narration.question import answer_json, describe_answer, describe_source, read_unit
from core.settings.run import RunConfig
from core.sweeps.answer import answer
from core.sweeps.question import (
    KnownRun,
    Missing,
    Question,
    asked_config,
    checked,
    known_runs,
    missing,
    training_seconds,
)
from tests import priced_runs as made

TASKS = card(RunConfig().dataset).tasks
BY_NAME = {task.name: task for task in TASKS}
AUC = Question("relevance", 0.002, "metric", "click")
NOTHING_MISSING = Missing((), (), 0)


def result(auc, loss):
    return TaskResult(
        kind="binary", loss=loss, metric=auc, validation_loss=loss, bound=None, violation=None, multiplier=None
    )


def gain(tolerance):
    """What the simulated click gains in AUC: a curve whose slope falls."""
    return 0.01 * (1 - np.exp(-tolerance / 0.002))


def run(seed, tolerance, noise=0.0, **fields):
    units = {"metric": {"relevance": 3.0, "click": 1.0}, "absolute": {"relevance": 1.4, "click": 2.5}}
    results = {
        "relevance": result(0.95 - 0.7 * tolerance, 0.25 + tolerance),
        "click": result(0.73 + 0.001 * seed + gain(tolerance) + noise, 0.39 - gain(tolerance) / 2),
    }
    slope = 0.01 / 0.002 * np.exp(-tolerance / 0.002)
    known = KnownRun(f"run-{seed}-{tolerance}", seed, tolerance, True, slope, False, results, units)
    return replace(known, **fields)


def test_runs_of_exactly_the_question_answer_it_by_paired_differences():
    known = [run(seed, value, noise=1e-4 * seed * (value > 0)) for seed in range(3) for value in (0.0, 0.002)]
    found = answer(AUC, known)
    assert (found.found, found.seeds, found.runs) == ("trained", (0, 1, 2), 6)
    assert found.gained.before == pytest.approx(0.731)
    assert found.gained.change == pytest.approx(gain(0.002) + 1e-4)
    half = 2.91999 * 1e-4 / np.sqrt(3)  # t of 90 % with 2 degrees of freedom
    assert found.gained.high - found.gained.change == pytest.approx(half, rel=1e-4)
    assert found.gained.is_noise is False
    assert found.lost.change == pytest.approx(-0.0014)
    said = describe_answer(found, BY_NAME).replace("\u00a0", " ")
    assert "Click gains 0.0064 AUC (90 % band +0.0063 to +0.0066, 3 seeds). That is more than noise." in said
    assert "On the test rows Relevance gives up 0.0014 AUC" in said
    assert describe_source(found, NOTHING_MISSING).startswith("Trained exactly so: 3 seeds")


def test_the_same_in_per_cent_of_the_loss():
    asked = Question("relevance", 0.002, "relative", "click")
    found = answer(asked, [run(0, 0.0), run(0, 0.002)])
    assert found.gained.change == pytest.approx(-gain(0.002) / 2 / 0.39)
    assert found.gained.gain > 0
    assert found.gained.is_noise is None  # one seed
    assert "One seed cannot tell it from noise" in describe_answer(found, BY_NAME)
    assert "The loss of Click falls by 0.8" in describe_answer(found, BY_NAME)


def test_a_change_that_may_be_none_says_which_sign_is_better():
    asked = Question("relevance", 0.002, "relative", "click")
    known = [run(seed, value) for seed in range(3) for value in (0.0, 0.002)]

    def said_of(question):
        found = answer(question, known)
        unsure = replace(found.gained, change=-0.005, low=-0.02, high=0.01)
        return describe_answer(replace(found, gained=unsure), BY_NAME).replace("\u00a0", " ")

    assert "Click gains nothing that is more than noise: −0.50 % loss, where less is better (90 % band −2" in said_of(
        asked
    )
    assert "Click gains nothing that is more than noise: −0.0050 AUC (90 % band " in said_of(AUC)


def test_neighbours_answer_between_their_tolerances():
    known = [run(seed, value) for seed in range(2) for value in (0.0, 0.001, 0.004)]
    found = answer(AUC, known)
    assert found.found == "neighbours"
    assert found.gained.change == pytest.approx(gain(0.002), rel=0.15)
    assert found.gained.low < gain(0.002) < found.gained.high
    assert found.gained.before == pytest.approx(0.7305)
    assert found.lost.change == pytest.approx(-0.0014, rel=0.15)
    assert "Read off 6 trained neighbours" in describe_source(found, NOTHING_MISSING)
    said = describe_answer(found, BY_NAME)
    assert said.startswith("Click would gain 0.00")
    assert "more than noise" not in said  # a prediction's band is no test
    assert "On the test rows Relevance would give up 0.00" in said


def test_one_price_answers_widely_and_far_away_nothing_does():
    found = answer(AUC, [run(0, 0.0015)])
    assert (found.found, found.lost) == ("price", None)
    assert found.gained.low < 0.3 * found.gained.change
    assert "multiplier of one trained run alone" in describe_source(found, NOTHING_MISSING)
    assert answer(replace(AUC, amount=0.1), [run(0, 0.0015)]).found == "unknown"
    assert answer(AUC, []).found == "unknown"


def test_runs_that_found_nothing_better_are_no_zero():
    known = [run(0, value, is_stuck=True) for value in (0.0, 0.002)]
    found = answer(AUC, known)
    assert (found.found, found.gained) == ("stuck", None)
    assert "in 1 of 1 runs no model with a better Click" in describe_answer(found, BY_NAME)


def test_who_may_lose_nothing_and_finds_nothing_is_what_others_are_compared_with():
    known = [run(seed, value, is_stuck=value == 0) for seed in range(3) for value in (0.0, 0.002)]
    found = answer(AUC, known)
    assert (found.found, found.seeds, found.stuck) == ("trained", (0, 1, 2), 0)
    assert found.gained.change == pytest.approx(gain(0.002))


def test_neighbours_and_exact_runs_are_compared_with_the_same_model():
    """The model without tolerance is far from the curve of those that found more: .731 + .001 s, by hand."""
    known = [
        run(seed, value, noise=0.02 * (value > 0), is_stuck=value == 0)
        for seed in range(3)
        for value in (0.0, 0.001, 0.004)
    ]
    exact = answer(replace(AUC, amount=0.001), known)
    between = answer(AUC, known)
    assert (exact.found, between.found) == ("trained", "neighbours")
    assert between.gained.before == pytest.approx(exact.gained.before)
    assert exact.gained.change == pytest.approx(gain(0.001) + 0.02)
    assert between.gained.change == pytest.approx(gain(0.002) + 0.02, rel=0.05)
    assert between.lost.change == pytest.approx(-0.0014, rel=0.15)
    below = answer(replace(AUC, amount=0.0005), known)
    assert 0.5 * (gain(0.001) + 0.02) < below.gained.change < gain(0.0005) + 0.02  # between chord and curve
    assert below.gained.high - below.gained.low > 0.006  # it may lie anywhere between the two


def test_a_seed_that_found_nothing_counts_as_no_gain():
    """Left out, it would leave the mean of those that were lucky."""
    known = [run(seed, value, is_stuck=seed == 2) for seed in range(3) for value in (0.0, 0.002)]
    known[-1] = replace(known[-1], results=known[-2].results)
    found = answer(AUC, known)
    assert (found.seeds, found.stuck) == ((0, 1, 2), 1)
    assert found.gained.change == pytest.approx(gain(0.002) * 2 / 3)
    assert "of 1 run with it nothing better was found, which counts as no gain" in describe_source(
        found, NOTHING_MISSING
    )


def test_what_is_missing_is_trained_once(tmp_path):
    base = RunConfig(priority=("relevance", "click"))
    lacks = missing(base, AUC, [run(0, 0.0), run(0, 0.002), run(1, 0.0)])
    assert set(lacks.runs) == {(1, 0.002), (2, 0.0), (2, 0.002)}
    points = [point.config for sweep in lacks.sweeps for point in sweep.points(("relevance", "click"))]
    assert {(one.seed, one.tolerance_of("relevance")) for one in points} == set(lacks.runs)
    assert {one.tolerance_kind for one in points} == {"metric"}
    assert lacks.steps == (2 + 3) * base.stage_steps  # the first stage of a seed is shared
    assert training_seconds(tmp_path, base, lacks.steps, 2) > training_seconds(tmp_path, base, 0, 2)
    assert missing(base, AUC, [run(seed, value) for seed in range(3) for value in (0.0, 0.002)]) == NOTHING_MISSING


def test_the_order_of_the_run_stays_where_it_fits_the_question():
    base = RunConfig(priority=("relevance", "click", "cart"), tolerances={"click": 0.03})
    same = asked_config(base, Question("relevance", 0.01, "relative", "cart"))
    assert same.priority == ("relevance", "click", "cart")
    assert same.tolerances == {"relevance": 0.01, "click": 0.03}
    assert asked_config(base, AUC).priority == ("relevance", "click")  # other tasks' tolerances are in another unit
    assert asked_config(base, Question("cart", 0.01, "relative", "click")).priority == ("cart", "click")


def test_runs_in_another_unit_are_brought_to_the_question_s(tmp_path):
    made.finished(tmp_path, 2.0, 0.9, tolerance=0.05)
    made.finished(tmp_path, 1.0, 0.88, tolerance=0.1)
    base = RunConfig(priority=("relevance", "click"))
    relative = known_runs(tmp_path, base, Question("relevance", 0.07, "relative", "click"))
    assert sorted(one.tolerance for one in relative) == [0.05, 0.1]
    assert all(one.is_exact for one in relative)
    absolute = known_runs(tmp_path, base, Question("relevance", 0.02, "absolute", "click"))
    assert sorted(one.tolerance for one in absolute) == pytest.approx([0.05 * 0.5 * 0.7, 0.1 * 0.5 * 0.7])
    assert not any(one.is_exact for one in absolute)
    by_tolerance = {one.tolerance: one for one in relative}
    assert by_tolerance[0.05].slope == pytest.approx(2.0 * 0.5, rel=0.01)
    found = answer(Question("relevance", 0.07, "relative", "click"), relative)
    named = answer_json(found, NOTHING_MISSING, BY_NAME, 0.0)
    assert named["found"] == "neighbours"
    assert set(named["tasks"]["click"]) == {"unit", "before", "after", "change", "low", "high"}


@pytest.mark.parametrize(
    ("question", "says"),
    [
        (replace(AUC, task="size"), "no task 'size'"),
        (replace(AUC, gainer="relevance"), "cannot gain from its own loss"),
        (replace(AUC, amount=0.0), "'0' is no amount that Relevance may lose"),
        (replace(AUC, amount=float("nan")), "no amount"),
        (replace(AUC, amount=2.0), "less than 1 AUC"),
        (replace(AUC, unit="relative", amount=1.5), "'150 %' is no amount"),
    ],
)
def test_a_question_that_cannot_be_is_one_sentence(question, says):
    with pytest.raises(PrecedenceError, match=says):
        checked(question, TASKS)


def test_units_have_the_names_that_people_use():
    relevance, level = BY_NAME["relevance"], BY_NAME["price_level"]
    assert [read_unit(text, relevance) for text in ("AUC", "log loss", "%", "metric")] == [
        "metric",
        "absolute",
        "relative",
        "metric",
    ]
    assert read_unit("rmse", level) == "metric"
    with pytest.raises(PrecedenceError, match="'auc' is no unit for Price level; it is measured in RMSE"):
        read_unit("auc", level)
