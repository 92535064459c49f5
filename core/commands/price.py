"""python -m core price RUN: what a change of each tolerance would buy the tasks below, from a finished NMT run.

With --ask a question as a person asks it, answered from all that was trained: `--ask relevance=0.002 --unit auc`.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import click

from core.commands.options import FILE, Command, Numbers, any_field, quiet, report, show, wants_json
from core.commands.sweep import train_sweeps
from core.data.description import Task
from core.data.registry import card
from core.errors import PrecedenceError
from core.events.events import EVENT
from core.home import home
from core.insight.prices import PricedRun, predict
from core.narration.question import answer_json, describe_change, level, read_unit
from core.runs.comparable_runs import comparable_runs, priced_run
from core.runs.folder.run_folder import RunFolder
from core.runs.run_prices import priced
from core.runs.workers.run_to_completion import run_to_completion
from core.runs.workers.torch_engine import engine
from core.settings.address import from_query, pairs, parse
from core.settings.run import RunConfig
from core.sweeps.answer import answer
from core.sweeps.question import (
    ENOUGH_SEEDS,
    KnownRun,
    Question,
    asked_config,
    checked,
    known_runs,
    missing,
    training_seconds,
)
from core.sweeps.read_off import ReadOff, read_off_runs, readable


@click.command(cls=Command)
@click.argument("run", required=False)
@click.argument("more", metavar="[FOLDER]…", nargs=-1, type=FILE)
@click.option(
    "--change",
    type=Numbers(float, "-0.5,0.5"),
    default="-0.5,0.5",
    help="Changes of each tolerance as shares of it, with commas.",
)
@click.option("--beside", type=FILE, multiple=True, metavar="FOLDER", help="The same as FOLDER: a run that checks.")
@click.option("--ask", metavar="TASK=AMOUNT", help="Instead of RUN: what may be lost, e.g. relevance=0.002.")
@click.option(
    "--unit", default="metric", help="Of the amount and the answer: metric (or its name: auc), loss, percent."
)
@click.option("--gain", metavar="TASK", help="What gains by it; by default the next task.")
@click.option("--dataset", default="shop", help="Data set of the question; its default run is what is asked about.")
@any_field
@click.option("--seeds", type=click.IntRange(1, 50), default=ENOUGH_SEEDS, help="That an answer should rest on.")
@click.option("--train", "trains", is_flag=True, help="Train what is missing, then answer.")
@click.option("--read", "reads", is_flag=True, help="First read it off models of trained runs, where that can be.")
@click.option("--workers", type=click.IntRange(1, 64), help="Processes that train; as many as there are cores.")
@quiet
def price(
    run: str | None,
    more: tuple[Path, ...],
    change: tuple[float, ...],
    beside: tuple[Path, ...],
    ask: str | None,
    **asked: Any,
) -> dict[str, Any]:
    """Say what a change of each tolerance would buy the tasks below, from a finished NMT run.

    RUN is a run's name, as the app lists it, or a folder that `train --out` wrote; FOLDERs of other runs check its
    prices. JSON: `tasks{name:{tolerance multiplier predicted{change:{task:gain}} band checks}}`, gains in normalised
    loss. With --ask: `found`, `tasks{name:{before after change low high unit}}`, `more_than_noise`, `sentence`,
    `missing`.
    """
    if ask is not None:
        if run is not None:
            raise PrecedenceError(f"--ask is about a data set's settings, not about the run '{run}'; leave one out.")
        return _asked(ask, **asked)
    if run is None:
        raise click.UsageError(
            "Missing argument 'RUN'; or ask a question: --ask relevance=0.002 --unit auc --gain click."
        )
    if not change or min(change) < -1:
        raise PrecedenceError("--change takes away more than the whole tolerance; give shares from -1 on.")
    mine, others = _read(run)
    others = [*others, *(_of_folder(folder) for folder in (*beside, *more))]
    result = prices(mine, others, change)
    _show(result)
    return result


def _asked(
    ask: str,
    unit: str,
    gain: str | None,
    dataset: str,
    settings: tuple[str, ...],
    seeds: int,
    trains: bool,
    reads: bool,
    workers: int | None,
    quiet: bool,
) -> dict[str, Any]:
    base = from_query({"dataset.name": dataset, **pairs(settings)}, flags={"dataset.name": "--dataset"})
    about = card(base.dataset)
    tasks = {task.name: task for task in about.tasks}
    question = _question(ask, unit, gain, base, tasks)
    place = home().resolve()
    known = _known(place, base, question)
    if reads:
        for one in readable(base, question, known):
            _read_off(place, one)
        known = _known(place, base, question)
    lacking = missing(base, question, known, seeds)
    at_once = min(workers or os.cpu_count() or 1, max(1, len(lacking.runs)))
    seconds = training_seconds(place, asked_config(base, question), lacking.steps, at_once)
    if trains and lacking.runs:
        if not quiet:
            report(f"{len(lacking.runs)} runs, at most {lacking.steps:,} steps, about {seconds:.0f} s")
        train_sweeps(lacking.sweeps, workers, quiet)
        known = _known(place, base, question)
        lacking = missing(base, question, known, seeds)
    found = answer(question, known)
    result = answer_json(found, lacking, tasks, seconds)
    show(result["question"]["text"], result["sentence"], result["source"])
    for name, moved in ((question.task, found.lost), (question.gainer, found.gained)):
        if moved is not None:
            change = describe_change(moved, question.unit)
            show(f"{tasks[name].title}: {level(moved.before)} → {level(moved.after)}, {change}, on the test rows")
    if lacking.runs and not trains:
        show(f"--train trains them: at most {lacking.steps:,} steps, about {seconds:.0f} s.")
    return result


def _known(place: Path, base: RunConfig, question: Question) -> list[KnownRun]:
    return [*known_runs(place, base, question), *read_off_runs(place, base, question)]


def _read_off(place: Path, asked: ReadOff) -> None:
    folder = RunFolder.create(place, asked.config, start=asked.start)
    if run_to_completion(place, folder.run_id, engine()) != "finished":
        raise PrecedenceError(folder.status().error or f"Run {folder.run_id} ended before its model was read off.")


def _question(ask: str, unit: str, gain: str | None, base: RunConfig, tasks: Mapping[str, Task]) -> Question:
    ((name, text),) = pairs((ask,), "--ask").items()
    order = base.priority or tuple(tasks)
    if name not in tasks:
        raise PrecedenceError(f"There is no task '{name}'; the data set has {', '.join(tasks)}.")
    kind = read_unit(unit, tasks[name])
    try:
        lost = float(text) / (100 if kind == "relative" else 1)
    except ValueError:
        raise PrecedenceError(f"'--ask {ask}' names no number; write TASK=AMOUNT, e.g. relevance=0.002.") from None
    rest = order[order.index(name) + 1 :] if name in order else ()
    other = gain or (rest[0] if rest else next(task for task in tasks if task != name))
    return checked(Question(name, lost, kind, other), list(tasks.values()))


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
