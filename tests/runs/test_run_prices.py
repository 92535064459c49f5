"""A run's prices, read off the events of a real small run, and what is said of them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch

from core.bench.synthetic import synthetic_dataset
from core.errors import PrecedenceError
from core.events import events as ev
from core.insight.prices import Gain, Held
from core.methods.nmt import NMTConfig
from core.methods.weighted_sum import WeightedSumConfig
from core.narration.price import describe_bound, describe_bounds, describe_gain, describe_trust
from core.runs.run_prices import priced
from core.settings.run import RunConfig
from core.training.loop import Trainer

SMALL = {"batch_size": 128, "stage_steps": 40, "evaluate_every": 10, "record_every": 1, "probe_every": 0}


def trained(**changes):
    torch.set_num_threads(1)
    config = RunConfig.model_validate({**SMALL, "reference": False, "tolerance": 0.01, **changes})
    return config, [event for turn in Trainer(config, synthetic_dataset()).run() for event in turn]


@pytest.fixture(scope="module")
def run():
    return trained()


def test_prices_are_those_of_the_log(run):
    config, events = run
    found = priced(events, config)
    ended = [event for event in events if isinstance(event, ev.StageFinished)]
    base = events[0].base_loss
    assert [stage.objective for stage in found.stages] == [end.objective[0] for end in ended]
    for stage, end in zip(found.stages, ended, strict=True):
        at = events[0].tasks.index(stage.objective)
        assert stage.loss == pytest.approx(end.loss[at] / base[at])
        for name, held in stage.held.items():
            task = events[0].tasks.index(name)
            assert held.multiplier == pytest.approx(end.multiplier[task], rel=1e-6)
            assert held.slack == pytest.approx(-end.violation[task] / base[task])
            assert held.slack >= 0
    first = found.stages[0].objective
    assert found.unit[first] == found.stages[0].loss
    assert found.stages[1].held[first].room == pytest.approx(0.01 * found.stages[0].loss)


def test_losses_that_are_not_normalised_are_brought_to_the_same_unit(run):
    config, events = run
    base = events[0].base_loss
    plain = priced(events, config)
    raw = priced(events, config.model_copy(update={"method": NMTConfig(normalise=False, tolerance_kind="absolute")}))
    first, second = (stage.objective for stage in plain.stages[:2])
    rate = base[events[0].tasks.index(first)] / base[events[0].tasks.index(second)]
    assert raw.stages[1].held[first].multiplier == pytest.approx(rate * plain.stages[1].held[first].multiplier)
    assert raw.unit[first] == pytest.approx(1 / base[events[0].tasks.index(first)])


def test_a_point_of_a_metric_is_worth_what_the_readings_say():
    config, events = trained(method={"kind": "nmt", "tolerance_kind": "metric"}, tolerance=0.3, evaluate_every=5)
    found = priced(events, config)
    read = [event for event in events if isinstance(event, ev.Evaluated) and event.feasible]
    slope = np.polyfit([event.metric[0] for event in read], [event.loss[0] for event in read], 1)[0]
    assert slope < 0
    assert found.unit["task_0"] == pytest.approx(-slope / events[0].base_loss[0], rel=1e-6)
    assert not found.relative


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (WeightedSumConfig(), "weighted_sum"),
        (NMTConfig(frozen={"task_0": 1.0}), "fixed"),
    ],
)
def test_what_has_no_prices_is_refused(run, change, says):
    config, events = run
    with pytest.raises(PrecedenceError, match=says):
        priced(events, config.model_copy(update={"method": change}))


def test_an_unfinished_run_has_no_prices(run):
    config, events = run
    with pytest.raises(PrecedenceError, match="not finished"):
        priced(events[:-1], config)


def test_one_task_has_no_price():
    config, events = trained(priority=("task_1",))
    with pytest.raises(PrecedenceError, match="at least two"):
        priced(events, config)


HELD = Held(multiplier=2.0, error=0.1, last=1.9, slack=0.0, room=0.01)


@pytest.mark.parametrize(
    ("held", "says"),
    [
        (HELD, "sits at its limit; one unit of its loss is worth 2.00 ± 0.10 units of click"),
        (replace(HELD, multiplier=0.01, slack=0.004), "costs click nothing"),
        (replace(HELD, last=1.2), "still moving"),
        (replace(HELD, last=2.8), "still moving"),
        (replace(HELD, slack=0.009), "well within its bound while its multiplier still stood"),
        (replace(HELD, slack=0.009, last=0.2), "in the end it stopped limiting click"),
    ],
)
def test_a_bound_in_words(held, says):
    assert says in describe_bound("relevance", held, "click")


def test_multipliers_that_all_still_move_are_told_together():
    moving, nothing = replace(HELD, last=1.2), replace(HELD, multiplier=0.01, slack=0.004)
    together, other = describe_bounds({"relevance": moving, "cart": nothing, "click": moving}, "price")
    assert together.startswith("The multipliers of relevance (2.00 ± 0.10) and click (2.00 ± 0.10) were still moving")
    assert other == describe_bound("cart", nothing, "price")
    assert describe_bounds({"click": moving}, "price") == [describe_bound("click", moving, "price")]


@pytest.mark.parametrize(
    ("gain", "says"),
    [
        (Gain(0.012, 0.006, 0.018, 1.0, 3), "its loss falls by about 1.5 %, 90 % band 0.75 to 2.2 %."),
        (Gain(-0.012, -0.018, 0.002, 1.0, 3), "its loss rises by about 1.5 %, 90 % band −0.25 to 2.2 %, so that even"),
        (Gain(1e-5, 0.0, 2e-5, 1.0, 0), "no change that could be seen"),
    ],
)
def test_a_gain_in_words(gain, says):
    assert says in describe_gain("click", gain, 0.8)


@pytest.mark.parametrize(
    ("gain", "says"),
    [
        (Gain(0.1, 0.0, 0.2, 0.55, 0), "One multiplier alone says this: 55 % of its promise is believed"),
        (Gain(0.1, 0.0, 0.2, 0.6, 1), "1 run trained at other tolerances; of what the multipliers promise, 60 % comes"),
        (Gain(-0.1, -0.2, 0.0, -0.6, 2), "the other way"),
    ],
)
def test_where_a_band_comes_from(gain, says):
    assert says in describe_trust(gain).replace("\u00a0", " ")
