"""python -m core price RUN: what a change of each tolerance would buy the tasks below, from a finished NMT run."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from core.commands.options import FILE, Command, Numbers, report, show, wants_json
from core.errors import PrecedenceError
from core.events.events import EVENT
from core.home import home
from core.insight.prices import PricedRun, predict
from core.runs.comparable_runs import comparable_runs, priced_run
from core.runs.folder.run_folder import RunFolder
from core.runs.run_prices import priced
from core.settings.address import parse


@click.command(cls=Command)
@click.argument("run")
@click.argument("more", metavar="[FOLDER]…", nargs=-1, type=FILE)
@click.option(
    "--change",
    type=Numbers(float, "-0.5,0.5"),
    default="-0.5,0.5",
    help="Changes of each tolerance as shares of it, with commas.",
)
@click.option("--beside", type=FILE, multiple=True, metavar="FOLDER", help="The same as FOLDER: a run that checks.")
def price(run: str, more: tuple[Path, ...], change: tuple[float, ...], beside: tuple[Path, ...]) -> dict[str, Any]:
    """Say what a change of each tolerance would buy the tasks below, from a finished NMT run.

    RUN is a run's name, as the app lists it, or a folder that `train --out` wrote; FOLDERs of other runs check its
    prices. JSON: `tasks{name:{tolerance multiplier predicted{change:{task:gain}} band checks}}`, gains in normalised
    loss.
    """
    if not change or min(change) < -1:
        raise PrecedenceError("--change takes away more than the whole tolerance; give shares from -1 on.")
    mine, others = _read(run)
    others = [*others, *(_of_folder(folder) for folder in (*beside, *more))]
    result = prices(mine, others, change)
    _show(result)
    return result


def prices(mine: PricedRun, trained: Sequence[PricedRun], shares: Sequence[float]) -> dict[str, Any]:
    """Each task's price and what each change of its tolerance is predicted to bring the tasks below it."""
    tasks: dict[str, Any] = {}
    for task in mine.priced():
        gains = {share: predict(mine, {task: mine.tolerances[task] * (1 + share)}, trained) for share in shares}
        below = list(mine.losses())[mine.priced().index(task) + 1 :]
        last = mine.stages[-1].held[task]
        tasks[task] = {
            "tolerance": mine.tolerances[task],
            "multiplier": last.multiplier,
            "multiplier_error": last.error,
            "moving": last.moving,
            "multipliers": {
                stage.objective: stage.held[task].multiplier for stage in mine.stages if task in stage.held
            },
            "predicted": {f"{share:+g}": {name: gains[share][name].gain for name in below} for share in shares},
            "band": {
                f"{share:+g}": {name: [gains[share][name].low, gains[share][name].high] for name in below}
                for share in shares
            },
            "checks": max((gain.checks for change in gains.values() for gain in change.values()), default=0),
        }
    return {
        "tasks": tasks,
        "unit": "fall of the task's loss on the validation rows, divided by that of the best constant",
    }


def _read(run: str) -> tuple[PricedRun, list[PricedRun]]:
    if Path(run).is_dir():
        return _of_folder(Path(run)), []
    place = home().resolve()
    mine = priced_run(place, run)
    return mine, comparable_runs(place, RunFolder(place, run).config())


def _of_folder(path: Path) -> PricedRun:
    try:
        config = parse(json.loads((path / "config.json").read_text()), f"file {path.name}/config.json")
        lines = (path / "events.jsonl").read_text().splitlines()
    except (OSError, UnicodeDecodeError, json.JSONDecodeError) as error:
        raise PrecedenceError(
            f"The folder {path} is no run ({error}); give one that `train --out` wrote, or a run's name."
        ) from error
    return priced([EVENT.validate_json(line) for line in lines if line], config)


def _show(result: dict[str, Any]) -> None:
    for task, price in result["tasks"].items():
        moving = ", still moving" if price["moving"] else ""
        show(f"{task}: tolerance {price['tolerance']:g}, multiplier {price['multiplier']:.3g}{moving}")
        for change, gains in price["predicted"].items():
            for name, gain in gains.items():
                low, high = price["band"][change][name]
                show(f"  tolerance {float(change):+.0%}: {name} {gain:+.5f}  (90 % band {low:+.5f} to {high:+.5f})")
    most = max((price["checks"] for price in result["tasks"].values()), default=0)
    if not wants_json():
        report(f"gain: {result['unit']}; from {most} runs at other tolerances")
