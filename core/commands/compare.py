"""python -m core compare: several methods on several data sets, the same seeds for all, side by side with intervals."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import click

from core.commands.options import Command, Names, any_field, quiet, report, threads, wants_json
from core.data.registry import names_of
from core.errors import PrecedenceError
from core.events import events as ev
from core.methods.registry import METHODS, PLAIN
from core.settings.address import from_query, pairs
from core.settings.run import RunConfig
from core.statistics import mean_and_half
from core.task_kinds.kinds import KINDS


@click.command(cls=Command)
@click.option("--datasets", type=Names(), default="shop", help=f"Names with commas, of {', '.join(names_of('rows'))}.")
@click.option(
    "--methods", type=Names(), default="nmt,weighted_sum,cograd", help=f"With commas, or all: {','.join(METHODS)}."
)
@click.option("--seeds", type=int, default=5, help="Runs of each, seeds 0 … n − 1.")
@threads
@any_field
@quiet
def compare(
    datasets: tuple[str, ...],
    methods: tuple[str, ...],
    seeds: int,
    threads: int,
    settings: tuple[str, ...],
    quiet: bool,
) -> dict[str, Any]:
    """Train several methods on several data sets with the same seeds, and put them side by side with intervals.

    The Markdown table goes to standard output, with --json to standard error. JSON: `rows` of {dataset method seed
    task metric metric_name loss}, the metric under its own key too, `seeds`, `markdown`.
    """
    import torch

    from core.data.registry import load_dataset

    torch.set_num_threads(threads)
    methods = tuple(METHODS) if methods == ("all",) else methods
    if not datasets or not methods:
        raise PrecedenceError("Nothing is named to compare; give names with commas, e.g. --methods nmt,pcgrad.")
    if seeds < 1:
        raise PrecedenceError(f"A comparison over {seeds} seeds is none; give at least 1.")
    configs = {(d, m): _config(d, m, settings) for d in datasets for m in methods}
    rows: list[dict[str, Any]] = []
    for name in datasets:
        data = load_dataset(configs[name, methods[0]].dataset)
        for method in methods:
            for seed in range(seeds):
                config = configs[name, method].model_copy(update={"seed": seed})
                rows += _row_of(name, method, seed, _finished(config, data))
            if not quiet:
                report(f"{name}: {METHODS[method].title} done")
    markdown = table(rows)
    if not quiet:
        click.echo(markdown, err=wants_json())
    return {"rows": rows, "seeds": seeds, "markdown": markdown}


def _config(dataset: str, method: str, given: Sequence[str]) -> RunConfig:
    if method not in METHODS:
        raise PrecedenceError(f"There is no method '{method}'; choose from {', '.join(METHODS)}.")
    fields = {"dataset.name": dataset, "method.kind": method, "reference": "false", "probe_every": "0"}
    return from_query(fields | pairs(given), flags={})


def _finished(config: RunConfig, data: Any) -> ev.Finished:
    from core.training.loop import Trainer

    last: ev.Event | None = None
    for turn in Trainer(config, data).run():
        last = turn[-1] if turn else last
    assert isinstance(last, ev.Finished)
    return last


def _row_of(dataset: str, method: str, seed: int, finished: ev.Finished) -> Iterable[dict[str, Any]]:
    for task, result in finished.tasks.items():
        yield {
            "dataset": dataset,
            "method": method,
            "seed": seed,
            "task": task,
            "metric": result.metric,
            "metric_name": KINDS[result.kind].metric.name,
            KINDS[result.kind].metric.key: result.metric,
            "loss": result.loss,
        }


def table(rows: Sequence[dict[str, Any]]) -> str:
    """Mean test loss and metric with 95 % intervals over seeds, and each method's paired difference of the metric from
    the weighted sum of the same seeds."""
    names = {row["metric_name"] for row in rows}
    one = names.pop() if len(names) == 1 else ""  # else each figure names its own
    head = one or "metric"
    out = [f"| data | method | task | loss | {head} | {head} − weighted sum |", "|---|---|---|---|---|---|"]
    keys = list(dict.fromkeys((row["dataset"], row["task"], row["method"]) for row in rows))
    for dataset, task, method in sorted(keys, key=lambda key: (key[0], key[1])):
        mine = _by_seed(rows, dataset, task, method)
        plain = _by_seed(rows, dataset, task, PLAIN)
        loss = _interval([row["loss"] for row in mine.values()], 4)
        values = [row["metric"] for row in mine.values() if row["metric"] is not None]
        both = [seed for seed in mine if seed in plain and None not in (mine[seed]["metric"], plain[seed]["metric"])]
        difference = "–"
        if both and method != PLAIN:
            difference = _interval([mine[seed]["metric"] - plain[seed]["metric"] for seed in both], 4, signed=True)
        name = "" if one else f"{next(iter(mine.values()))['metric_name']} "
        metric = name + _interval(values, 4) if values else "–"
        out.append(f"| {dataset} | {METHODS[method].title} | {task} | {loss} | {metric} | {difference} |")
    return "\n".join(out)


def _by_seed(rows: Sequence[dict[str, Any]], dataset: str, task: str, method: str) -> dict[int, dict[str, Any]]:
    key = (dataset, task, method)
    return {row["seed"]: row for row in rows if (row["dataset"], row["task"], row["method"]) == key}


def _interval(values: Sequence[float], digits: int, signed: bool = False) -> str:
    """mean ± half-width of a 95 % interval by Student's t."""
    mean, half = mean_and_half(values)
    shown = f"{mean:+.{digits}f}" if signed else f"{mean:.{digits}f}"
    return shown if half is None else f"{shown} ± {half:.{digits}f}"
