"""The weighted sum: fixed weights, and losses taken relative to the best constant's."""

from __future__ import annotations

import torch

from core.methods.interface import Problem
from core.methods.weighted_sum import WeightedSumConfig
from core.settings.presets import default_run
from core.users.study.transfer import joint

BASE = torch.tensor([0.5, 2.0, 0.1])


def test_losses_count_by_what_the_best_constant_has_where_asked_for():
    problem = Problem(("a", "b", "c"), BASE)
    plain = WeightedSumConfig(weights={"b": 4.0}).build(problem)
    relative = WeightedSumConfig(weights={"b": 4.0}, relative=True).build(problem)
    for method in (plain, relative):
        method.begin(method.stages((0, 1, 2))[0])
    assert plain.weights().tolist() == [1, 4, 1]
    torch.testing.assert_close(relative.weights(), torch.tensor([2.0, 2.0, 10.0]))


def test_a_study_keeps_the_weighted_sum_that_it_was_given():
    base = default_run("shop_histories")
    given = base.model_copy(update={"method": WeightedSumConfig(relative=True)})
    assert joint(given, ("ctr", "shop")).method == WeightedSumConfig(relative=True)
    assert joint(base, ("ctr",)).method == WeightedSumConfig()
