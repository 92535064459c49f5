"""A home with one of everything that people bring or make, each named by a payload, and where pages show it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

import core.server.shared as shared
from core.classroom import rules
from core.classroom.rooms import Rooms
from core.data.sources.uploaded.table import prepare
from core.errors import PrecedenceError
from core.relevance.overrides import Override
from core.relevance.stores.collection import About, write_collection
from core.relevance.stores.index_store import WORDS, encoder_of
from core.relevance.stores.uploaded import read_catalogue
from core.runs.brought import brought
from core.runs.folder.run_folder import RunFolder
from core.runs.folder.status import RunStatus
from core.runs.library import Library
from core.runs.workers.supervisor import Supervisor
from core.server import owners, rooms, search, user_spaces
from core.settings.presets import default_run, uploaded_run
from core.sweeps.description import SweepConfig
from core.sweeps.folder import PointRecord, SweepFolder
from core.sweeps.service import Sweeps
from core.users import uploaded_events
from tests import priced_runs
from tests.pages.markup import PAYLOADS

OWNER = "a" * 24


@contextmanager
def full_home(home: Path, files: Path, owner: str = OWNER) -> Iterator[dict[str, str]]:
    """The pages' addresses, by page; `files` is where what was brought lay before."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PRECEDENCE_HOME", str(home))
        supervisor, library = Supervisor(home), Library(home)
        patch.setattr(shared.supervisor, "made", supervisor)
        patch.setattr(shared.library, "made", library)
        patch.setattr(shared.sweeps, "made", Sweeps(supervisor))
        patch.setattr(rooms.rooms, "made", Rooms(home))
        patch.setattr(rooms.wall, "made", None)
        patch.setattr(user_spaces, "ensure", lambda choice: user_spaces.Progress(process=0, stage="x", problem=None))
        run = priced_runs.finished(home, 2.0, 0.9, name=PAYLOADS[0])
        library.take_in()
        library.change(run, tags=PAYLOADS[:3], notes=PAYLOADS[3], shared=True)
        table = _table(files)
        told = RunFolder.create(home, uploaded_run(str(table)).model_copy(update={"name": PAYLOADS[4]}))
        told.write_status(RunStatus(state="failed", error=PAYLOADS[5], note=PAYLOADS[6]))
        sweep = _sweep(home)
        catalogue = _catalogue(files)
        room = _room(owner)
        events = _events(files)
        for thing in brought():
            owners.set_owner(thing.path, owner)
        yield {
            "home": "", "learn": "", "runs": "", "data": "", "admin": "", "conflict": "", "classroom": f"room={room}",
            "lab": f"run={run}", "lab failed": f"run={told.run_id}", "what_if": f"sweep={sweep}",
            "what_if of the table": f"on={told.run_id}", "relevance": f"catalogue={catalogue}&q=thing",
            "users": f"source={events}&model=counts",
        }  # fmt: skip
        search.close()
        library.close()


def cell(text: str) -> str:
    return '"' + text.replace('"', '""') + '"'


def _silent(stage, done, total):
    pass


def _table(files):
    names = [f"x{PAYLOADS[0]}", f"y{PAYLOADS[2]}", f"label{PAYLOADS[1]}", f"class{PAYLOADS[5]}"]
    rows = [f"{n % 7},{cell(PAYLOADS[n % 3])},{n % 2},{cell(PAYLOADS[n % 2])}" for n in range(80)]
    file = files / "table.csv"
    file.write_text("\n".join([",".join(map(cell, names)), *rows]), encoding="utf-8")
    return prepare(file, f"t {PAYLOADS[2]}", {names[2]: None, names[3]: None})


def _sweep(home):
    config = SweepConfig(name=PAYLOADS[1], base=default_run("shop"))
    folder = SweepFolder.create(home, config, tuple(priced_runs.TASKS))
    records = [PointRecord(state="failed", problem=text) for text in PAYLOADS]
    folder.write_records((records * len(folder.records()))[: len(folder.records())])
    return folder.sweep_id


def _catalogue(files):
    file = files / "pairs.csv"
    rows = [f"thing {cell(text)[1:-1]}".replace('"', "'") for text in PAYLOADS]
    lines = [f'"{text}","thing {text}",{at % 2},"{text}"' for at, text in enumerate(rows)]
    lines += [f"thing,thing {at},{at % 2},c" for at in range(12)]
    file.write_text("\n".join(["query,title,label,category", *lines]), encoding="utf-8")
    own = read_catalogue(file)
    about = About(title=PAYLOADS[0], says=(*own.says, PAYLOADS[2]), untrainable=PAYLOADS[1])
    folder = write_collection("brought", about, own, encoder_of(WORDS, [one.title for one in own.products]), _silent)
    change = Override(scope="query", word="thing", target=PAYLOADS[0], action="set", value=1.0)
    search.overrides().keep(folder.name, [change], who=PAYLOADS[1], why=PAYLOADS[2])
    return folder.name


def _room(owner):
    room = rooms.rooms().open(PAYLOADS[0], owner)
    for at, text in enumerate(PAYLOADS[:4]):
        with suppress(PrecedenceError):  # no name at all
            rooms.rooms().change(
                room.code, lambda now, at=at, text=text: rules.join(now, f"{at}" * 24, text[: rules.LONGEST_NAME])
            )
    rooms.rooms().change(room.code, lambda now: rules.ask(now, PAYLOADS[0], [text[:60] for text in PAYLOADS[1:5]]))
    return room.code


def _events(files):
    file = files / "events.csv"
    rows = [f"{cell(f'u{n % 9} {PAYLOADS[n % 9]}')},{cell(f'i{n % 11}{PAYLOADS[n % 5]}')},2026-03-{1 + n % 28:02d},"
            f"{cell(PAYLOADS[n % 4])}" for n in range(120)]  # fmt: skip
    file.write_text("\n".join(["user,item,time,category", *rows]), encoding="utf-8")
    return uploaded_events.keep(file)[0]
