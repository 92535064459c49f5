"""The way of the learning rate: up, and down to its end along a line or half a cosine."""

from __future__ import annotations

import math

import pytest

from core.settings.run import OptimiserConfig, RunConfig
from core.training.primal import learning_rate

MOST = 200


def rates(**fields):
    config = OptimiserConfig(learning_rate=0.2, warm_up=10, final_rate=0.1, **fields)
    return [learning_rate(config, step, MOST, trained=False, share=1.0) for step in range(1, MOST + 1)]


@pytest.mark.parametrize("schedule", ["linear", "cosine"])
def test_both_rise_to_the_height_and_end_at_the_same_rate(schedule):
    way = rates(schedule=schedule)
    assert way[:10] == sorted(way[:10])
    assert way[10:] == sorted(way[10:], reverse=True)
    assert way[-1] == pytest.approx(0.02)


def test_a_cosine_is_half_way_down_in_the_middle_and_below_the_line_after_it():
    line, cosine = rates(), rates(schedule="cosine")
    assert cosine[MOST // 2 - 1] == pytest.approx(line[MOST // 2 - 1]) == pytest.approx(0.2 * 0.55)
    assert cosine[149] == pytest.approx(0.2 * (1 - 0.9 * (1 + math.sqrt(0.5)) / 2))
    assert all(c < a for c, a in zip(cosine[101:-1], line[101:-1], strict=True))


def test_configs_from_before_schedules_stay_equal():
    before = RunConfig()
    assert before.optimiser.schedule == "linear"
    assert before == RunConfig.model_validate({"optimiser": {"schedule": "linear"}, "model": {"activation": "relu"}})
