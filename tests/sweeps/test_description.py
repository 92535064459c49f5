"""A sweep's points are exactly its grid; what does not fit is said in one sentence."""

from __future__ import annotations

import itertools

import pytest

from core.errors import PrecedenceError
from core.methods.weighted_sum import WeightedSumConfig
from core.settings.run import RunConfig
from core.sweeps.description import parse_sweep
from core.sweeps.keys import stage_keys

TASKS = ("a", "b", "c")


def sweep(**fields):
    return parse_sweep({"base": RunConfig(stage_steps=10), **fields}, "sweep")


def test_the_points_are_the_product_of_all_that_varies():
    asked = sweep(
        tolerances={"a": (0.0, 0.1), "b": (0.2, 0.3, 0.4)}, priorities=[("a", "b"), ("b", "a", "c")], seeds=(0, 5)
    )
    points = asked.points(TASKS)
    assert len(points) == asked.count() == 2 * 3 * 2 * 2
    found = {
        (point.config.tolerances["a"], point.config.tolerances["b"], point.config.priority, point.config.seed)
        for point in points
    }
    assert found == set(itertools.product((0.0, 0.1), (0.2, 0.3, 0.4), (("a", "b"), ("b", "a", "c")), (0, 5)))
    assert [point.number for point in points] == list(range(len(points)))
    for point in points:
        twins = [other for other in points if other.setting == point.setting]
        assert {
            other.config.model_copy(update={"seed": 0}) == point.config.model_copy(update={"seed": 0})
            for other in twins
        } == {True}
        assert len(twins) == 2


def test_every_method_has_its_own_grid_and_equal_steps():
    asked = sweep(
        methods=("nmt", "weighted_sum", "pcgrad"), tolerances={"a": (0.0, 0.1)}, weights={"b": (1.0, 2.0, 3.0)}
    )
    points = asked.points(TASKS)
    kinds = [point.config.method.kind for point in points]
    assert {kind: kinds.count(kind) for kind in kinds} == {"nmt": 2, "weighted_sum": 3, "pcgrad": 1}
    weights = [p.config.method.weights for p in points if isinstance(p.config.method, WeightedSumConfig)]
    assert weights == [{"b": 1.0}, {"b": 2.0}, {"b": 3.0}]
    assert {p.config.stage_steps for p in points if p.config.method.kind != "nmt"} == {30}
    assert {p.config.stage_steps for p in points if p.config.method.kind == "nmt"} == {10}
    assert not any(point.config.reference for point in points)


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"methods": ("magic",)}, "no method 'magic'"),
        ({"methods": ("pcgrad",), "tolerances": {"a": (0.1,)}}, "vary only under a method with bounds; add nmt"),
        ({"weights": {"a": (0.1,)}}, "vary only under a method with fixed weights; add weighted_sum"),
        ({"tolerances": {"a": (-0.1,)}}, "greater than or equal to 0"),
        ({"tolerances": {"a": ()}}, "tolerances.a"),
        ({"seeds": (1, 1)}, "names something twice"),
        ({"tolerances": {"a": tuple(range(200)), "b": tuple(range(200))}}, "at most 1000"),
        ({"nonsense": 1}, "nonsense"),
    ],
)
def test_what_is_no_sweep_is_refused(fields, says):
    with pytest.raises(PrecedenceError, match=says):
        sweep(**fields)


@pytest.mark.parametrize("fields", [{"tolerances": {"z": (0.1,)}}, {"priorities": [("a", "z")]}])
def test_a_task_that_is_not_there_is_named(fields):
    with pytest.raises(PrecedenceError, match="'z'"):
        sweep(**fields).points(TASKS)


def keys(**fields):
    return stage_keys(RunConfig(**fields), TASKS)


def test_stages_share_a_key_exactly_where_they_train_the_same():
    one = keys(tolerances={"a": 0.1, "b": 0.2})
    assert len(one) == 3
    assert keys(tolerances={"a": 0.1, "b": 0.3})[:2] == one[:2]
    assert keys(tolerances={"a": 0.1, "b": 0.3})[2] != one[2]
    other = keys(tolerances={"a": 0.5, "b": 0.2})
    assert other[0] == one[0]
    assert not set(other[1:]) & set(one[1:])
    assert keys(tolerances={"a": 0.1, "b": 0.2, "c": 9.0}) == one  # nothing is held to the last task's
    assert keys(tolerances={"a": 0.1, "b": 0.2}, reference=False, name="x") == one
    assert not set(keys(tolerances={"a": 0.1, "b": 0.2}, seed=1)) & set(one)
    swapped = keys(priority=("a", "c", "b"), tolerances={"a": 0.1, "c": 0.01, "b": 0.2})
    assert (swapped[0], swapped[1] != one[1], swapped[2] != one[2]) == (one[0], True, True)


def test_other_methods_share_no_stage():
    assert stage_keys(RunConfig(method=WeightedSumConfig()), TASKS) == ()
