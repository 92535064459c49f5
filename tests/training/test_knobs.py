"""What a knob does is said once: to a config, with the list of what changed by it."""

from __future__ import annotations

import pytest

from core.errors import PrecedenceError
from core.settings.run import RunConfig
from core.training.knobs import Change, Knobs, knobs_between, turned

TASKS = ("relevance", "click", "cart")


def config(**changes):
    return RunConfig.model_validate({"tolerance": 0.01, **changes})


def test_every_knob_is_in_the_config_that_comes_of_it_and_in_the_list():
    knobs = Knobs(tolerances={"click": 0.2}, priority=("click", "relevance", "cart"), learning_rate=0.5, dual_rate=3.0)
    after, changes = turned(config(), knobs, TASKS)
    assert after.tolerance_of("click") == 0.2
    assert after.priority == ("click", "relevance", "cart")
    assert after.optimiser.learning_rate == 0.5
    assert after.method.dual_rate == 3.0
    assert changes == [
        Change("tolerances.click", "0.01", "0.2"),
        Change("priority", "relevance > click > cart", "click > relevance > cart"),
        Change("learning_rate", "0.002", "0.5"),
        Change("dual_rate", "1", "3"),
    ]


def test_what_stays_is_no_change():
    """Neither an equal value nor the order of the data set, spelt out."""
    knobs = Knobs(tolerances={"click": 0.01}, priority=TASKS, learning_rate=0.002, dual_rate=1.0)
    assert turned(config(), knobs, TASKS)[1] == []


@pytest.mark.parametrize(
    ("knobs", "says"),
    [
        (Knobs(tolerances={"clicks": 0.1}), "'clicks'"),
        (Knobs(priority=("click", "click")), "twice"),
        (Knobs(priority=("clicks",)), "'clicks'"),
    ],
)
def test_what_does_not_fit_is_refused(knobs, says):
    with pytest.raises(PrecedenceError, match=says):
        turned(config(), knobs, TASKS)


def test_only_a_method_with_bounds_has_a_dual_rate():
    with pytest.raises(PrecedenceError, match="weighted_sum"):
        turned(config(method={"kind": "weighted_sum"}), Knobs(dual_rate=2.0), TASKS)


def test_the_knobs_between_two_configs_lead_from_one_to_the_other():
    before = config()
    after = config(
        tolerances={"click": 0.1, "cart": 0.01},
        priority=("cart", "click"),
        optimiser={"learning_rate": 0.1},
        method={"kind": "nmt", "dual_rate": 2.0},
    )
    knobs = knobs_between(before, after, TASKS)
    assert knobs is not None
    assert knobs.tolerances == {"click": 0.1}
    reached, _ = turned(before, knobs, TASKS)
    assert knobs_between(reached, after, TASKS) is None
    assert knobs_between(before, before.model_copy(update={"batch_size": 7}), TASKS) is None
