"""Curves out of step events."""

from __future__ import annotations

from core.events.events import Step
from core.runs.folder.series import Series


def step(number, **more):
    nothing = [None, None, None]
    plain = {"loss": [0.5, None, 0.7], "multiplier": nothing, "weight": nothing, "violation": nothing}
    return Step(step=number, stage=0, **plain, violation_train=nothing, seconds=0.0, **more)


def test_what_is_not_defined_leaves_no_point():
    series = Series("abc")
    series.add(step(4))
    assert series.columns() == {"loss/a": {"x": [4], "y": [0.5]}, "loss/c": {"x": [4], "y": [0.7]}}


def test_the_cheap_angle_is_a_curve_of_each_pair_and_the_correction_one_of_its_own():
    series = Series("abc")
    series.add(step(4, pairs=[(0, 2), (1, 2)], last_layer_cosine=[-0.25, None], correction=1e-3))
    series.add(step(8, pairs=[(0, 2), (1, 2)], last_layer_cosine=[0.5, 0.75]))
    columns = series.columns()
    assert columns["last_layer_cosine/a|c"] == {"x": [4, 8], "y": [-0.25, 0.5]}
    assert columns["last_layer_cosine/b|c"] == {"x": [8], "y": [0.75]}
    assert columns["correction/update"] == {"x": [4], "y": [0.001]}
