"""Stages that several runs have in common, trained once: stages/<key>/ holds a stage's end as state and event log.

A run that begins there goes on with the same bits as if it had trained the stage itself.
"""

from __future__ import annotations

import json
import os
import secrets
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from core.errors import PrecedenceError
from core.events.events import EVENT, Started
from core.files import short_hash
from core.records import put_aside, read_record, write_record
from core.runs.paths import runs_folder, stages_folder

MOST_KEPT = 400  # stage ends; the oldest go first


class Offer(BaseModel):
    """Other models that a stage may begin from: ends of the same stage in neighbouring runs."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    stage: int  # 0-based
    keys: tuple[str, ...]


class Start(BaseModel):
    """Where a run may begin: its `keys` name the ends of its stages; start.json of a run folder."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    keys: tuple[str, ...] = ()
    offers: tuple[Offer, ...] = ()
    share: float = 1.0  # of a stage's steps where it begins from an offered model
    between: tuple[str, ...] = ()
    """Runs whose models the last stage is read off, instead of training: see `core.training.between`."""

    @property
    def stands_alone(self) -> bool:
        """Whether the run's model comes of its own training, whatever part of that another run did for it."""
        return not self.offers and not self.between


def offered_key(key: str, offers: tuple[Offer, ...], share: float) -> str:
    """The key of a stage end that these offers led to: other bits than without them, so another name."""
    said = json.dumps([key, share, [offer.model_dump() for offer in offers]])
    return short_hash(said) if offers else key


class Branched(BaseModel):
    """What a run took over instead of training it; branched.json of a run folder."""

    model_config = ConfigDict(frozen=True, extra="ignore")
    stages: int = 0
    steps: int = 0
    seconds: float = 0.0
    alone: dict[str, int] = {}  # tasks alone that another run has trained, and the steps that each took

    def taken(self) -> int:
        """All steps that the run counts and has not trained."""
        return self.steps + sum(self.alone.values())


class SharedStages:
    """The stage ends under one home that one run can use and add to."""

    def __init__(self, home: Path, start: Start) -> None:
        self._home = home
        self.start = start

    def deepest(self) -> tuple[int, Path] | None:
        """The furthest stage end that is there already, as number of stages and folder."""
        for stages in range(len(self.start.keys), 0, -1):
            folder = stages_folder(self._home) / self.start.keys[stages - 1]
            if (folder / "state.pt").is_file():
                return stages, folder
        return None

    def offered(self) -> dict[int, list[Path]]:
        """Of each stage the states that it may begin from, as far as they are still there."""
        found: dict[int, list[Path]] = {}
        for offer in self.start.offers:
            paths = [stages_folder(self._home) / key / "state.pt" for key in offer.keys]
            found[offer.stage] = [path for path in paths if path.is_file()]
        return found

    def models(self) -> list[Path]:
        """Checkpoints of the runs whose models the last stage is read off, as far as they are still there; raises
        PrecedenceError where none is."""
        paths = [runs_folder(self._home) / run_id / "checkpoint.pt" for run_id in self.start.between]
        found = [path for path in paths if path.is_file()]
        if not found:
            names = ", ".join(self.start.between)
            raise PrecedenceError(f"The runs whose models were to be read are gone ({names}); train the tolerance.")
        return found

    def keep(self, stage: int, log: Path, save: Callable[[Path], None]) -> None:
        """Keeps the end of `stage` (0-based), unless another run was faster; whole or not at all."""
        if stage >= len(self.start.keys) or has_stage(self._home, self.start.keys[stage]):
            return
        folder = stages_folder(self._home) / self.start.keys[stage]
        unfinished = folder.with_name(f".{folder.name}.{secrets.token_hex(4)}")
        unfinished.mkdir(parents=True)
        try:
            save(unfinished / "state.pt")
            shutil.copyfile(log, unfinished / "events.jsonl")
            os.rename(unfinished, folder)
        except OSError:
            shutil.rmtree(unfinished, ignore_errors=True)
            if not has_stage(self._home, self.start.keys[stage]):
                raise


def has_stage(home: Path, key: str) -> bool:
    """Whether the end of the stage with this key is there."""
    return (stages_folder(home) / key / "state.pt").is_file()


def events_so_far(folder: Path, started: Started) -> bytes:
    """The log up to a stage's end, under the opening words of the run that takes it over."""
    lines = []
    for line in (folder / "events.jsonl").read_bytes().splitlines():
        event = EVENT.validate_json(line)
        lines.append((started if isinstance(event, Started) else event).model_dump_json().encode() + b"\n")
    return b"".join(lines)


def prune(home: Path) -> None:
    """Lets the oldest stage ends go where there are more than MOST_KEPT."""
    try:
        folders = sorted(stages_folder(home).iterdir(), key=lambda path: path.stat().st_mtime)
    except FileNotFoundError:
        return
    for folder in folders[:-MOST_KEPT]:
        shutil.rmtree(folder, ignore_errors=True)


def write_start(run: Path, start: Start) -> None:
    write_record(run / "start.json", start)


def read_start(run: Path) -> Start | None:
    """Where the run in this folder may begin; None for one that stands alone."""
    try:
        return read_record(Start, run / "start.json", "delete the run and start it again")
    except FileNotFoundError:
        return None


def write_branched(run: Path, branched: Branched) -> None:
    write_record(run / "branched.json", branched)


def read_branched(run: Path) -> Branched:
    """What the run in this folder took over; nothing for one that trained everything itself."""
    try:
        return read_record(Branched, run / "branched.json", "delete the run and start it again")
    except FileNotFoundError:
        return Branched()


def note_alone(run: Path, begun: Mapping[str, int]) -> None:
    """Notes of tasks alone that begin the steps which another run has trained; those with none are the run's own."""
    if not begun:
        return
    try:
        before = read_branched(run)
    except PrecedenceError as error:
        put_aside(run / "branched.json", error)
        before = Branched()
    alone = {task: steps for task, steps in {**before.alone, **begun}.items() if steps}
    if alone != before.alone:
        write_branched(run, before.model_copy(update={"alone": alone}))
