"""Toy surfaces: their known facts, and paths that end where theory says."""

from __future__ import annotations

import math

import pytest
import torch

from core.errors import PrecedenceError
from core.insight.landscapes import LANDSCAPES, path
from core.methods.registry import METHODS


@pytest.mark.parametrize("name", LANDSCAPES)
def test_the_named_optima_are_optima(name):
    surface = LANDSCAPES[name]
    for task, optimum in enumerate(surface.optima):
        at = torch.tensor(optimum, dtype=torch.float64)
        _, gradients = surface.gradients(at)
        assert gradients[task].abs().max() < 1e-12
        around = at + 0.05 * torch.randn(100, 2, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
        assert (surface.losses(around)[:, task] >= surface.losses(at)[task]).all()


@pytest.mark.parametrize("name", LANDSCAPES)
def test_losses_take_whole_grids(name):
    grid = torch.rand(5, 4, 2)
    assert LANDSCAPES[name].losses(grid).shape == (5, 4, 2)
    assert torch.equal(LANDSCAPES[name].losses(grid)[2, 3], LANDSCAPES[name].losses(grid[2, 3]))


def test_nmt_ends_at_the_exact_solution_and_price_of_the_quadratic():
    surface = LANDSCAPES["quadratic"]
    end = path("quadratic", "nmt", surface.starts[0], 600)[-1]
    away = math.sqrt(2 * surface.tolerance)
    assert math.hypot(end.x, end.y) == pytest.approx(away, rel=0.01)
    assert (end.x, end.y) == (pytest.approx(0.6 * away, rel=0.02), pytest.approx(0.8 * away, rel=0.02))
    assert end.multiplier == pytest.approx(1 / away - 1, rel=0.02)


def test_nmt_walks_along_its_constraint_in_the_valley():
    points = path("valley", "nmt", LANDSCAPES["valley"].starts[0], 3000)
    reached = points[999].losses[0]
    last = points[2700:]
    assert all(point.stage == 1 for point in last)
    assert [p.losses[0] for p in last] == pytest.approx([reached + 0.5] * len(last), abs=0.01)
    assert last[-1].x == pytest.approx(1 - math.sqrt(0.5), abs=0.02)


@pytest.mark.parametrize("kind", ["weighted_sum", "upgrad", "mgda", "nash_mtl", "cagrad"])
def test_paths_end_on_the_pareto_set(kind):
    end = path("quadratic", kind, LANDSCAPES["quadratic"].starts[1], 400)[-1]
    assert abs(0.8 * end.x - 0.6 * end.y) < 0.02  # off the line between the optima
    assert -0.01 <= 0.6 * end.x + 0.8 * end.y <= 1.01


def test_a_sum_falls_to_an_end_of_the_concave_front_and_smooth_tchebycheff_stays_inside():
    start = LANDSCAPES["concave"].starts[0]
    assert abs(path("concave", "weighted_sum", start, 400)[-1].x) > 0.9
    assert abs(path("concave", "stch", start, 400)[-1].x) < 0.05


@pytest.mark.parametrize("kind", METHODS)
def test_every_method_walks_every_landscape(kind):
    for name, surface in LANDSCAPES.items():
        points = path(name, kind, surface.starts[0], 12)
        assert len(points) == 13
        assert points == path(name, kind, surface.starts[0], 12)  # the same again
        assert (points[0].x, points[0].y) == surface.starts[0]


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("moon", "nmt", (0.0, 0.0)), "no landscape 'moon'"),
        (("valley", "magic", (0.0, 0.0)), "no method 'magic'"),
        (("valley", "nmt", (math.nan, 0.0)), "two finite numbers"),
        (("valley", "nmt", (0.0, 0.0), 0), "at least 1"),
    ],
)
def test_what_cannot_be_walked_is_refused_in_a_sentence(arguments, says):
    with pytest.raises(PrecedenceError, match=says):
        path(*arguments)


def test_a_path_that_diverges_stops():
    assert len(path("valley", "weighted_sum", (2.0, 3.0), 300, rate=1.0)) < 300
