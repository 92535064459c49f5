"""python -m core bench ranker: what priorities are worth where all tasks share one score.

*Promise*: for each division of the queries, the most important task alone, then all tasks under a tolerance in points
of NDCG@10. On the test queries, which neither run saw, the mean drop of NDCG@10 should stay within the tolerance plus
its standard error over queries.

*Regret*: the last task's distance to the convex lower envelope of a grid of weights, trained for as many steps each
(`core.insight.regret`), by losses, as everywhere, and by 1 − NDCG@10, which is what a page has of it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from statistics import fmean, median
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from core.data.dataset import Dataset
from core.data.registry import card, load_dataset
from core.events import events as ev
from core.insight.regret import regret
from core.settings.address import from_query
from core.settings.run import RunConfig
from core.statistics import ndcg_of_gains
from core.training.knobs import check_several
from core.training.loop import Trainer
from core.training.measure import predict
from core.training.schedule import stage_lengths

NARROWEST, WIDEST = 0.05, 20.0
"""Weights of the last task against 1 of the others."""

Report = Callable[[str], None]


@dataclass(frozen=True)
class Split:
    """One division of the queries: NDCG@10 of the most important task on its test queries."""

    fold: int
    queries: int
    alone: float
    bounded: float
    drop: float
    standard_error: float
    gain: float  # of the last task, in NDCG@10, over the model of the most important one alone
    kept: bool
    kept_on_validation: bool


def measure(
    dataset: str,
    tolerances: Sequence[float],
    splits: int,
    seeds: int,
    first_seed: int,
    weights: int,
    settings: dict[str, str],
    report: Report,
) -> dict[str, Any]:
    """`promise`: a row a tolerance, over the divisions; `regret`: a row a tolerance, over the seeds."""
    base = from_query({"dataset.name": dataset, "reference": "false", "probe_every": "0", **settings}, flags={})
    check_several(base.priority or card(base.dataset).task_names())
    promises = []
    for tolerance in tolerances:
        each = [_split(base, fold, tolerance, report) for fold in range(splits)]
        if each:
            promises.append(_promise(dataset, tolerance, each))
    rows = []
    found = [_one_seed(base, seed, tolerances, weights, report) for seed in range(first_seed, first_seed + seeds)]
    for at, tolerance in enumerate(tolerances if found else ()):
        rows.append(_regret(dataset, tolerance, [one[at] for one in found]))
    return {"promise": promises, "regret": rows}


# ------------------------------------------------------------------ the promise on unseen queries


def _split(base: RunConfig, fold: int, tolerance: float, report: Report) -> Split:
    data = load_dataset(base.dataset.model_copy(update={"fold": fold}))
    order = base.priority or data.description.card.task_names()
    bounded, kept_on_validation = _trained(base.model_copy(update={"tolerance": tolerance, "seed": fold}), data)
    alone, _ = _trained(base.model_copy(update={"priority": order[:1], "seed": fold}), data)
    first, last = (data.description.card.task_names().index(name) for name in (order[0], order[-1]))
    before, after = _by_query(alone, data, first), _by_query(bounded, data, first)
    drop = before - after
    error = float(drop.std(ddof=1) / len(drop) ** 0.5)
    gain = float(_by_query(bounded, data, last).mean() - _by_query(alone, data, last).mean())
    report(f"fold {fold}, tolerance {tolerance:g}: {drop.mean():+.4f} ± {error:.4f}")
    return Split(
        fold, len(drop), float(before.mean()), float(after.mean()), float(drop.mean()), error, gain,
        kept=bool(drop.mean() <= tolerance + error), kept_on_validation=kept_on_validation,
    )  # fmt: skip


def _trained(config: RunConfig, data: Dataset) -> tuple[torch.nn.Module, bool]:
    """The network of a finished run, and whether its last stage ended within all bounds."""
    trainer = Trainer(config, data, device="cpu")
    events = [event for turn in trainer.run() for event in turn]
    stage = [event for event in events if isinstance(event, ev.StageFinished)][-1]
    return trainer.network, all(value is None or value <= 0 for value in stage.violation)


def _by_query(network: Any, data: Dataset, task: int) -> NDArray[np.float64]:
    """NDCG@10 of each test query that has a gain."""
    rows = data.rows["test"]
    scores, lists = predict(network, data, rows)[:, task], data.groups(rows)
    assert lists is not None
    known = data.mask[rows, task]
    parts = (data.labels[rows, task][known], scores[known], lists[known])
    gains, given, groups = (part.double().numpy() for part in parts)
    return ndcg_of_gains(gains, given, groups)


def _promise(dataset: str, tolerance: float, each: Sequence[Split]) -> dict[str, Any]:
    return {
        "dataset": dataset,
        "tolerance": tolerance,
        "splits": len(each),
        "kept": round(fmean(one.kept for one in each), 3),
        "kept_on_validation": round(fmean(one.kept_on_validation for one in each), 3),
        "mean_drop": round(fmean(one.drop for one in each), 4),
        "mean_standard_error": round(fmean(one.standard_error for one in each), 4),
        "mean_gain": round(fmean(one.gain for one in each), 4),
        "each": [asdict(one) for one in each],
    }


# ------------------------------------------------------------------ regret against a grid of weights


def _one_seed(
    base: RunConfig, seed: int, tolerances: Sequence[float], weights: int, report: Report
) -> list[dict[str, float | None]]:
    data = load_dataset(base.dataset)
    order = base.priority or data.description.card.task_names()
    steps = sum(stage_lengths(base, len(order)))
    spread = np.geomspace(NARROWEST, WIDEST, round(weights ** (1 / (len(order) - 1))))
    grid = []
    for chosen in np.stack(np.meshgrid(*[spread] * (len(order) - 1)), -1).reshape(-1, len(order) - 1):
        method = {"kind": "weighted_sum", "weights": dict(zip(order[1:], map(float, chosen), strict=True))}
        plain = {**base.model_dump(), "method": method, "stage_steps": steps, "seed": seed}
        grid.append(_figures(RunConfig.model_validate(plain), data, order))
    found = []
    for tolerance in tolerances:
        own = _figures(base.model_copy(update={"tolerance": tolerance, "seed": seed}), data, order)
        found.append({name: regret(own[name], np.stack([one[name] for one in grid])) for name in own})
        report(f"seed {seed}, tolerance {tolerance:g}: {found[-1]}")
    return found


def _figures(config: RunConfig, data: Dataset, order: Sequence[str]) -> dict[str, NDArray[np.float64]]:
    """Losses and 1 − NDCG@10 of the tasks in their order, on validation and test rows."""
    trainer = Trainer(config, data, device="cpu")
    for _ in trainer.run():
        pass
    names = data.description.card.task_names()
    out = {}
    for split in ("validation", "test"):
        reading = trainer.state.read(trainer.state.setup.dataset.rows[split])
        out[f"loss_{split}"] = np.array([reading.loss[names.index(name)] for name in order])
        out[f"ndcg_{split}"] = np.array([1 - (reading.metric[names.index(name)] or 0) for name in order])
    return out


def _regret(dataset: str, tolerance: float, each: Sequence[dict[str, float | None]]) -> dict[str, Any]:
    row: dict[str, Any] = {"dataset": dataset, "tolerance": tolerance, "seeds": len(each)}
    for name in each[0]:
        known = [value for one in each if (value := one[name]) is not None]
        row[name] = round(median(known), 4) if known else None
        row[f"{name}_upper_quartile"] = round(float(np.quantile(known, 0.75)), 4) if known else None
        row[f"{name}_covered"] = len(known)
    return row
