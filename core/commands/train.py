"""python -m core train: one run from a config file or from flags, to the end, in this process."""

from __future__ import annotations

import functools
import json
from collections.abc import Callable
from dataclasses import dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from core.commands.options import FILE, Command, any_field, config_flag, quiet, read_json, report, show, threads
from core.errors import PrecedenceError
from core.events import events as ev
from core.records import record_text
from core.settings.address import from_query, pairs, parse
from core.settings.run import RunConfig

if TYPE_CHECKING:
    from core.training.loop import Trainer


@dataclass(frozen=True)
class RunFlags:
    """What a command line says of a run: a file, fields on top of it, and how it is trained here."""

    config: Path | None = None
    dataset: str | None = None
    method: str | None = None
    model: str | None = None
    priority: str | None = None
    tolerance: str | None = None
    seed: str | None = None
    device: str | None = None
    threads: int = 1
    settings: tuple[str, ...] = ()
    out: Path | None = None
    quiet: bool = False


_RUN_FLAGS = (
    click.option("--config", type=FILE, help="Run config as JSON, as the page downloads it; flags override it."),
    config_flag("--dataset", RunConfig, "dataset.name", "`data list` names them"),
    config_flag("--method", RunConfig, "method.kind"),
    config_flag("--model", RunConfig, "model.kind", "dupn reads histories, deepbow pairs of texts"),
    config_flag("--priority", RunConfig, "priority", "With commas"),
    config_flag(
        "--tolerance", RunConfig, "tolerance", "One for all tasks, or one a task in priority order, with commas"
    ),
    config_flag("--seed", RunConfig, "seed"),
    config_flag("--device", RunConfig, "device"),
    threads,
    any_field,
    click.option(
        "--out",
        type=FILE,
        help="Folder for config.json, events.jsonl, result.json, the weights, and model.zip to predict with.",
    ),
    quiet,
)


def run_flags(function: Callable[..., Any]) -> Callable[..., Any]:
    """Gives a command the flags of a run, as its first argument."""

    @functools.wraps(function)
    def with_flags(**given: Any) -> Any:
        mine = {field.name: given.pop(field.name) for field in fields(RunFlags)}
        return function(RunFlags(**mine), **given)

    decorated: Callable[..., Any] = with_flags
    for option in reversed(_RUN_FLAGS):
        decorated = option(decorated)
    return decorated


@click.command(cls=Command)
@run_flags
def train(flags: RunFlags) -> dict[str, Any]:
    """Train one run from a config file or from flags, to its end, in this process."""
    result = trained(flags, read_config(flags))[1]
    show(*result["sentences"])
    return result


def trained(
    flags: RunFlags, config: RunConfig, progress: Callable[[int, int], None] = lambda done, most: None
) -> tuple[Trainer, dict[str, Any]]:
    """One run to its end; its files are in the folder `--out`, where one was asked for.

    `progress` is told the steps that are done, and how many there are at most.
    """
    import torch

    from core.data.registry import load_dataset
    from core.home import home
    from core.narration.at_most import at_most_before
    from core.narration.run import describe
    from core.runs.estimate import accept
    from core.training.bundle import BUNDLE, save_bundle
    from core.training.checkpoint import save_weights
    from core.training.loop import Trainer

    torch.set_num_threads(flags.threads)
    accept(config)
    for sentence in [] if flags.quiet else at_most_before(home(), config):
        report(sentence)
    if flags.out:
        _make_folder(flags.out)
    dataset = load_dataset(config.dataset)
    trainer = Trainer(config, dataset)
    events: list[ev.Event] = []
    for turn in trainer.run():
        events += turn
        if turn and isinstance(events[0], ev.Started):
            progress(turn[-1].step, events[0].most_steps)
        if not flags.quiet:
            _report(turn)
    titles = {task.name: task.title for task in dataset.description.card.tasks}
    said = describe(events, titles, unit=config.tolerance_kind)
    result = summary(events, trainer.state.setup.device.type) | {"sentences": said}
    if flags.out:
        (flags.out / "config.json").write_text(record_text(config, indent=1))
        (flags.out / "events.jsonl").write_text("".join(event.model_dump_json() + "\n" for event in events))
        (flags.out / "result.json").write_text(json.dumps(result, indent=1))
        save_weights(flags.out / "weights.safetensors", trainer.state)
        save_bundle(flags.out / BUNDLE, trainer.state, flags.out.name)
    return trainer, result


def read_config(flags: RunFlags, default: RunConfig | None = None) -> RunConfig:
    """The file's config, else `default`, else the default of the data set, with the flags on top."""
    given = {
        "dataset.name": flags.dataset,
        "method.kind": flags.method,
        "model.kind": flags.model,
        "priority": flags.priority,
        "seed": flags.seed,
        "device": flags.device,
    }
    said, set_ = {name: value for name, value in given.items() if value} | _tolerances(flags), pairs(flags.settings)
    own = {name: _flag(name) for name in said if name not in set_}
    fields = said | set_
    if flags.config is None:
        return from_query(fields, default, own)
    base = parse(read_json(flags.config, "config file"), f"file {flags.config.name}")
    return from_query(fields, base, own) if fields else base


def _flag(field: str) -> str:
    """The flag that this command has for a field: --dataset for dataset.name, --tolerance for a task's."""
    return f"--{field.partition('.')[0].replace('tolerances', 'tolerance')}"


def _tolerances(flags: RunFlags) -> dict[str, str]:
    if not flags.tolerance:
        return {}
    values = flags.tolerance.split(",")
    if len(values) == 1:
        return {"tolerance": values[0]}
    names = [name for name in (flags.priority or "").split(",") if name]
    if len(values) != len(names):
        which = f"for {len(names)} tasks of --priority" if names else "and no --priority says of which tasks"
        raise PrecedenceError(
            f"'--tolerance {flags.tolerance}' gives {len(values)} values {which}; give one for all, or one a task."
        )
    return {f"tolerances.{name}": value for name, value in zip(names, values, strict=True)}


def summary(events: list[ev.Event], device: str) -> dict[str, Any]:
    """The run as one JSON object."""
    finished = next(event for event in reversed(events) if isinstance(event, ev.Finished))
    stages = [event for event in events if isinstance(event, ev.StageFinished)]
    keep = ("phase", "objective", "reason", "kept_step", "gain", "step")
    return {
        "status": "finished",
        "device": device,
        "steps": finished.step,
        "seconds": round(finished.seconds, 3),
        "stages": [{key: getattr(stage, key) for key in keep} for stage in stages],
        "tasks": {name: result.by_key() for name, result in finished.tasks.items()},
    }


def _report(turn: list[ev.Event]) -> None:
    for event in turn:
        if isinstance(event, ev.StageStarted):
            under = f" within the bounds of {', '.join(event.constraints)}" if event.constraints else ""
            note = {"reference": " (alone, to compare with)", "together": " (together, without bounds)", "main": ""}
            report(f"step {event.step}: {', '.join(event.objective)}{under}{note[event.phase]}")
        elif isinstance(event, ev.StageFinished):
            report(f"step {event.step}: {event.reason}")


def _make_folder(path: Path) -> None:
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise PrecedenceError(f"The folder {path} cannot be made ({error.strerror}); give another --out.") from error
