"""python -m core bench peers: methods against the plain weighted sum, at equal steps and at equal backward passes.

A step of a method on task gradients costs one backward a task, and as many again where it asks the batch once more
(CoGrad's exact and lookahead curvatures); the weighted sum's costs one. So every variant is set beside two weighted
sums of the same seed: one of as many steps, and one of as many backward passes, whose learning rate falls over its own
steps. Differences are paired by seed, with 95 % t-intervals.

Settings are chosen on validation rows; test rows are read only where they are asked for.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import fmean
from typing import Any, Literal

import torch

from core.data.dataset import Dataset
from core.data.registry import load_dataset
from core.errors import PrecedenceError
from core.events import events as ev
from core.methods.interface import Problem
from core.methods.registry import METHODS, PLAIN
from core.settings.address import from_query, pairs
from core.settings.run import RunConfig
from core.statistics import mean_and_half
from core.training.knobs import check_several
from core.training.loop import Trainer
from core.training.schedule import stage_lengths

Rows = Literal["validation", "test"]


@dataclass(frozen=True)
class Result:
    """What one finished run reached on the rows that were asked for."""

    loss: dict[str, float]
    metric: dict[str, float]  # of test rows alone
    correction: float | None  # mean of the last half of the run's records


def measure(
    dataset: str,
    tasks: Sequence[str],
    variants: Sequence[str],
    rows: Rows,
    seeds: int,
    first_seed: int,
    settings: dict[str, str],
    report: Callable[[str], None],
) -> dict[str, Any]:
    """`rows`: one a variant and task. A variant is a method's name with its settings behind: "cograd gamma=10"."""
    configs = {variant: config_of(dataset, tasks, variant, settings) for variant in variants}
    plain = config_of(dataset, tasks, PLAIN, settings)
    data = load_dataset(plain.dataset)
    names = list(plain.priority or data.description.card.task_names())
    check_several(names)
    lengths = {variant: sum(stage_lengths(config, len(names))) for variant, config in configs.items()}
    backwards = {variant: lengths[variant] * backwards_a_step(config, names) for variant, config in configs.items()}
    found: dict[str, list[Result]] = {variant: [] for variant in variants}
    beside: dict[int, list[Result]] = {steps: [] for steps in {*lengths.values(), *backwards.values()}}
    for seed in range(first_seed, first_seed + seeds):
        for steps, results in beside.items():
            results.append(_trained(plain.model_copy(update={"seed": seed, "stage_steps": steps}), data, rows))
        for variant, config in configs.items():
            found[variant].append(_trained(config.model_copy(update={"seed": seed}), data, rows))
        report(f"{dataset}: seed {seed} done")
    return {
        "rows": [
            {
                "dataset": dataset,
                "variant": variant,
                "task": task,
                "split": rows,
                "seeds": seeds,
                "first_seed": first_seed,
                "steps": lengths[variant],
                "backwards": backwards[variant],
                "correction": _mean([result.correction for result in results]),
                **_compared(results, task, beside[lengths[variant]], beside[backwards[variant]]),
            }
            for variant, results in found.items()
            for task in names
        ]
    }


def config_of(dataset: str, tasks: Sequence[str], variant: str, settings: dict[str, str]) -> RunConfig:
    """The data set's default run with this method; raises PrecedenceError for a method or a setting that is none."""
    kind, *own = variant.split() or [""]
    if kind not in METHODS:
        raise PrecedenceError(f"There is no method '{kind}'; choose from {', '.join(METHODS)}.")
    fields = {"dataset.name": dataset, "method.kind": kind, "reference": "false", "probe_every": "0", **settings}
    if tasks:
        fields["priority"] = ",".join(tasks)
    return from_query(fields | {f"method.{name}": value for name, value in pairs(own).items()})


def backwards_a_step(config: RunConfig, tasks: Sequence[str]) -> int:
    """How many backward passes a step takes: 1, or one a task, or twice as many where curvature is asked for."""
    method = config.method.build(Problem(tuple(tasks), torch.ones(len(tasks))))
    if method.needs == "losses":
        return 1
    return len(tasks) * (2 if getattr(method, "needs_replay", False) else 1)


def _trained(config: RunConfig, data: Dataset, rows: Rows) -> Result:
    corrections: list[float] = []
    finished: ev.Event | None = None
    for turn in Trainer(config, data).run():
        corrections += [
            event.correction for event in turn if isinstance(event, ev.Step) and event.correction is not None
        ]
        finished = turn[-1] if turn else finished
    assert isinstance(finished, ev.Finished)
    last = corrections[len(corrections) // 2 :]
    tasks = finished.tasks.items()
    losses = {name: task.validation_loss if rows == "validation" else task.loss for name, task in tasks}
    metrics = {name: task.metric for name, task in tasks if rows == "test"}
    return Result(
        {name: loss for name, loss in losses.items() if loss is not None},
        {name: metric for name, metric in metrics.items() if metric is not None},
        fmean(last) if last else None,
    )


def _compared(
    results: Sequence[Result], task: str, steps: Sequence[Result], passes: Sequence[Result]
) -> dict[str, Any]:
    """Loss and metric of a variant, and their paired differences from the weighted sums."""
    out: dict[str, Any] = {}
    for what in ("loss", "metric"):
        mine = [getattr(result, what).get(task) for result in results]
        out[what] = _mean(mine)
        for name, rivals in (("steps", steps), ("backwards", passes)):
            theirs = [getattr(result, what).get(task) for result in rivals]
            both = [(a, b) for a, b in zip(mine, theirs, strict=True) if a is not None and b is not None]
            out[f"{what}_at_equal_{name}"] = mean_and_half([a - b for a, b in both]) if both else None
    return out


def _mean(values: Sequence[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return fmean(known) if known else None
