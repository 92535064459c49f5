"""A finished run trained once more from what it recorded, and compared bit by bit. Imports torch.

Everything random is drawn from the seed, so on a CPU the same versions, data and threads give the same bits: every
event but the clock, and every weight. Where they do not, what differs is listed, and what the run was made with that
is not as it was.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch

from core.data.dataset import Dataset
from core.data.registry import load_dataset
from core.errors import PrecedenceError
from core.events.events import Changed, Event
from core.runs.folder.control import Edit
from core.runs.folder.made import read_made
from core.runs.folder.run_folder import RunFolder, is_run
from core.runs.folder.shared_stages import read_start
from core.runs.folder.tail import Tail
from core.settings.address import parse
from core.settings.run import RunConfig
from core.training.bundle import BUNDLE, load_bundle
from core.training.loop import Trainer
from core.training.made_with import made_with
from core.training.provenance import Provenance
from core.training.stage import Weights

CLOCK = frozenset(("seconds", "version", "device_reason"))
"""Fields of events that say nothing of the training."""
LATER = "constant_loss"
"""A field that logs of before do not have: nothing was recorded, so nothing differs."""
MOST = 5  # differences of one kind that are listed


@dataclass(frozen=True)
class Recorded:
    """What a run left: enough to train it again, and to compare."""

    name: str
    config: RunConfig
    events: list[Event]
    edits: tuple[Edit, ...]
    made: list[Provenance]
    weights: Weights | None
    problems: list[str]  # why the same bits cannot be had again


@dataclass
class Rerun:
    """How the second training compares with the first."""

    differences: list[str] = field(default_factory=list)
    environment: list[str] = field(default_factory=list)  # what the run was made with that is not as it was
    events: int = 0
    tensors: int = 0
    seconds: float = 0.0

    @property
    def identical(self) -> bool:
        return not self.differences

    def as_fields(self) -> dict[str, Any]:
        """As the command prints it."""
        return {
            "identical": self.identical,
            "differences": [*self.differences, *(self.environment if self.differences else ())],
            "environment": self.environment,
            "events": self.events,
            "tensors": self.tensors,
            "seconds": round(self.seconds, 3),
        }


def read_recorded(home: Path, run: str) -> Recorded:
    """A finished run by its name under `home`, or by a folder that `train --out` wrote."""
    if is_run(home, run):
        folder = RunFolder(home, run)
        if folder.result() is None:
            raise PrecedenceError(f"Run {run} is {folder.status().state}; a finished run can be trained once more.")
        start = read_start(folder.path)
        warm = start is not None and not start.stands_alone
        problems = ["It began from models of other runs (a warm start), which are no part of it."] if warm else []
        made, edits = read_made(folder) or _made_of(folder.path), folder.control().edits
        return Recorded(run, folder.config(), folder.events(), edits, made, _weights(folder.path), problems)
    path = Path(run)
    if not (path / "config.json").is_file() or not (path / "result.json").is_file():
        raise PrecedenceError(
            f"There is no finished run {run[:200]!r}, and no folder of that name that holds one; precedence runs list "
            "names the runs."
        )
    config = parse(_json(path / "config.json"), f"file {path.name}/config.json")
    events = Tail(path / "events.jsonl", path / "cut.json", 0).read_all().events
    weights = _weights(path)
    return Recorded(path.name, config, events, (), _made_of(path), weights, [])


def _made_of(folder: Path) -> list[Provenance]:
    return [load_bundle(folder / BUNDLE).about.provenance] if (folder / BUNDLE).is_file() else []


def _json(file: Path) -> Any:
    import json

    try:
        return json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise PrecedenceError(f"{file.name} of {file.parent.name} cannot be read; train the run again.") from error


def _weights(folder: Path) -> Weights | None:
    from safetensors.torch import load_file

    if (folder / BUNDLE).is_file():
        return load_bundle(folder / BUNDLE).weights
    file = folder / "weights.safetensors"
    return load_file(file) if file.is_file() else None


def rerun(recorded: Recorded) -> Rerun:
    """Trains the run once more and says whether every bit is the same."""
    began = time.perf_counter()
    found = Rerun(differences=list(recorded.problems))
    made = recorded.made[0] if recorded.made else Provenance()
    torch.set_num_threads(made.threads)
    dataset = load_dataset(recorded.config.dataset)
    trainer = Trainer(recorded.config, dataset, _device(made, dataset))
    if recorded.made:
        found.environment = made.differences(made_with(trainer.state))
        for later in recorded.made[1:]:
            found.environment += [f"From step {later.from_step} on: {one}" for one in made.differences(later)]
    else:
        found.environment = ["The run is older than the record of versions, data and threads."]
    events = list(_events(trainer, recorded))
    found.events = len(events)
    found.differences += compare_events(recorded.events, events)
    if recorded.weights is not None:
        state = trainer.state
        now = state.kept[-1] if state.kept else state.weights()
        found.tensors = len(now)
        found.differences += compare_weights(recorded.weights, now)
    found.seconds = time.perf_counter() - began
    return found


def _device(made: Provenance, dataset: Dataset) -> str | None:
    """The device that it had, where there is one here; what takes its place is among the differences."""
    if made.device == "cuda" and not torch.cuda.is_available():
        return "cpu"
    return made.device or None


def _events(trainer: Trainer, recorded: Recorded) -> Iterator[Event]:
    """What the run says, with every edit made again where it was made."""
    edits, at = list(recorded.edits), 0
    turns = trainer.run()
    while True:
        while edits and at < len(recorded.events):
            due = recorded.events[at]
            if not isinstance(due, Changed) or trainer.progress.step < due.step:
                break
            try:
                changed = trainer.change(edits.pop(0).knobs)
            except PrecedenceError:  # it was refused then too
                continue
            yield from changed
            at += len(changed)
        try:
            said = next(turns)
        except StopIteration:
            return
        yield from said
        at += len(said)


def compare_events(before: list[Event], now: list[Event]) -> list[str]:
    """The first events that differ, a sentence each; none where all are the same."""
    found = []
    for one, other in zip(before, now, strict=False):
        left_out = CLOCK if getattr(one, LATER, True) else CLOCK | {LATER}
        fields = {name: value for name, value in one.model_dump().items() if name not in left_out}
        others = {name: value for name, value in other.model_dump().items() if name not in left_out}
        if fields != others:
            name = next(name for name in {**fields, **others} if fields.get(name) != others.get(name))
            was, is_now = str(fields.get(name))[:80], str(others.get(name))[:80]
            found.append(f"At step {one.step} '{name}' of the event {one.kind} was {was}, it is {is_now}.")
            if len(found) == MOST:
                break
    if len(before) != len(now):
        found.append(f"The run said {len(before)} things, this one says {len(now)}.")
    return found


def compare_weights(before: Weights, now: Weights) -> list[str]:
    """The weights that differ, a sentence each; none where every bit is the same."""
    found = []
    for name in {**before, **now}:
        one, other = before.get(name), now.get(name)
        if one is None or other is None or one.shape != other.shape:
            found.append(f"The weight {name} is not in both models in one shape.")
        elif not torch.equal(one.cpu(), other.cpu()):
            most = (one.cpu().double() - other.cpu().double()).abs().max().item()
            found.append(f"The weight {name} differs by up to {most:.3g}.")
    return found[:MOST] + ([f"{len(found) - MOST} more weights differ."] if len(found) > MOST else [])
