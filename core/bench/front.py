"""python -m core bench front: what runs under bounds pay for not knowing the weights, over seeds.

For every seed a grid of weights is trained side by side (`core.bench.side_by_side`), and the most important task alone
with it, or read from where an earlier call kept them (`core.bench.grids`); then one run under bounds a tolerance, with
what they have in common trained once. All have as many steps.

*Regret*: how far the last task lies above the convex lower envelope of the grid at the same losses of the others, as a
share of the range of the grid's front (`core.insight.regret`). *Of a lane*: what the nearest setting of the grid has
itself, against the others; the envelope is the best of many noisy trainings. *Over the bound*: of protected tasks on
test rows, their loss over that of the model that set the bound, less the tolerance, as a share of that loss. *Over
alone*: of the most important task on test rows, its loss over that of its single-task run.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass
from itertools import product
from pathlib import Path
from statistics import fmean, median
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from core.bench.grid_settings import quantile, settings_alone
from core.bench.grids import trained_or_kept
from core.bench.one_start import from_one_start
from core.bench.side_by_side import Lanes
from core.data.dataset import Dataset
from core.data.registry import load_dataset
from core.errors import PrecedenceError
from core.events import events as ev
from core.insight.regret import regret, regret_of_nearest
from core.methods.interface import ConstrainedConfig
from core.runs.run_prices import priced
from core.settings.address import from_query
from core.settings.run import RunConfig
from core.training.knobs import check_several
from core.training.loop import Trainer
from core.training.schedule import stage_lengths

LEAST, MOST = 0.02, 50.0
"""Weights of each lower task against 1 of the most important one."""

Losses = NDArray[np.float64]


@dataclass(frozen=True)
class Point:
    """One run under bounds beside its seed's grid; losses are those of the tasks in their order."""

    seed: int
    tolerance: float
    regret_validation: float | None  # None where the grid has no losses as low
    regret_test: float | None
    lane_validation: float | None  # the same of the nearest weights of the grid, against the others
    lane_test: float | None
    kept: bool  # every bound, on the validation rows
    over_bound: float | None  # on test rows, of the protected task that is furthest over; None of bounds on a metric
    over_alone: float  # on test rows
    multiplier: float | None  # of the last stage's first bound, mean of its last half; None of bounds on a metric
    at_rest: bool | None  # it no longer moved
    resting: float | None  # cosine of the last stage's two forces at its end
    losses_validation: list[float]
    losses_test: list[float]


def measure(
    dataset: str,
    tolerances: Sequence[float],
    seeds: int,
    first_seed: int,
    weights: int,
    settings: dict[str, str],
    report: Callable[[str], None],
    grids: Path | None = None,
) -> dict[str, Any]:
    """`rows`: one a tolerance over the seeds; `points`: what they sum up, one a seed and tolerance; `settings`: what
    each of the grid comes to itself. `grids` is the folder in which grids are kept; None trains them anew."""
    base = from_query({"dataset.name": dataset, "reference": "false", **settings}, flags={"dataset.name": "--dataset"})
    if not isinstance(base.method, ConstrainedConfig):
        raise PrecedenceError(f"The method '{base.method.kind}' keeps no bounds; choose one that does, e.g. nmt.")
    data = load_dataset(base.dataset)
    names = data.description.card.task_names()
    order = [names.index(name) for name in base.priority or names]
    check_several([names[task] for task in order])
    base = base.model_copy(update={"probe_every": stage_lengths(base, len(order))[-1]})  # at the end of the last stage
    settings_of_grid = grid_of(len(names), order, weights)
    points, each = [], []
    for seed in range(first_seed, first_seed + seeds):
        config = base.model_copy(update={"seed": seed})
        each.append(_grid(config, data, order, settings_of_grid, grids, report))
        points += _one_seed(config, data, order, tolerances, each[-1], report)
    steps, plain = sum(stage_lengths(base, len(order))), base.stage_steps * len(order)
    ratio = steps / (plain * len(settings_of_grid))
    rows = [_row(dataset, value, [point for point in points if point.tolerance == value]) for value in tolerances]
    return {
        "rows": [{**row, "grid": len(settings_of_grid), "compute_ratio": round(ratio, 4)} for row in rows],
        "points": [asdict(point) for point in points],
        "settings": settings_alone(each, settings_of_grid, order, names, tolerances),
    }


def grid_of(tasks: int, order: Sequence[int], weights: int) -> Tensor:
    """[L, K] about so many settings: 1 for the first task of the order, values in equal ratios for each lower one."""
    lower = order[1:]
    each = max(2, round(weights ** (1 / len(lower))))
    out = torch.zeros(each ** len(lower), tasks)
    out[:, order[0]] = 1
    out[:, list(lower)] = torch.tensor(list(product(np.geomspace(LEAST, MOST, each).tolist(), repeat=len(lower))))
    return out


def _grid(
    config: RunConfig, data: Dataset, order: list[int], grid: Tensor, folder: Path | None,
    report: Callable[[str], None],
) -> Lanes:  # fmt: skip
    """Of the grid's weights and, as the last lane, of the most important task alone."""
    alone = torch.zeros(1, grid.shape[1])
    alone[0, order[0]] = 1
    fields = {"method": {"kind": "weighted_sum"}, "stage_steps": config.stage_steps * len(order)}
    weighted = RunConfig.model_validate({**config.model_dump(), **fields})
    return trained_or_kept(weighted, data, torch.cat((grid, alone)), folder, report)


