"""A home with one damaged file: the server's side opens, says one sentence of what is damaged, and shows the rest."""

from __future__ import annotations

import os
import random
import shutil
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest

from core.data.registry import uploaded_cards
from core.errors import PrecedenceError
from core.progress import Progress
from core.relevance.overrides import OverrideLog, override_of
from core.relevance.stores.collection import names
from core.runs.folder.run_folder import RunFolder, run_ids
from core.runs.library import Library
from core.runs.workers.registry import Queue, WorkerFolder, read_server, worker_folders
from core.runs.workers.supervisor import Supervisor
from core.sweeps.folder import SweepFolder, sweep_ids
from core.sweeps.outcome import outcome_of
from core.sweeps.progress import progress_of
from core.sweeps.service import Sweeps
from core.users.uploaded_events import kept_files
from tests.runs.support import quick, wait_until

FIXTURE = Path(__file__).parents[1] / "fixtures" / "runs_1"
SWEEP = "true-swan-5qeg"
NOBODY = (sys.executable, "-c", "import time; time.sleep(0.2)")  # in a worker's place
LATIN = '{"name": "caf\u00e9", "état": 1}'.encode("latin-1")


def flipped(data: bytes, chance: random.Random) -> bytes:
    changed = bytearray(data)
    for _ in range(3):
        if changed:
            changed[chance.randrange(len(changed))] ^= 1 << chance.randrange(8)
    return bytes(changed)


