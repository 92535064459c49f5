"""Every page for every kind of person: who finds which controls, and that nobody but the owner changes anything."""

from __future__ import annotations

import hashlib

import pytest
from streamlit.testing.v1 import AppTest

from core.classroom.room import Room
from core.progress import Progress
from core.records import read_record
from core.runs.folder.run_folder import RunFolder, run_ids
from core.runs.sidecar.jobs import Jobs
from core.server import owners, shared
from core.server.rights import PEOPLE, may
from core.settings.presets import default_run
from core.sweeps.description import SweepConfig
from core.sweeps.folder import SweepFolder, sweep_ids
from pages.navigation import PAGES, rights_markdown
from tests import priced_runs
from tests.conftest import MOST_SECONDS, ROOT
from tests.pages.full_home import full_home
from tests.pages.opened import be, opened_page

OWNER = PEOPLE["owner"].mark
CONTROLS = {
    "lab": ("steer", ["Pause", "Step", "Slow motion", "Delete this run", "Name",
                      "Show it in everybody's list on Home"]),
    "lab failed": ("steer", ["Resume", "Delete this run", "Name"]),
    "what_if": ("steer_sweep", ["Pause", "Cancel"]),
    "runs one": ("steer", ["Name", "Notes", "Delete this run"]),
    "data one": ("remove", ["Everybody may use it"]),
    "admin": ("administer", ["Delete them"]),
}  # fmt: skip
"""Address → the right that its controls take, and their labels. A room's controls are the owner's alone."""
OF_A_ROOM = ["Pause all", "Send to everybody", "Ask everybody", "Close, and show the answers", "Recovery word",
             "Students may join", "Take a student out", "Erase the room"]  # fmt: skip
KINDS = ("button", "toggle", "checkbox", "text_input", "text_area", "selectbox", "multiselect")
GROWS = (".lock", "room.json")
"""What a page's use changes whoever uses it; a room is compared by what it says."""


@pytest.fixture(scope="module")
def addresses(tmp_path_factory):
    """A home full of the owner's things, and how pages show them."""
    home = tmp_path_factory.mktemp("home").resolve()
    with full_home(home, tmp_path_factory.mktemp("files"), owner=OWNER) as at, pytest.MonkeyPatch.context() as patch:
        patch.setattr(Jobs, "ensure", lambda self, *_: Progress(process=0, stage="starting"))
        patch.setattr(shared.calculator, "made", None)
        for run in shared.supervisor().runs():
            shared.library().change(run, owner=OWNER)
        waits = RunFolder.create(home, default_run("shop"), owner=OWNER)
        shared.library().change(waits.run_id, shared=True)
        sweep = SweepFolder.create(home, SweepConfig(base=default_run("shop")), tuple(priced_runs.TASKS), OWNER)
        yield {**at, "lab": f"run={waits.run_id}", "what_if": f"sweep={sweep.sweep_id}", "runs one": "", "data one": ""}


@pytest.fixture(params=PEOPLE)
def who(request, monkeypatch):
    """The page takes whoever opens it for this person."""
    be(PEOPLE[request.param], monkeypatch)
    return PEOPLE[request.param]


def one(what):
    """A run, or a thing that was brought, that somebody chose from the table."""
    from core.runs.brought import brought
    from core.runs.listing.overview import all_rows
    from core.server.shared import supervisor
    from pages.data.details import details
    from pages.runs.one import one_run

    if what == "runs":
        one_run(all_rows(supervisor().home)[0])
    else:
        details(next(thing for thing in brought() if thing.kind == "table"))


def opened(addresses, address):
    page, _, part = address.partition(" ")
    if part == "one":
        return AppTest.from_function(one, kwargs={"what": page}, default_timeout=MOST_SECONDS).run()
    return opened_page(page, addresses[address])


def labels(app):
    return {element.label for kind in KINDS for element in getattr(app, kind)}


def test_every_page_is_tried(addresses):
    assert {address.partition(" ")[0] for address in addresses} == set(PAGES)


def test_the_documents_have_the_table_of_pages_as_it_is():
    assert rights_markdown() in (ROOT / "docs" / "operation.md").read_text(encoding="utf-8")


def test_who_may_not_steer_finds_no_control(addresses, who):
    for address, (right, wanted) in CONTROLS.items():
        found = set(wanted) & labels(opened(addresses, address))
        assert found == (set(wanted) if may(who, right, OWNER) else set()), address
    stops = "Stop" in labels(opened(addresses, "lab"))
    assert stops == (may(who, "steer", OWNER) or may(who, "stop_any"))
    found = set(OF_A_ROOM) & labels(opened(addresses, "classroom"))
    assert found == (set(OF_A_ROOM) if who.mark == OWNER else set())


def things_of_the_owner(home):
    """Every file that the owner has, what the room says but for its students and votes, and who owns what."""
    folders = [*owners.things_of(OWNER), home / "classrooms"]
    folders += [one.path for one in (RunFolder(home, run) for run in run_ids(home)) if one.about().owner == OWNER]
    folders += [one.path for one in (SweepFolder(home, name) for name in sweep_ids(home)) if one.owner() == OWNER]
    files = [file for folder in folders for file in (folder.rglob("*") if folder.is_dir() else [folder])]
    known = {
        file: hashlib.sha256(file.read_bytes()).hexdigest()
        for file in files
        if file.is_file() and not file.name.endswith(GROWS)
    }
    for file in (home / "classrooms").glob("*/room.json"):
        room = read_record(Room, file, "")
        polls = tuple(poll.model_copy(update={"votes": {}}) for poll in room.polls)
        known[file] = room.model_copy(update={"students": (), "polls": polls})
    return known | {f"owns {thing}": thing for thing in owners.things_of(OWNER)}


def pressable(app):
    """What can be pressed or switched, by kind, label and key."""
    return {
        (kind, element.label, element.key): element
        for kind in ("button", "toggle", "checkbox")
        for element in getattr(app, kind)
        if not element.disabled
    }


def press(app, name):
    """A click, as far as the page still has it."""
    element = pressable(app).get(name)
    if element is None:
        return
    if name[0] == "button":
        element.click()
    else:
        element.set_value(not element.value)
    app.run()
    assert not app.exception, (name, app.exception)


@pytest.mark.slow
@pytest.mark.parametrize(
    "address",
    [
        "home",
        "learn",
        "runs",
        "data",
        "conflict",
        "classroom",
        "lab",
        "lab failed",
        "what_if",
        "what_if of the table",
        "relevance",
        "users",
        "runs one",
        "data one",
    ],
)
def test_whatever_another_member_presses_the_owners_things_stay(addresses, monkeypatch, address):
    home = shared.supervisor().home
    be(PEOPLE["other member"], monkeypatch)
    before = things_of_the_owner(home)
    first = pressable(opened(addresses, address))
    tried = set(first)
    for name in first:
        app = opened(addresses, address)
        press(app, name)
        for further in pressable(app).keys() - tried:  # what a dialog or a menu brought
            tried.add(further)
            press(app, further)
    after = things_of_the_owner(home)
    assert {thing: after.get(thing) for thing in before} == before


@pytest.mark.slow
def test_what_the_owner_presses_is_done(addresses, monkeypatch):
    """The same clicks, so that the test before presses something at all."""
    be(PEOPLE["owner"], monkeypatch)
    home = shared.supervisor().home
    for address, label in (("lab", "Pause"), ("what_if", "Pause"), ("classroom", "Pause all")):
        before, app = things_of_the_owner(home), opened(addresses, address)
        press(app, next(name for name in pressable(app) if name[1] == label))
        assert things_of_the_owner(home) != before, address
