"""python -m core sweep: a grid of runs from a config file or from flags, to its end; interrupted, it goes on later."""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from pathlib import Path
from typing import Any

from core.errors import PrecedenceError
from core.home import home
from core.narration.sweep import summary
from core.runs.workers.pool import MOST_WORKERS
from core.runs.workers.registry import SERVER_SILENT_AFTER, read_server
from core.runs.workers.supervisor import Supervisor
from core.sweeps.description import SweepConfig, parse_sweep
from core.sweeps.folder import SweepFolder, progress_of
from core.sweeps.service import Sweeps
from core.training.address import from_query, pairs

PAUSE = 0.2  # seconds between two looks
SAY_EVERY = 10.0  # seconds between two lines about the progress


def add(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("config", nargs="?", type=Path, help="sweep as JSON, as the page downloads it; flags override")
    parser.add_argument("--resume", metavar="SWEEP", help="go on with a sweep that was interrupted")
    parser.add_argument("--dataset", default="shop", help="data set of the base run; its default run is the base")
    parser.add_argument("--set", action="append", default=[], metavar="FIELD=VALUE", help="any field of the base run")
    parser.add_argument("--methods", default="", help="with commas, e.g. nmt,weighted_sum,pcgrad")
    parser.add_argument("--priority", default="", help="orders with semicolons: relevance,click;click,relevance")
    parser.add_argument("--tolerance", action="append", default=[], metavar="TASK=VALUES", help="relevance=0,0.01,0.05")
    parser.add_argument("--weight", action="append", default=[], metavar="TASK=VALUES", help="click=0.1,0.3,1,3,10")
    parser.add_argument("--seeds", default="", help="with commas: 0,1,2")
    parser.add_argument("--no-sharing", action="store_true", help="train every stage of every point anew")
    parser.add_argument("--warm", action="store_true", help="begin stages from finished neighbours, in half the steps")
    parser.add_argument("--stop-dominated", action="store_true", help="end points early that another clearly beats")
    parser.add_argument("--ray", action="store_true", help="train on the cluster named by PRECEDENCE_RAY_ADDRESS")
    parser.add_argument("--workers", type=int, help="processes on this machine; as many as it has cores")
    parser.add_argument("--quiet", action="store_true", help="no progress on standard error")


def run(arguments: argparse.Namespace) -> dict[str, Any]:
    """`sweep`, `points` of {config tasks feasible dominated seconds …}, `hypervolume`, `seconds`, `sentences`."""
    workers = arguments.workers or min(MOST_WORKERS, os.cpu_count() or 1)
    if not 1 <= workers <= 64:
        raise PrecedenceError(f"--workers {arguments.workers} cannot be used; expected 1 to 64.")
    began = time.monotonic()
    server = read_server(home())
    alone = server is None or time.time() - server.heartbeat > SERVER_SILENT_AFTER or not server.process_exists()
    supervisor = Supervisor(home(), workers if alone else None)
    sweeps = Sweeps(supervisor)
    try:
        if arguments.resume:
            folder = SweepFolder(home(), arguments.resume)
            folder.config()
        else:
            config = read_sweep(arguments)
            folder = SweepFolder(home(), sweeps.submit(config, _tasks(config)))
        if alone:  # else the app's own workers train, and its driver may be faster than this one
            supervisor.start()
        _wait(folder, sweeps, arguments.quiet)
    finally:
        sweeps.close()
        if alone:
            supervisor.close()
    return summary(folder, time.monotonic() - began)


def read_sweep(arguments: argparse.Namespace) -> SweepConfig:
    """The file's sweep, or the default run of the data set, with the flags on top."""
    fields: dict[str, Any] = {}
    if arguments.config is not None:
        try:
            fields = json.loads(arguments.config.read_text())
        except (OSError, UnicodeDecodeError, json.JSONDecodeError) as error:
            raise PrecedenceError(
                f"The sweep file {arguments.config} cannot be read ({error}); give a JSON file."
            ) from error
        if not isinstance(fields, dict):
            raise PrecedenceError(f"The sweep file {arguments.config} holds no object; give one with a base run.")
    if arguments.set or "base" not in fields:
        query = pairs(arguments.set)
        base = parse_sweep(fields, f"file {arguments.config.name}").base if "base" in fields else None
        if base is None:
            query.setdefault("dataset.name", arguments.dataset)
        fields["base"] = from_query(query, base).model_dump()
    flags: dict[str, Any] = {
        "methods": _names(arguments.methods),
        "priorities": [_names(order) for order in arguments.priority.split(";") if order],
        "tolerances": _grids(arguments.tolerance, "--tolerance"),
        "weights": _grids(arguments.weight, "--weight"),
        "seeds": [_number(text, "--seeds", int) for text in _names(arguments.seeds)],
    }
    fields |= {name: value for name, value in flags.items() if value}
    given = {"warm_start": arguments.warm, "stop_dominated": arguments.stop_dominated}
    fields |= {name: True for name, flag in given.items() if flag}
    if arguments.no_sharing:
        fields["shared_stages"] = False
    if arguments.ray:
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
            print(f"sweep {folder.sweep_id}: {now.done} of {now.points} points{left}", file=sys.stderr)
        time.sleep(PAUSE)


def _tasks(config: SweepConfig) -> tuple[str, ...]:
    from core.data.registry import card

    return card(config.base.dataset).task_names()


def _names(text: str) -> list[str]:
    return [name.strip() for name in text.split(",") if name.strip()]


def _grids(given: list[str], flag: str) -> dict[str, list[float]]:
    grids = pairs(given, flag).items()
    return {name: [_number(value, f"{flag} {name}", float) for value in _names(values)] for name, values in grids}


def _number(text: str, flag: str, kind: type[int] | type[float]) -> Any:
    try:
        return kind(text)
    except ValueError:
        raise PrecedenceError(f"'{flag}' names {text!r}; expected numbers with commas.") from None
