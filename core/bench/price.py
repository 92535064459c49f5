"""python -m core bench price: what prices predict for half a tolerance less and more, against training that change.

For every seed a small sweep is trained: no tolerance at all, each tolerance of the list, twice the largest. From it
the curve (`core.insight.price_curve`) predicts ±50 % about each tolerance of the list, which is then trained too. No
prediction has seen its target, in any seed, nor any run of another seed. Beside it: *alone*, the same from the one run
at that tolerance; *bare*, that run's multiplier times the change, a straight line; *line*, straight between the losses
of the two trained neighbours, without any multiplier.

An error is |predicted − gained| / |gained| of one seed and one change, so that the noise of training is in it. Of two
tasks under bounds on their losses, a price is read off models in hand as well (`core.bench.price_in_hand`): that is
what `median_error` and `coverage` then are of, and `curve_error` and `curve_coverage` of the curve against the run
trained alone. Seeds 0–4 were looked at when anything was chosen; judge on others.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass
from multiprocessing import get_context
from statistics import fmean, median
from typing import TYPE_CHECKING, Any

from core.bench.price_summary import InHand, summary
from core.data.registry import load_dataset
from core.errors import PrecedenceError
from core.insight.prices import PricedRun, curve_of, predict, promise
from core.methods.interface import ConstrainedConfig
from core.runs.run_prices import priced
from core.settings.address import from_query, pairs
from core.settings.run import RunConfig
from core.training.knobs import check_several

if TYPE_CHECKING:  # torch
    from core.bench.price_in_hand import Pool, Trained

MOST_WORKERS = 4


@dataclass(frozen=True)
class Case:
    """One data set with its settings, and the tolerances whose neighbourhood is judged."""

    title: str
    fields: Mapping[str, str]
    tolerances: tuple[float, ...]
    task: str = ""  # whose tolerance; by default the most important one's


CASES = (
    Case("shop", {"dataset.name": "shop"}, (0.01, 0.03, 0.05)),
    Case("completejourney", {"dataset.name": "completejourney", "priority": "buy_promo,use_coupon"}, (0.01,)),
)
"""What is judged where nobody names a data set."""


def measure(
    dataset: str | None,
    task: str | None,
    shares: Sequence[float],
    tolerances: Sequence[float],
    seeds: int,
    first_seed: int,
    workers: int | None,
    settings: Sequence[str],
    report: Callable[[str], None],
) -> dict[str, Any]:
    """`rows`: one a data set, tolerance and task that gains; `changes`: what they sum up, one a seed and change."""
    cases = [_case(dataset, task, tolerances, settings)] if dataset else [_with(case, settings) for case in CASES]
    for case in cases:
        _order(case)
    jobs = [(case, seed, tuple(shares)) for seed in range(first_seed, first_seed + seeds) for case in cases]
    changes = []
    for (case, seed, _), found in zip(
        jobs, _done(jobs, workers or min(MOST_WORKERS, os.cpu_count() or 1)), strict=True
    ):
        changes += found
        report(f"{case.title}, seed {seed}: done")
    keys = dict.fromkeys((change["dataset"], change["tolerance"], change["gainer"]) for change in changes)
    same = {key: [one for one in changes if (one["dataset"], one["tolerance"], one["gainer"]) == key] for key in keys}
    rows = [_summary(one) for one in same.values()]
    return {"rows": rows, "changes": [{**one, **_plain(one.get("in_hand"))} for one in changes]}


def _plain(in_hand: InHand | None) -> dict[str, Any]:
    return {"in_hand": None if in_hand is None else asdict(in_hand)}


def _done(jobs: Sequence[tuple[Case, int, tuple[float, ...]]], workers: int) -> Iterator[list[dict[str, Any]]]:
    if workers == 1 or len(jobs) == 1:
        yield from map(_one_seed, jobs)
        return
    with ProcessPoolExecutor(min(workers, len(jobs)), get_context("spawn")) as pool:
        yield from pool.map(_one_seed, jobs)


def _case(dataset: str, task: str | None, tolerances: Sequence[float], settings: Sequence[str]) -> Case:
    fields = {"dataset.name": dataset, **pairs(settings)}
    config = from_query(fields)
    first = task or (config.priority or load_dataset(config.dataset).description.card.task_names())[0]
    return Case(dataset, fields, tuple(tolerances) or (config.tolerance_of(first),), task or "")


def _with(case: Case, settings: Sequence[str]) -> Case:
    return Case(case.title, {**case.fields, **pairs(settings)}, case.tolerances, case.task)


def _order(case: Case) -> tuple[str, ...]:
    """The tasks in order, once what is asked for fits them."""
    config = from_query(case.fields)
    order = config.priority or load_dataset(config.dataset).description.card.task_names()
    check_several(order)
    if case.task and case.task not in order[:-1]:
        raise PrecedenceError(f"The tolerance of '{case.task}' has no price; choose from {', '.join(order[:-1])}.")
    if not all(value > 0 for value in case.tolerances):
        raise PrecedenceError(f"The tolerance {min(case.tolerances):g} has no half; give tolerances above 0.")
    return tuple(order)


def _one_seed(job: tuple[Case, int, tuple[float, ...]]) -> list[dict[str, Any]]:
    """All changes of one seed; in a process of its own."""
    import torch

    torch.set_num_threads(1)
    case, seed, shares = job
    order = _order(case)
    task = case.task or order[0]
    config = from_query({**case.fields, "reference": "false", "probe_every": "0", "seed": str(seed)})
    known = sorted({0.0, *case.tolerances, 2 * max(case.tolerances)})
    targets = {round(base * (1 + share), 9) for base in case.tolerances for share in shares}
    runs, pool = _trained(config, task, order, sorted({*known, *targets}))
    sweep = [runs[value] for value in known]
    found = []
    for base in case.tolerances:
        for share in shares:
            changed = runs[round(base * (1 + share), 9)]
            others = [run for run in sweep if run is not changed]  # one base may be another's half
            made = _changes(case, runs[base].priced, changed.priced, task, share, [run.priced for run in others])
            if pool is not None:
                made[0]["in_hand"] = pool.change(others, runs[base], changed, task)
            found += made
    return found


def _trained(
    config: RunConfig, task: str, order: Sequence[str], values: Sequence[float]
) -> tuple[dict[float, Trained], Pool | None]:
    """A run at each tolerance; what comes before the tolerance counts is trained once, as sweeps do. The models are
    searched where bounds are of the loss and the task that gains is the only one below."""
    from core.bench.one_start import from_one_start
    from core.bench.price_in_hand import Pool

    own = [config.model_copy(update={"tolerances": {**config.tolerances, task: value}}) for value in values]
    pool, found = None, {}
    for value, mine, (trainer, events) in zip(
        values, own, from_one_start(own, load_dataset(config.dataset), order.index(task)), strict=True
    ):
        if pool is None:
            names = trainer.state.setup.tasks
            pool = Pool(trainer, names.index(task), names.index(order[-1]))
        found[value] = pool.take(priced(events, mine), trainer)
    method = config.method
    if not isinstance(method, ConstrainedConfig) or method.bound == "ratchet" or len(order) > 2:
        return found, None
    return found, pool if method.tolerance_kind == "relative" else None


def _changes(
    case: Case, base: PricedRun, changed: PricedRun, task: str, share: float, sweep: Sequence[PricedRun]
) -> list[dict[str, Any]]:
    wanted = {task: changed.tolerances[task]}
    bare, alone, curve = promise(base, wanted), predict(base, wanted), predict(base, wanted, sweep)
    return [
        {
            "dataset": case.title,
            "tolerance": base.tolerances[task],
            "change": share,
            "seed": base.seed,
            "gainer": name,
            "multiplier": next(stage.held[task].multiplier for stage in base.stages if stage.objective == name),
            "exponent": fitted.exponent if (fitted := curve_of(base, task, name, sweep)) else None,
            "predicted": curve[name].gain,
            "low": curve[name].low,
            "high": curve[name].high,
            "alone": alone[name].gain,
            "alone_low": alone[name].low,
            "alone_high": alone[name].high,
            "bare": bare[name],
            "line": base.losses()[name] - _on_line(sweep, task, name, wanted[task]),
            "gained": base.losses()[name] - changed.losses()[name],
        }
        for name in list(base.losses())[list(base.losses()).index(task) + 1 :]
    ]


def _on_line(sweep: Sequence[PricedRun], task: str, gainer: str, at: float) -> float:
    import numpy as np

    runs = sorted(sweep, key=lambda run: run.tolerances[task])
    return float(np.interp(at, [run.tolerances[task] for run in runs], [run.losses()[gainer] for run in runs]))


def _summary(changes: Sequence[dict[str, Any]]) -> dict[str, Any]:
    gained = [change["gained"] for change in changes]
    shares = sorted({change["change"] for change in changes})
    bare = sum(change["bare"] ** 2 for change in changes)
    curve, covered = _error(changes, "predicted"), _coverage(changes, "low", "high")
    return {
        "dataset": changes[0]["dataset"],
        "tolerance": changes[0]["tolerance"],
        "gainer": changes[0]["gainer"],
        "median_error": curve,
        "coverage": covered,
        **summary([change["in_hand"] for change in changes if "in_hand" in change]),
        "curve_error": curve,
        "curve_coverage": covered,
        "seeds": len({change["seed"] for change in changes}),
        "changes": len(changes),
        "multiplier": fmean(change["multiplier"] for change in changes),
        "exponent": fmean(change["exponent"] or 0.0 for change in changes),
        "share_that_came_true": sum(change["bare"] * change["gained"] for change in changes) / (bare or 1),
        "median_gain": median(map(abs, gained)),
        "median_half_band": median((change["high"] - change["low"]) / 2 for change in changes),
        "error_of_the_mean": max(_error_of_mean(changes, share) for share in shares),
        "median_error_line": _error(changes, "line"),
        "median_error_alone": _error(changes, "alone"),
        "coverage_alone": _coverage(changes, "alone_low", "alone_high"),
        "median_error_bare": _error(changes, "bare"),
    }


def _error(changes: Sequence[dict[str, Any]], of: str) -> float | None:
    known = [abs(change[of] - change["gained"]) / abs(change["gained"]) for change in changes if change["gained"]]
    return median(known) if known else None


def _coverage(changes: Sequence[dict[str, Any]], low: str, high: str) -> float:
    return fmean(change[low] <= change["gained"] <= change[high] for change in changes)


def _error_of_mean(changes: Sequence[dict[str, Any]], share: float) -> float:
    """The same of the means over seeds."""
    part = [change for change in changes if change["change"] == share]
    gained = fmean(change["gained"] for change in part)
    return abs(fmean(change["predicted"] for change in part) - gained) / (abs(gained) or 1.0)
