"""python -m core sweep: a grid of runs from a config file or from flags, to its end; interrupted, it goes on later."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from core.commands.options import FILE, Command, Names, Numbers, any_field, quiet, read_json, report, split_names
from core.data.registry import card
from core.errors import PrecedenceError
from core.home import home
from core.narration.sweep import summary
from core.runs.workers.pool import MOST_WORKERS
from core.runs.workers.registry import SERVER_SILENT_AFTER, read_server
from core.runs.workers.supervisor import Supervisor
from core.settings.address import from_query, pairs
from core.sweeps.description import SweepConfig, parse_sweep
from core.sweeps.folder import SweepFolder
from core.sweeps.progress import progress_of
from core.sweeps.service import Sweeps

PAUSE = 0.2  # seconds between two looks
SAY_EVERY = 10.0  # seconds between two lines about the progress


@dataclass(frozen=True)
class Grid:
    """What a command line says of a sweep: a file, the base run, and what is varied."""

    config: Path | None
    dataset: str
    settings: tuple[str, ...]
    methods: tuple[str, ...]
    priority: str
    tolerance: tuple[str, ...]
    weight: tuple[str, ...]
    seeds: tuple[int, ...]
    no_sharing: bool
    warm: bool
    stop_dominated: bool
    ray: bool


@click.command(cls=Command)
@click.argument("config", required=False, type=FILE)
@click.option("--resume", metavar="SWEEP", help="Go on with a sweep that was interrupted.")
@click.option("--dataset", default="shop", help="Data set of the base run; its default run is the base.")
@any_field
@click.option("--methods", type=Names(), default="", help="With commas, e.g. nmt,weighted_sum,pcgrad.")
@click.option("--priority", default="", help="Orders with semicolons: relevance,click;click,relevance.")
@click.option("--tolerance", multiple=True, metavar="TASK=VALUES", help="Again and again: relevance=0,0.01,0.05.")
@click.option("--weight", multiple=True, metavar="TASK=VALUES", help="Again and again: click=0.1,0.3,1,3,10.")
@click.option("--seeds", type=Numbers(int, "0,1,2"), default="", help="With commas: 0,1,2.")
@click.option("--no-sharing", is_flag=True, help="Train every stage of every point anew.")
@click.option("--warm", is_flag=True, help="Begin stages from finished neighbours, in half the steps.")
@click.option("--stop-dominated", is_flag=True, help="End points early that another clearly beats.")
@click.option("--ray", is_flag=True, help="Train on the cluster named by PRECEDENCE_RAY_ADDRESS.")
@click.option("--workers", type=click.IntRange(1, 64), help="Processes on this machine; as many as it has cores.")
@quiet
def sweep(resume: str | None, workers: int | None, quiet: bool, **grid: Any) -> dict[str, Any]:
    """Train a grid of runs, from CONFIG (a sweep as JSON, as the page downloads it) or from flags, which override it.

    Interrupted, it goes on later: --resume. JSON: `sweep`, `points` of {config tasks feasible dominated seconds …},
    `hypervolume`, `regret` of {task: {slice test}} against the weight grid, `compute_ratio`, `seconds`, `sentences`.
    """
    began = time.monotonic()
    with _sweeps(workers) as (sweeps, begin):
        if resume:
            folder = SweepFolder(home(), resume)
            folder.config()
        else:
            config = read_sweep(Grid(**grid))
            folder = SweepFolder(home(), sweeps.submit(config, card(config.base.dataset).task_names()))
        begin()
        _wait(folder, sweeps, quiet)
    return summary(folder, time.monotonic() - began)


def train_sweeps(configs: Sequence[SweepConfig], workers: int | None = None, quiet: bool = False) -> None:
    """Each to its end, one after the other."""
    with _sweeps(workers) as (sweeps, begin):
        names = [sweeps.submit(config, card(config.base.dataset).task_names()) for config in configs]
        begin()
        for name in names:
            _wait(SweepFolder(home(), name), sweeps, quiet)


@contextmanager
def _sweeps(workers: int | None) -> Iterator[tuple[Sweeps, Callable[[], None]]]:
    """And what lets them begin once they are asked for: trained by processes of this command, or by the app's own
    where it is running, whose driver may be faster than this one."""
    server = read_server(home())
    alone = server is None or server.quiet() > SERVER_SILENT_AFTER or not server.process_exists()
    supervisor = Supervisor(home(), (workers or min(MOST_WORKERS, os.cpu_count() or 1)) if alone else None)
    sweeps = Sweeps(supervisor)
    try:
        yield sweeps, (supervisor.start if alone else lambda: None)
    finally:
        sweeps.close()
        if alone:
            supervisor.close()


def read_sweep(grid: Grid) -> SweepConfig:
    """The file's sweep, or the default run of the data set, with the flags on top."""
    fields: dict[str, Any] = {}
    if grid.config is not None:
        fields = read_json(grid.config, "sweep file")
        if not isinstance(fields, dict):
            raise PrecedenceError(f"The sweep file {grid.config} holds no object; give one with a base run.")
    if grid.settings or "base" not in fields:
        query = pairs(grid.settings)
        base = parse_sweep(fields, f"file {grid.config}").base if "base" in fields else None
        if base is None:
            query.setdefault("dataset.name", grid.dataset)
        fields["base"] = from_query(query, base, {"dataset.name": "--dataset"}).model_dump()
    flags: dict[str, Any] = {
        "methods": list(grid.methods),
        "priorities": [split_names(order) for order in grid.priority.split(";") if order],
        "tolerances": _grids(grid.tolerance, "--tolerance"),
        "weights": _grids(grid.weight, "--weight"),
        "seeds": list(grid.seeds),
        "warm_start": grid.warm,
        "stop_dominated": grid.stop_dominated,
    }
    fields |= {name: value for name, value in flags.items() if value}
    if grid.no_sharing:
        fields["shared_stages"] = False
    if grid.ray:
        fields["workers"] = "ray"
    return parse_sweep(fields, "sweep")


def _wait(folder: SweepFolder, sweeps: Sweeps, quiet: bool) -> None:
    said_at = 0.0
    while not folder.is_over():
        sweeps.tick()
        if why := sweeps.trouble(folder.sweep_id):
            raise PrecedenceError(why)
        if not quiet and time.monotonic() - said_at > SAY_EVERY:
            said_at = time.monotonic()
            now = progress_of(folder)
            left = "" if now.left is None else f", about {now.left:.0f} s left"
            report(f"sweep {folder.sweep_id}: {now.done} of {now.points} points{left}")
        time.sleep(PAUSE)


def _grids(given: Sequence[str], flag: str) -> dict[str, list[float]]:
    grids = pairs(given, flag).items()
    return {name: [_number(value, f"{flag} {name}") for value in split_names(values)] for name, values in grids}


def _number(text: str, flag: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise PrecedenceError(f"'{flag}' names {text!r}; expected numbers with commas.") from None
