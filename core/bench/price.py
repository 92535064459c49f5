"""python -m core bench price: what multipliers promise for a change of tolerance, against training that change.

For every seed one run at the base tolerance and one at each changed one. The *raw* prediction is the multipliers' bare
promise, *alone* what is believed of it without any other run; the *checked* one uses the same changes as trained under
the other seeds, never its own. An error is |predicted − gained| / |gained|; the noise of training sets its floor, so
the gains are reported beside it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from statistics import fmean, median, stdev
from typing import Any

from core.data.registry import load_dataset
from core.errors import PrecedenceError
from core.insight.prices import PricedRun, checks, predict, promise
from core.runs.run_prices import priced
from core.settings.address import from_query, pairs
from core.settings.run import RunConfig


def measure(
    dataset: str,
    task: str | None,
    shares: Sequence[float],
    seeds: int,
    settings: Sequence[str],
    report: Callable[[str], None],
) -> dict[str, Any]:
    """`rows` of one seed, change and gainer each; `gainers` sums them up. `task`: by default the most important."""
    import torch

    torch.set_num_threads(1)
    fields = {"dataset.name": dataset, "reference": "false", "probe_every": "0"}
    config = from_query(fields | pairs(settings))
    data = load_dataset(config.dataset)
    order = config.priority or data.description.card.task_names()
    task = task or order[0]
    if task not in order[:-1]:
        raise PrecedenceError(f"The tolerance of '{task}' has no price; choose from {', '.join(order[:-1])}.")
    before = config.tolerance_of(task)
    runs: dict[tuple[int, float], PricedRun] = {}
    for seed in range(seeds):
        for share in (0.0, *shares):
            runs[seed, share] = _trained(config, data, seed, task, before * (1 + share))
        report(f"seed {seed} done")
    rows = [row for seed in range(seeds) for share in shares for row in _rows(runs, seed, share, task)]
    return {"rows": rows, "gainers": {name: _summary(rows, name) for name in order[order.index(task) + 1 :]}}


def _trained(config: RunConfig, data: Any, seed: int, task: str, tolerance: float) -> PricedRun:
    from core.training.loop import Trainer

    tolerances = {**config.tolerances, task: tolerance}
    mine = config.model_copy(update={"seed": seed, "tolerances": tolerances})
    return priced([event for turn in Trainer(mine, data).run() for event in turn], mine)


def _rows(runs: dict[tuple[int, float], PricedRun], seed: int, share: float, task: str) -> list[dict[str, Any]]:
    base, changed = runs[seed, 0.0], runs[seed, share]
    others = checks([run for (other, _), run in runs.items() if other != seed])
    wanted = {task: changed.tolerances[task]}
    bare, alone, checked = promise(base, wanted), predict(base, wanted), predict(base, wanted, others)
    return [
        {
            "seed": seed,
            "change": share,
            "gainer": name,
            "multiplier": next(stage.held[task].multiplier for stage in base.stages if stage.objective == name),
            "slack": next(stage.held[task].slack for stage in base.stages if stage.objective == name),
            "raw": bare[name],
            "alone": alone[name].gain,
            "checked": checked[name].gain,
            "low": checked[name].low,
            "high": checked[name].high,
            "gained": base.losses()[name] - changed.losses()[name],
            "gainer_loss": base.losses()[name],
        }
        for name in list(base.losses())[list(base.losses()).index(task) + 1 :]
    ]


def _summary(rows: list[dict[str, Any]], gainer: str) -> dict[str, Any]:
    mine = [row for row in rows if row["gainer"] == gainer]
    gained = [row["gained"] for row in mine]
    changes = sorted({row["change"] for row in mine})
    return {
        "multiplier": fmean(row["multiplier"] for row in mine),
        "mean_gain": {
            f"{share:+g}": fmean(row["gained"] for row in mine if row["change"] == share) for share in changes
        },
        "spread_of_gain": {
            f"{share:+g}": _spread([row["gained"] for row in mine if row["change"] == share]) for share in changes
        },
        "share_that_came_true": sum(row["raw"] * row["gained"] for row in mine)
        / (sum(row["raw"] ** 2 for row in mine) or 1),
        "median_error_raw": _error(mine, "raw"),
        "median_error_alone": _error(mine, "alone"),
        "median_error_checked": _error(mine, "checked"),
        "pooled_error_raw": _pooled(mine, "raw", changes),
        "pooled_error_checked": _pooled(mine, "checked", changes),
        "coverage": fmean(row["low"] <= row["gained"] <= row["high"] for row in mine) if gained else None,
    }


def _error(rows: list[dict[str, Any]], of: str) -> float | None:
    known = [abs(row[of] - row["gained"]) / abs(row["gained"]) for row in rows if row["gained"]]
    return median(known) if known else None


def _pooled(rows: list[dict[str, Any]], of: str, changes: list[float]) -> float | None:
    """The same of the means over seeds, worst change."""
    errors = []
    for share in changes:
        part = [row for row in rows if row["change"] == share]
        gained = fmean(row["gained"] for row in part)
        if gained:
            errors.append(abs(fmean(row[of] for row in part) - gained) / abs(gained))
    return max(errors) if errors else None


def _spread(values: list[float]) -> float:
    return stdev(values) if len(values) > 1 else 0.0