DAMAGES = {
    "flipped": flipped,
    "cut": lambda data, chance: data[: chance.randrange(len(data) or 1)],
    "empty": lambda data, chance: b"",
    "nul": lambda data, chance: b"\0" * max(1, len(data)),
    "one_nul": lambda data, chance: data[: len(data) // 2] + b"\0" + data[len(data) // 2 :],
    "latin": lambda data, chance: LATIN,
    "a_list": lambda data, chance: b"[]",
}


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    copied = tmp_path / "home"
    shutil.copytree(FIXTURE, copied)
    monkeypatch.setenv("PRECEDENCE_HOME", str(copied))
    monkeypatch.chdir(copied)
    (copied / "server.json").write_text('{"pid": 1, "created": 0, "heartbeat": 0}', encoding="utf-8")
    worker = WorkerFolder(copied, "worker-gone")
    worker.make()
    (worker.path / "status.json").write_text('{"pid": 1, "created": 0, "heartbeat": 0}', encoding="utf-8")
    (worker.path / "claimed" / "nmt-cut").touch()
    (copied / "catalogues" / "made").mkdir(parents=True)
    for name in ("index.json", "about.json", "judged.json", "quality.json"):
        (copied / "catalogues" / "made" / name).write_text("{}", encoding="utf-8")
    (copied / "catalogues" / ".made.progress.json").write_text('{"process": 1, "stage": "x"}', encoding="utf-8")
    log = OverrideLog(copied / "overrides.duckdb")
    log.keep("shop", [override_of(scope="term", word="red", target="", action="forbid", value=None)], "Ada", "a test")
    log.close()
    return copied


def look(home: Path, run_id: str | None, sweep: bool) -> None:
    """Everything that lists, as the server and its pages do; `run_id` or the sweep may say a sentence."""
    supervisor = Supervisor(home, 1, command=NOBODY)
    supervisor.start()
    supervisor.tick()
    others = {name for name in run_ids(FIXTURE) if name != run_id and not RunFolder(FIXTURE, name).about().sweep}
    assert others <= set(supervisor.runs()), "the other runs are listed"
    library = Library(home)
    library.take_in()
    whole = {name for name in run_ids(FIXTURE) if name != run_id and RunFolder(FIXTURE, name).result()}
    assert whole <= {run.run_id for run in library.list()}, "the other runs are in the library"
    said: dict[str, str] = {}
    for name in run_ids(FIXTURE):
        try:
            supervisor.status(name)
            folder = RunFolder(home, name)
            _ = folder.config(), folder.about(), folder.token(), folder.events(), folder.result(), folder.control()
            if name in whole:
                library.result(name)
                library.curves(name)
        except PrecedenceError as error:
            said[name] = str(error)
    assert set(said) <= {run_id}
    assert "\n" not in "".join(said.values())
    leading = Sweeps(supervisor)
    leading.tick()
    assert sweep_ids(home) == [SWEEP] or sweep
    try:
        progress_of(SweepFolder(home, SWEEP))
        outcome_of(SweepFolder(home, SWEEP))
        shown = True
    except PrecedenceError:
        shown = False
    assert shown or sweep or run_id
    _ = (
        uploaded_cards(),
        names(),
        kept_files(),
        read_server(home),
        Progress.read(home / "catalogues" / ".made.progress.json"),
    )
    log = OverrideLog(home / "overrides.duckdb")
    log.all("shop")
    log.close()
    leading.close()
    library.close()
    supervisor.close()


def files_of(home: Path) -> list[str]:
    """One of each kind: the smallest run that has it stands for all."""
    found: dict[tuple[str, ...], str] = {}
    for path in sorted(home.rglob("*"), key=lambda path: path.stat().st_size):
        parts = path.relative_to(home).parts
        if path.is_file() and parts[0] not in ("README.md", "machine.txt", "stages") and "claimed" not in parts:
            found.setdefault((parts[0], path.name if len(parts) > 1 else ""), str(path.relative_to(home)))
    return sorted(found.values())


KINDS = [
    "sweeps control.key", "sweeps grid.json", "sweeps orders.json", "sweeps points.json", "sweeps sweep.json",
    "runs about.json", "runs applied.json", "runs branched.json", "runs checkpoint.pt", "runs config.json",
    "runs control.json", "runs control.key", "runs curves.parquet", "runs events.jsonl", "runs read.token",
    "runs result.json", "runs start.json", "runs status.json", "tables description.json", "tables table.parquet",
    "workers status.json", "catalogues about.json", "catalogues index.json", "catalogues .made.progress.json",
    "library.duckdb ", "overrides.duckdb ", "server.json ",
]  # fmt: skip


@pytest.mark.parametrize("kind", KINDS)
def test_one_damaged_file_hides_nothing_else(home: Path, kind: str) -> None:
    room, name = kind.split(" ")
    (found,) = [path for path in files_of(home) if path.split("/")[0] == room and path.endswith(name)][:1]
    whole = (home / found).read_bytes()
    chance = random.Random(kind)
    run_id = found.split("/")[1] if room == "runs" else None
    for damage in DAMAGES.values():
        (home / found).parent.mkdir(parents=True, exist_ok=True)  # a dead worker's folder goes when it is noticed
        (home / found).write_bytes(damage(whole, chance))
        look(home, run_id, room == "sweeps")
        for aside in home.rglob("*.damaged*"):
            aside.unlink()
    (home / found).unlink(missing_ok=True)
    (home / found).mkdir(parents=True)
    look(home, run_id, room == "sweeps")


def test_stray_files_and_folders_are_passed_over(home: Path) -> None:
    for place in ("queue", "workers", "runs", "sweeps", "stages", "tables", "catalogues", "users/events"):
        (home / place).mkdir(parents=True, exist_ok=True)
        for name in ("notes.txt", ".DS_Store", "README", "a-b", "Ünï cödé", "12-"):
            (home / place / name).write_text("hello", encoding="utf-8")
        (home / place / "a folder").mkdir()
        (home / place / "plain-folder").mkdir()
        (home / place / "00000000000000000001-folder").mkdir()
    look(home, None, False)
    assert Queue(home).waiting() == []
    assert all(worker.worker_id.startswith("worker-") for worker in worker_folders(home))
    assert (home / "workers" / "plain-folder").is_dir(), "what nobody made for a worker is nobody's to remove"


def test_a_stray_file_in_the_queue_stops_no_worker(supervisor) -> None:
    supervisor.home.joinpath("queue").mkdir(exist_ok=True)
    for name in ("stray", "x-y", "notes.txt"):
        supervisor.home.joinpath("queue", name).touch()
    run_id = supervisor.submit(quick(5))
    wait_until(lambda: supervisor.status(run_id).state == "finished")


@pytest.mark.parametrize("name", ["applied.json", "control.json", "start.json", "status.json"])
def test_a_run_with_a_damaged_record_leaves_its_worker_and_the_others_alone(supervisor, name: str) -> None:
    other = supervisor.submit(quick(1_000_000))
    wait_until(lambda: supervisor.status(other).step > 5)
    worker = supervisor.status(other).worker
    folder = RunFolder.create(supervisor.home, quick(5))
    (folder.path / name).write_bytes(b"")
    Queue(supervisor.home).put(folder.run_id)

    def ended() -> bool:
        try:
            return supervisor.status(folder.run_id).state in ("finished", "failed")
        except PrecedenceError:  # until the worker has said something again
            return False

    wait_until(ended)
    step = supervisor.status(other).step
    wait_until(lambda: supervisor.status(other).step > step)
    assert supervisor.status(other).worker == worker


def test_the_library_is_made_anew_by_itself(home: Path) -> None:
    file = home / "library.duckdb"
    before = Library(home)
    before.take_in()
    listed = [run.run_id for run in before.list()]
    before.close()
    data = bytearray(file.read_bytes())
    for place in range(4096, len(data), 4096):
        data[place] ^= 1
    file.write_bytes(data)
    library = Library(home)
    library.take_in()
    assert [run.run_id for run in library.list()] == listed
    library.close()
    assert [path.name for path in home.glob("library.duckdb.damaged*")]


def test_damaged_overrides_are_put_aside_and_kept(home: Path) -> None:
    file = home / "overrides.duckdb"
    file.write_bytes(b"\0" * 5000)
    log = OverrideLog(file)
    assert log.all("shop") == []
    log.keep("shop", [override_of(scope="term", word="red", target="", action="forbid", value=None)], "Ada", "again")
    log.close()
    assert (home / "overrides.duckdb.damaged").read_bytes() == b"\0" * 5000


def test_a_library_in_use_is_not_taken_for_damaged(home: Path) -> None:
    code = "import duckdb, sys; held = duckdb.connect(sys.argv[1]); print('open', flush=True); sys.stdin.read()"
    with subprocess.Popen(
        [sys.executable, "-c", code, str(home / "library.duckdb")], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as other:
        assert other.stdout is not None
        other.stdout.readline()
        with pytest.raises(PrecedenceError, match="in use by another server"):
            Library(home)
        other.kill()
    assert not list(home.glob("*.damaged*"))


def test_a_home_that_cannot_be_written_still_opens(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As on a full disk: every file that would be written is refused."""

    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    real = duckdb.connect

    def connect(place: str = ":memory:", *more: object, **fields: object) -> duckdb.DuckDBPyConnection:
        if place != ":memory:":
            raise duckdb.IOException(f'IO Error: Could not write file "{place}": No space left on device')
        return real(place)

    for name in ("replace", "rename", "mkdir"):
        monkeypatch.setattr(os, name, full)
    monkeypatch.setattr(Path, "touch", full)
    monkeypatch.setattr(Path, "write_text", full)
    monkeypatch.setattr(Path, "mkdir", full)
    monkeypatch.setattr(duckdb, "connect", connect)
    supervisor = Supervisor(home, 1, command=NOBODY)
    supervisor.start()
    assert set(supervisor.runs())
    library = Library(home)
    library.take_in()
    assert {run.run_id for run in library.list()} >= {"nmt-whole", "cograd"}
    library.close()
    supervisor.close()
