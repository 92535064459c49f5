"""The calculations of the side process against what geometry says, and what they refuse."""

from __future__ import annotations

import json
import math

import pytest

from core.methods.registry import METHODS
from core.runs.sidecar.answering import answer
from core.runs.sidecar.calculations import CALCULATIONS, directions, non_conflict_cone, paths, surface

pytestmark = pytest.mark.slow  # imports torch


def ask(name, arguments):
    return answer(json.dumps({"id": 1, "name": name, "arguments": arguments}), CALCULATIONS)


def test_every_method_gives_an_update_of_two_and_of_three_gradients():
    for gradients in ([[1.4, 0.4], [-0.9, 0.8]], [[1.4, 0.2], [-0.2, 1.3], [-0.8, 0.5]]):
        result = directions({"gradients": gradients})
        assert set(result["methods"]) == set(METHODS)
        for said in result["methods"].values():
            update = said["update"]
            expected = [sum(a * b for a, b in zip(row, update, strict=True)) for row in gradients]
            assert said["products"] == pytest.approx(expected)


def test_methods_by_hand():
    """g₁ = (1, 0), g₂ = (−1, 1): PCGrad projects each on the other's normal plane; a multiplier weighs."""
    result = directions({"gradients": [[1.0, 0.0], [-1.0, 1.0]], "multiplier": 3.0})["methods"]
    assert result["nmt"]["update"] == pytest.approx([(3 * 1 - 1) / 4, 1 / 4])
    assert slope(result["pcgrad"]["update"]) == pytest.approx(math.atan2(1.5, 0.5))  # (½, ½) + (0, 1)
    assert slope(result["mgda"]["update"]) == pytest.approx(math.atan2(2, 1), abs=0.02)  # the hull's shortest: (.2, .4)
    assert slope(result["weighted_sum"]["update"]) == pytest.approx(math.pi / 2)
    assert slope(result["single_task"]["update"]) == pytest.approx(0)


def slope(update):
    """Direction alone: methods give a sum or a mean."""
    return math.atan2(update[1], update[0])


def test_methods_that_promise_no_harm_stay_in_the_cone():
    gradients = [[1.3, 0.2], [-0.7, 0.9]]
    result = directions({"gradients": gradients, "methods": ["upgrad", "dualproj", "mgda", "pcgrad"]})
    (low, high), *_ = result["cone"]
    for said in result["methods"].values():
        assert min(said["products"]) > -1e-6
        angle = math.atan2(said["update"][1], said["update"][0])
        assert any(low - 1e-3 <= angle + turn <= high + 1e-3 for turn in (-2 * math.pi, 0, 2 * math.pi))


@pytest.mark.parametrize("seed", range(40))
def test_the_cone_is_where_no_gradient_objects(seed):
    """Against asking every direction of a fine compass."""
    state = seed * 7919 + 1
    gradients = []
    for _ in range(2 + seed % 2):
        state = (1103515245 * state + 12345) % 2**31
        angle = state / 2**31 * 2 * math.pi
        gradients.append([math.cos(angle) * (1 + seed), math.sin(angle)])
    arcs = non_conflict_cone(gradients)
    for step in range(3600):
        angle = 2 * math.pi * step / 3600
        objections = [x * math.cos(angle) + y * math.sin(angle) for x, y in gradients]
        if min(map(abs, objections)) < 1e-6 * (1 + seed):
            continue
        inside = any(low <= angle + turn <= high for low, high in arcs for turn in (-2 * math.pi, 0, 2 * math.pi))
        assert inside == all(value > 0 for value in objections)


def test_cones_at_the_edge():
    assert non_conflict_cone([[0, 0], [0, 0]]) == [(-math.pi, math.pi)]
    opposed = non_conflict_cone([[1, 0], [-2, 0]])
    assert sorted(round(math.sin(low)) for low, _ in opposed) == [-1, 1]
    assert all(high - low < 1e-6 for low, high in opposed)
    thirds = [[math.cos(turn * 2 * math.pi / 3), math.sin(turn * 2 * math.pi / 3)] for turn in range(3)]
    assert non_conflict_cone(thirds) == []


def test_a_zero_gradient_is_answered():
    result = directions({"gradients": [[0.0, 0.0], [1.0, 0.0]]})
    assert result["cosines"][0] == [None, None]
    for said in result["methods"].values():
        assert "problem" in said or all(map(math.isfinite, said["update"]))


@pytest.mark.parametrize(
    ("name", "arguments", "says"),
    [
        ("directions", {"gradients": [[1, 2], [1]]}, "same number of coordinates"),
        ("directions", {"gradients": []}, "at least 1"),
        ("directions", {"gradients": [[float("nan"), 1]]}, "cannot be used"),
        ("directions", {"gradients": [[1, 2]], "methods": ["magic"]}, "no method 'magic'"),
        ("directions", {"gradients": [[1, 2]], "surprise": 1}, "surprise"),
        ("path", {"landscape": "moon", "start": [0, 0]}, "no landscape 'moon'"),
        ("path", {"landscape": "quadratic", "start": [0, 0], "steps": 10**9}, "steps"),
        ("surface", {"landscape": "quadratic", "cells": 10**6}, "cells"),
        ("surface", None, "cannot be used"),
    ],
)
def test_what_cannot_be_calculated_is_told_in_one_sentence(name, arguments, says):
    said = ask(name, arguments)
    assert says in said["problem"]
    assert "\n" not in said["problem"]
    assert said["problem"].count(". ") == 0
    assert said["problem"].endswith(".")


def test_a_surface_holds_the_losses_of_the_landscape():
    """½ |θ − a|² of the quadratic, by hand."""
    result = surface({"landscape": "quadratic", "cells": 9})
    for row, y in enumerate(result["y"]):
        for column, x in enumerate(result["x"]):
            assert result["losses"][0][row][column] == pytest.approx(0.5 * (x**2 + y**2), rel=1e-5)
            assert result["losses"][1][row][column] == pytest.approx(0.5 * ((x - 0.6) ** 2 + (y - 0.8) ** 2), rel=1e-5)


def test_the_path_of_nmt_ends_on_its_bound():
    """With ε = .02 the quadratic's solution keeps L₁ = .02 at multiplier 4 (distance √(2ε) from task 1's optimum)."""
    asked = {"landscape": "quadratic", "start": [-0.4, 0.9], "methods": ["nmt"], "steps": 2000}
    way = paths(asked)["methods"]["nmt"]
    assert {len(way[name]) for name in ("x", "y", "stage", "multiplier")} == {2001}
    assert way["losses"][0][-1] == pytest.approx(0.02, abs=2e-3)
    assert way["multiplier"][-1] == pytest.approx(4, rel=0.1)
    assert way["stage"][0] == 0
    assert way["stage"][-1] == 1


def test_everything_calculated_is_json():
    for name, arguments in (
        ("landscapes", {}),
        ("surface", {"landscape": "valley", "cells": 11}),
        ("path", {"landscape": "concave", "start": [0, 1], "methods": ["weighted_sum"], "steps": 5}),
        ("directions", {"gradients": [[1, 0], [0, 1]], "methods": ["cagrad"]}),
    ):
        said = ask(name, arguments)
        assert "result" in said
        json.dumps(said, allow_nan=False)
