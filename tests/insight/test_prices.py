"""Prices against optima found by another program: three quadratic tasks in the plane, with and without the change."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy.optimize import minimize

from core.insight.prices import Check, Held, PricedRun, PricedStage, checks, predict, promise

CENTRES = np.array([[0.0, 0.0], [1.0, 0.3], [0.4, -1.2]])
CURVATURES = np.array([[2.0, 1.0], [1.0, 3.0], [1.5, 0.7]])
FLOOR = 0.3  # a loss that no model takes away, so that a share of a loss is not a share of nothing
NAMES = ("first", "second", "third")


def loss(task, x):
    return FLOOR + 0.5 * (CURVATURES[task] * (x - CENTRES[task]) ** 2).sum()


def slope(task, x):
    return CURVATURES[task] * (x - CENTRES[task])


def solved(tolerances, relative):
    """Each stage's optimum by sequential quadratic programming, multipliers from the gradients there."""
    bounds, stages = [], []
    for task in range(3):
        held = [
            {"type": "ineq", "fun": lambda x, i=i: bounds[i] - loss(i, x), "jac": lambda x, i=i: -slope(i, x)}
            for i in range(task)
        ]
        start = np.array([0.2, -0.1])
        found = minimize(
            lambda x, task=task: loss(task, x),
            start,
            jac=lambda x, task=task: slope(task, x),
            constraints=held,
            method="SLSQP",
            options={"ftol": 1e-15, "maxiter": 500},
        )
        x = found.x
        active = [i for i in range(task) if bounds[i] - loss(i, x) < 1e-7]
        multipliers = dict.fromkeys(range(task), 0.0)
        if active:
            gradients = np.array([slope(i, x) for i in active]).T
            multipliers.update(zip(active, np.linalg.lstsq(gradients, -slope(task, x), rcond=None)[0], strict=True))
        best = loss(task, x)
        bounds.append(best + tolerances[task] * (best if relative else 1))
        stages.append(
            PricedStage(
                objective=NAMES[task],
                loss=best,
                held={NAMES[i]: Held(value, 0.0, value, 0.0, 0.0) for i, value in multipliers.items()},
            )
        )
    unit = {stage.objective: stage.loss if relative else 1.0 for stage in stages}
    return PricedRun(tuple(stages), dict(zip(NAMES, tolerances, strict=True)), unit, relative)


@pytest.mark.parametrize("relative", [False, True])
@pytest.mark.parametrize("task", ["first", "second"])
def test_the_promise_is_the_slope_of_the_optimum_through_every_stage(task, relative):
    tolerances = [0.05, 0.04, 0.0]
    run = solved(tolerances, relative)
    step = 1e-4
    changed = list(tolerances)
    changed[NAMES.index(task)] += step
    other = solved(changed, relative)
    promised = promise(run, {task: run.tolerances[task] + step})
    for name in NAMES[NAMES.index(task) + 1 :]:
        real = run.losses()[name] - other.losses()[name]
        assert promised[name] == pytest.approx(real, rel=2e-2, abs=1e-9)
    assert promised["third"] != 0


def test_two_tasks_in_closed_form():
    """L1 = |x|²/2, L2 = |x − b|²/2, |b| = 1, ε = .005: λ = 9, and half as much again buys ∫λ dε (nmt notes, fact 3)."""
    run = two(9.0)
    gained = promise(run, {"first": 0.0075})["second"]
    exact = 0.5 * (1 - np.sqrt(2 * 0.005)) ** 2 - 0.5 * (1 - np.sqrt(2 * 0.0075)) ** 2
    assert gained == pytest.approx(9 * 0.0025)
    assert exact < gained < 1.2 * exact  # a straight line along a convex curve promises too much


def two(multiplier, tolerance=0.005, second=0.405, seed=0):
    held = {"first": Held(multiplier, 0.0, multiplier, 0.0, 0.005)}
    stages = (PricedStage("first", 0.0, {}), PricedStage("second", second, held))
    return PricedRun(stages, {"first": tolerance, "second": 0.0}, {"first": 1.0, "second": 1.0}, False, seed)


def test_a_bound_that_costs_nothing_promises_nothing():
    assert promise(two(0.0), {"first": 1.0}) == {"first": 0.0, "second": 0.0}


def test_no_change_is_no_gain():
    gain = predict(two(9.0), {"first": 0.005})["second"]
    assert (gain.gain, gain.low, gain.high) == (0, 0, 0)


def test_a_promise_is_believed_as_far_as_it_came_true_on_the_same_side():
    looser = [Check("first", "second", 0.005, 0.0075, 0.02, gained) for gained in (0.009, 0.011)]
    tighter = [Check("first", "second", 0.005, 0.0025, -0.02, gained) for gained in (-0.021, -0.019)]
    up = predict(two(9.0), {"first": 0.0075}, looser + tighter)["second"]
    down = predict(two(9.0), {"first": 0.0025}, looser + tighter)["second"]
    assert (up.share, down.share) == (pytest.approx(0.5), pytest.approx(1.0))
    assert up.gain == pytest.approx(0.5 * 9 * 0.0025)
    assert up.low < up.gain < up.high
    assert (up.checks, down.checks) == (2, 2)


def test_a_multiplier_that_has_not_come_down_is_believed_a_little_and_checked_like_any_other():
    def held(last):
        run = two(9.0)
        one = Held(9.0, 0.0, last=last, slack=0.004, room=0.005)
        return replace(run, stages=(run.stages[0], replace(run.stages[1], held={"first": one})))

    assert predict(held(0.5), {"first": 0.0075})["second"].gain == pytest.approx(9 * 0.0025)  # it had come down
    run = held(8.0)
    alone = predict(run, {"first": 0.0075})["second"]
    assert alone.gain == pytest.approx(0.3 * 9 * 0.0025)
    assert (alone.low, alone.high) == (0.0, pytest.approx(0.7 * 9 * 0.0025))
    checked = predict(run, {"first": 0.0075}, [Check("first", "second", 0.005, 0.0075, 0.0225, 0.009)])["second"]
    assert checked.gain == pytest.approx(0.009)


def test_the_band_covers_nine_in_ten():
    """Checks and truth drawn alike: the band from five checks holds the sixth as often as it says."""
    draw = np.random.default_rng(3)
    inside = 0
    for _ in range(2000):
        gained = 0.6 * 0.0225 + 0.002 * draw.standard_normal(6)
        known = [Check("first", "second", 0.005, 0.0075, 0.0225, value) for value in gained[:5]]
        band = predict(two(9.0), {"first": 0.0075}, known)["second"]
        inside += band.low <= gained[5] <= band.high
    assert inside / 2000 == pytest.approx(0.9, abs=0.02)


def test_checks_pair_runs_of_one_seed_that_differ_in_one_tolerance():
    runs = [two(9.0), two(7.0, 0.0075, 0.39), two(7.0, 0.0075, 0.38, seed=1)]
    found = checks(runs)
    assert {(check.before, check.after) for check in found} == {(0.005, 0.0075), (0.0075, 0.005)}
    up = next(check for check in found if check.after > check.before)
    assert (up.promised, up.gained) == (pytest.approx(0.0225), pytest.approx(0.015))


def test_two_changes_add_up():
    run = solved([0.05, 0.04, 0.0], False)
    both = predict(run, {"first": 0.06, "second": 0.05})["third"].gain
    one = predict(run, {"first": 0.06})["third"].gain + predict(run, {"second": 0.05})["third"].gain
    assert both == pytest.approx(one)
    assert both == pytest.approx(promise(run, {"first": 0.06, "second": 0.05})["third"])
