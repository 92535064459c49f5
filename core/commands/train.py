"""python -m core train: one run from a config file or from flags, to the end, in this process."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from core.errors import PrecedenceError
from core.methods.registry import METHODS
from core.training import events as ev
from core.training.address import from_query, pairs, parse
from core.training.config import RunConfig

if TYPE_CHECKING:
    from core.training.trainer import Trainer


def add(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--config", type=Path, help="run config as JSON, as the page downloads it; flags override it")
    parser.add_argument("--dataset", help="a name that `data list` gives, or own")
    parser.add_argument("--method", help=", ".join(METHODS))
    parser.add_argument("--model", help="shared_bottom, mmoe, ple; dupn (histories), deepbow (pairs of texts)")
    parser.add_argument("--priority", help="task names, most important first, with commas")
    parser.add_argument("--tolerance", help="one for all tasks, or one a task in priority order, with commas")
    parser.add_argument("--seed", help="seed of the run")
    parser.add_argument("--device", help="auto, cpu or cuda")
    parser.add_argument("--threads", type=int, default=1, help="CPU threads; 1 gives the same bits on every machine")
    parser.add_argument(
        "--set", action="append", default=[], metavar="FIELD=VALUE", help="any field: model.trunk=64,32"
    )
    parser.add_argument("--out", type=Path, help="folder for config.json, events.jsonl, result.json, weights")
    parser.add_argument("--quiet", action="store_true", help="no progress on standard error")


def run(arguments: argparse.Namespace) -> dict[str, Any]:
    return trained(arguments, read_config(arguments))[1]


def trained(arguments: argparse.Namespace, config: RunConfig) -> tuple[Trainer, dict[str, Any]]:
    """One run to its end; its files are in the folder `--out`, where one was asked for."""
    import torch

    from core.data.registry import load_dataset
    from core.training.checkpoint import save_weights
    from core.training.trainer import Trainer

    torch.set_num_threads(arguments.threads)
    if arguments.out:
        _make_folder(arguments.out)
    dataset = load_dataset(config.dataset)
    trainer = Trainer(config, dataset)
    events: list[ev.Event] = []
    for turn in trainer.run():
        events += turn
        if not arguments.quiet:
            _report(turn)
    result = summary(events, trainer.device.type)
    if arguments.out:
        (arguments.out / "config.json").write_text(config.model_dump_json(indent=1))
        (arguments.out / "events.jsonl").write_text("".join(event.model_dump_json() + "\n" for event in events))
        (arguments.out / "result.json").write_text(json.dumps(result, indent=1))
        save_weights(arguments.out / "weights.safetensors", trainer)
    return trainer, result


def read_config(arguments: argparse.Namespace, default: RunConfig | None = None) -> RunConfig:
    """The file's config, else `default`, else the default of the data set, with the flags on top."""
    fields: dict[str, str] = {}
    for name, field in (("dataset", "dataset.name"), ("method", "method.kind"), ("model", "model.kind")):
        if getattr(arguments, name):
            fields[field] = getattr(arguments, name)
    for name in ("priority", "seed", "device"):
        if getattr(arguments, name):
            fields[name] = getattr(arguments, name)
    fields.update(_tolerances(arguments))
    fields.update(pairs(arguments.set))
    if arguments.config is None:
        return from_query(fields, default)
    try:
        text = arguments.config.read_text()
        loaded = json.loads(text)
    except (OSError, UnicodeDecodeError, json.JSONDecodeError) as error:
        raise PrecedenceError(
            f"The config file {arguments.config} cannot be read ({error}); give a JSON file."
        ) from error
    base = parse(loaded, f"file {arguments.config.name}")
    return from_query(fields, base) if fields else base


def _tolerances(arguments: argparse.Namespace) -> dict[str, str]:
    if not arguments.tolerance:
        return {}
    values = arguments.tolerance.split(",")
    if len(values) == 1:
        return {"tolerance": values[0]}
    names = [name for name in (arguments.priority or "").split(",") if name]
    if len(values) != len(names):
        raise PrecedenceError(
            f"'--tolerance {arguments.tolerance}' gives {len(values)} values for {len(names)} tasks of --priority; "
            f"give one, or one a task."
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
            note = " (alone, to compare with)" if event.phase == "reference" else ""
            print(f"step {event.step}: {', '.join(event.objective)}{under}{note}", file=sys.stderr)
        elif isinstance(event, ev.StageFinished):
            print(f"step {event.step}: {event.reason}", file=sys.stderr)


def _make_folder(path: Path) -> None:
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise PrecedenceError(f"The folder {path} cannot be made ({error.strerror}); give another --out.") from error