def _one_seed(
    config: RunConfig, data: Dataset, order: list[int], tolerances: Sequence[float], lanes: Lanes,
    report: Callable[[str], None],
) -> list[Point]:  # fmt: skip
    rivals = {split: getattr(lanes, split)[:-1, order].double().numpy() for split in ("validation", "test")}
    single = float(lanes.test[-1, order[0]])
    out = []
    each = [config.model_copy(update={"tolerance": value, "tolerances": {}}) for value in tolerances]
    for trainer, events in from_one_start(each, data, 0):
        point = _point(trainer, events, order, rivals, single)
        report(
            f"seed {point.seed}, tolerance {point.tolerance:g}: regret {_shown(point.regret_validation)} on validation "
            f"rows, {_shown(point.regret_test)} on test rows; {point.over_alone:+.1%} over its single-task run"
        )
        out.append(point)
    return out


def _point(
    trainer: Trainer, events: list[ev.Event], order: list[int], rivals: dict[str, Losses], single: float
) -> Point:
    state = trainer.state
    config, rows = state.config, state.setup.dataset.rows
    mine = {split: np.array(state.read(rows[split]).loss)[order] for split in ("validation", "test")}
    ends = [event for event in events if isinstance(event, ev.StageFinished) and event.phase == "main"]
    multiplier, at_rest = _multiplier(events, config)
    probes = [event.resting for event in events if isinstance(event, ev.Probed) and event.stage == ends[-1].stage]
    return Point(
        seed=config.seed,
        tolerance=config.tolerance,
        regret_validation=regret(mine["validation"], rivals["validation"]),
        regret_test=regret(mine["test"], rivals["test"]),
        lane_validation=regret_of_nearest(mine["validation"], rivals["validation"]),
        lane_test=regret_of_nearest(mine["test"], rivals["test"]),
        kept=all(value is None or value <= 0 for value in ends[-1].violation),
        over_bound=_over_bounds(trainer, order, mine["test"]),
        over_alone=float(mine["test"][0] / single - 1),
        multiplier=multiplier,
        at_rest=at_rest,
        resting=probes[-1] if probes else None,
        losses_validation=mine["validation"].tolist(),
        losses_test=mine["test"].tolist(),
    )


def _multiplier(events: list[ev.Event], config: RunConfig) -> tuple[float, bool] | tuple[None, None]:
    """Of the last stage's first bound, and whether it was at rest; a price of points of a metric takes more readings
    within the bounds than a run has to have."""
    if config.tolerance_kind == "metric":
        return None, None
    run = priced(events, config)
    held = run.stages[-1].held[run.stages[0].objective]
    return held.multiplier, not held.moving


def _over_bounds(trainer: Trainer, order: list[int], losses: Losses) -> float | None:
    """Of the protected task that is furthest over: test loss over that of the model that set its bound, less its
    tolerance, as a share. Of a tolerance in points of a metric the loss says nothing."""
    state = trainer.state
    if state.bounds.kind == "metric":
        return None
    together = int(state.plan[0].kind == "together")
    out = []
    for place, task in enumerate(order[:-1]):
        state.setup.network.load_state_dict(state.kept[together + place])
        before = state.read(state.setup.dataset.rows["test"]).loss[task]
        share = state.bounds.tolerance(task).item() / state.bounds.protected[task].validation_loss.item()
        out.append(float(losses[place]) / before - 1 - share)
    state.setup.network.load_state_dict(state.kept[-1])
    return max(out)


def _row(dataset: str, tolerance: float, points: Sequence[Point]) -> dict[str, Any]:
    known, lanes = _of_splits(points, "regret"), _of_splits(points, "lane")
    shares = all(point.over_bound is not None for point in points)
    rests = [point.at_rest for point in points if point.at_rest is not None]
    return {
        "dataset": dataset,
        "tolerance": tolerance,
        "seeds": len(points),
        "regret": _of_each(known, 0.5),
        "regret_upper_quartile": _of_each(known, 0.75),
        "regret_of_lane": _of_each(lanes, 0.5),
        "regret_of_lane_upper_quartile": _of_each(lanes, 0.75),
        "covered": {split: len(values) for split, values in known.items()},
        "kept": fmean(point.kept for point in points),
        "over_bound": _median(point.over_bound for point in points),
        "over_alone": median(point.over_alone for point in points),
        "within_alone": fmean(point.over_alone <= tolerance for point in points) if shares else None,
        "multiplier": _median(point.multiplier for point in points),
        "at_rest": fmean(rests) if rests else None,
        "resting": _median(point.resting for point in points),
    }


def _of_splits(points: Sequence[Point], name: str) -> dict[str, list[float]]:
    """Of each split, the values that are known."""
    return {
        split: [value for point in points if (value := getattr(point, f"{name}_{split}")) is not None]
        for split in ("validation", "test")
    }


def _of_each(known: dict[str, list[float]], at: float) -> dict[str, float | None]:
    return {split: quantile(values, at) for split, values in known.items()}


def _median(values: Iterable[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return median(known) if known else None


def _shown(value: float | None) -> str:
    return "not covered" if value is None else f"{value:+.3f}"
