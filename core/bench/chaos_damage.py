"""The second half of the chaos bench: files of every kind damaged, and bits of a checkpoint turned over."""

from __future__ import annotations

import random
import shutil
import tempfile
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import psutil

from core.bench.chaos_engine import WORKER, values
from core.data.sources.uploaded.look import columns_of_table
from core.errors import PrecedenceError
from core.events.events import Step
from core.runs.doctor import examine
from core.runs.folder.run_folder import RunFolder, is_run, run_ids
from core.runs.library import Library
from core.runs.sidecar.confined import confined
from core.runs.workers.supervisor import Supervisor
from core.sweeps.folder import SweepFolder, sweep_ids
from core.sweeps.progress import progress_of
from core.sweeps.service import Sweeps

NOBODY = (WORKER[0], "-c", "")  # in a worker's place: nothing is to be trained
MOST_ALONE = 8  # runs of the home in which files are damaged, beside those of a sweep

WAYS: dict[str, Callable[[bytes, random.Random], bytes]] = {
    "a bit": lambda data, chance: _flipped(data, chance, 1),
    "some bytes": lambda data, chance: _flipped(data, chance, 8),
    "cut": lambda data, chance: data[: chance.randrange(len(data) or 1)],
    "empty": lambda data, chance: b"",
    "zeros": lambda data, chance: b"\0" * max(1, len(data)),
    "latin": lambda data, chance: '{"name": "café"}'.encode("latin-1"),
    "a list": lambda data, chance: b"[]",
    "doubled": lambda data, chance: data + data,
}


def _flipped(data: bytes, chance: random.Random, bits: int) -> bytes:
    changed = bytearray(data)
    for _ in range(bits if changed else 0):
        changed[chance.randrange(len(changed))] ^= 1 << chance.randrange(8)
    return bytes(changed)


def damage_files(given: Path, count: int, chance: random.Random, note: Callable[[str, str], None]) -> None:
    """One file at a time, each kind in turn, on a copy of the home: it must start, list everybody else's runs, and
    either give the numbers that were written or say that they are damaged.

    Of a home of many kills a few runs and one sweep are copied: every blow reads all that is there.
    """
    with tempfile.TemporaryDirectory(prefix="precedence-") as folder:
        small = Path(folder) / "home"
        _copy_some(given, small)
        _damage(small, count, chance, note)


def _copy_some(given: Path, small: Path) -> None:
    swept = sweep_ids(given)[-1:]
    points = [record.run_id for name in swept for record in SweepFolder(given, name).records()]
    alone = [name for name in run_ids(given) if name not in points and _is_as_written(given, name)][:MOST_ALONE]
    shutil.copytree(given, small, ignore=shutil.ignore_patterns("upload.csv", "workers"))
    for kind, kept in (("runs", {*points, *alone}), ("sweeps", set(swept))):
        for folder in (small / kind).iterdir():
            if folder.is_dir() and folder.name not in kept:
                shutil.rmtree(folder)


def _damage(given: Path, count: int, chance: random.Random, note: Callable[[str, str], None]) -> None:
    kinds, whole = _kinds(given), [name for name in run_ids(given) if _is_as_written(given, name)]
    for number in range(count if kinds else 0):
        name = kinds[number % len(kinds)]
        way = chance.choice(list(WAYS))
        with tempfile.TemporaryDirectory(prefix="precedence-") as folder:
            home = Path(folder) / "home"
            shutil.copytree(given, home)
            file = home / name
            file.write_bytes(WAYS[way](file.read_bytes(), chance))
            struck = Path(name).parts[1] if name.startswith("runs/") else ""
            try:
                _look(note, home, [one for one in whole if one != struck], struck, f"{name}, {way}")
            except Exception as error:
                note("start_failures", f"{name}, {way}: {type(error).__name__}: {str(error)[:120]}")


def _kinds(home: Path) -> list[str]:
    """One file of each kind."""
    Library(home).close()
    found: dict[tuple[str, ...], str] = {}
    for path in sorted(home.rglob("*")):
        parts = path.relative_to(home).parts
        if path.is_file() and parts[0] not in ("workers", "logs", "upload.csv"):
            found.setdefault((parts[0], path.name if len(parts) > 1 else ""), str(path.relative_to(home)))
    return sorted(found.values())


def _look(note: Callable[[str, str], None], home: Path, others: list[str], struck: str, what: str) -> None:
    supervisor = Supervisor(home, 1, command=NOBODY)
    supervisor.start()
    library = Library(home)
    sweeps = Sweeps(supervisor)
    try:
        library.take_in()
        sweeps.tick()
        for name in sweep_ids(home):
            with suppress(PrecedenceError):
                progress_of(SweepFolder(home, name))
        if any(not _is_as_written(home, name) for name in others):
            note("bystanders", f"{what}: another run")
        told = [finding.place for finding in examine(home)] if struck else []
        is_told = any(place.startswith(f"runs/{struck}/") for place in told)
        if struck and is_run(home, struck) and not is_told and not _is_as_written(home, struck):
            note("differences", what)
    finally:
        sweeps.close()
        library.close()
        supervisor.close()


def _is_as_written(home: Path, name: str) -> bool:
    """Whether its events and its result, as everybody reads them, are those of an undisturbed run."""
    folder = RunFolder(home, name)
    try:
        config, result = folder.config(), folder.result()
        steps = [event for event in folder.events() if isinstance(event, Step)]
    except PrecedenceError:
        return False
    expected = values(config.seed, config.stage_steps)
    read = {event.step: event.loss[0] for event in steps}
    return (
        result is not None
        and result.tasks["a"].loss == expected[-1]
        and len(steps) == len(expected)
        and all(read.get(step) == value for step, value in enumerate(expected, 1))
    )


def flip_checkpoints(count: int, seed: int) -> int:
    """How many of so many turned bits of a real checkpoint are noticed when it is loaded."""
    if count == 0:
        return 0
    from core.bench.synthetic import synthetic_dataset
    from core.settings.run import RunConfig
    from core.training.checkpoint import load, save
    from core.training.loop import Trainer

    def trained(steps: int) -> Any:
        made = Trainer(config, data, device="cpu")
        for _ in zip(range(steps + 1), made.run(), strict=False):
            pass
        return made

    data = synthetic_dataset(rows=400)
    config = RunConfig(batch_size=64, stage_steps=40, probe_every=0, seed=1)
    chance, noticed, into = random.Random(seed), 0, trained(0)
    with tempfile.TemporaryDirectory(prefix="precedence-") as folder:
        file = Path(folder) / "checkpoint.pt"
        save(file, trained(5).state, 0)
        whole = file.read_bytes()
        for _ in range(count):
            file.write_bytes(_flipped(whole, chance, 1))
            try:
                load(file, into.state)
            except PrecedenceError:
                noticed += 1
    return noticed


def kill_reader(file: Path, chance: random.Random) -> str:
    """Kills the child that reads an upload; a sentence where whoever waited for it was not told in one."""
    said: list[str] = []
    if not file.exists():
        file.write_text("a,b\n" + "1,2\n" * 300_000, encoding="utf-8")

    def read() -> None:
        try:
            confined(columns_of_table, file, person="somebody")
            said.append("read")
        except PrecedenceError as error:
            said.append(str(error))

    reading = threading.Thread(target=read)
    reading.start()
    time.sleep(0.1 + 0.3 * chance.random())
    for child in psutil.Process().children():
        with suppress(psutil.Error):
            if "core.runs.sidecar.confined" in child.cmdline():
                child.kill()
    reading.join(60)
    return "" if len(said) == 1 and "\n" not in said[0] else "The reader of an upload was not told."
