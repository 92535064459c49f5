"""A room's rules: who comes in under which name, what a student can and cannot do, and what is kept."""

from __future__ import annotations

import io
import json
import zipfile
from pathlib import Path
from typing import Any

import pytest

from core.classroom import rules
from core.classroom.export import as_plain, zipped
from core.classroom.reach import HOW, reach
from core.classroom.room import Room, read_code, shown_code
from core.classroom.rooms import Rooms
from core.classroom.wall import Wall
from core.errors import PrecedenceError
from core.events.events import Started, Step
from core.runs.folder.run_folder import RunFolder
from core.runs.folder.status import RunStatus
from core.settings.run import RunConfig

TEACHER, ANN, BEN = "t" * 24, "a" * 24, "b" * 24


@pytest.fixture
def rooms(tmp_path: Path) -> Rooms:
    return Rooms(tmp_path)


@pytest.fixture
def room(rooms: Rooms) -> Room:
    room = rooms.open("Search, group 3", TEACHER)
    rooms.change(room.code, lambda now: rules.join(now, ANN, "Ann"))
    return rooms.change(room.code, lambda now: rules.join(now, BEN, "Ben"))


def test_a_code_is_read_as_people_type_it(room: Room) -> None:
    assert read_code(f" {shown_code(room.code).upper()} ") == room.code
    for wrong in ("", "abc", "../../etc/pa", room.code + "a", "0" * 10):
        with pytest.raises(PrecedenceError, match="no code of a room"):
            read_code(wrong)


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("", "no letter or digit"),
        (" \u200b\u202e\n ", "no letter or digit"),
        ("***", "no letter or digit"),
        ("x" * 25, "at most 24"),
        ("a" + "\u0301" * 20, "at most 24"),
        ("aNN", "taken"),
        ("\uff21nn", "taken"),  # full width
        ("An\u200bn\u202e", None),
        ("Teacher", "taken"),
    ],
)
def test_a_nickname_that_cannot_be_used_is_refused_in_a_sentence(room: Room, name: str, said: str | None) -> None:
    if said is None:
        assert rules.join(room, "c" * 24, name).students[-1].name == "An n"
        return
    with pytest.raises(PrecedenceError, match=said):
        rules.join(room, "c" * 24, name)


def test_a_nickname_may_look_like_markup_and_stays_text(room: Room) -> None:
    joined = rules.join(room, "c" * 24, "<b>1</b>")
    assert joined.students[-1].name == "<b>1</b>"  # pages escape it: tests/pages/test_classroom.py


def test_who_comes_again_keeps_the_place_and_may_take_another_name(room: Room) -> None:
    again = rules.join(room, ANN, "Anna")
    assert [student.name for student in again.students] == ["Anna", "Ben"]
    assert rules.join(again, ANN, "ANNA").students[0].name == "ANNA"


def test_a_closed_or_full_room_and_a_removed_student(room: Room) -> None:
    with pytest.raises(PrecedenceError, match="Nobody else can join"):
        rules.join(rules.let_join(room, False), "c" * 24, "Cy")
    assert rules.join(rules.let_join(room, False), ANN, "Ann")  # who is in stays in
    gone = rules.remove(rules.spotlight(rules.add_run(room, ANN, "r1"), "r1"), ANN)
    assert gone.student(ANN) is None
    assert gone.spotlight is None
    with pytest.raises(PrecedenceError, match="taken you out"):
        rules.join(gone, ANN, "Other")
    for number in range(198):
        room = rules.join(room, f"{number:024}", f"s{number}")
    with pytest.raises(PrecedenceError, match="full"):
        rules.join(room, "c" * 24, "Cy")
    with pytest.raises(PrecedenceError, match="cookie"):
        rules.join(room, "", "Nobody")


def test_a_poll_counts_each_student_once_and_ends(room: Room) -> None:
    asked = rules.ask(room, "1 → 8 %: the multiplier?", ["rises", "falls", "", "stays"])
    asked = rules.vote(rules.vote(rules.vote(asked, ANN, 0), ANN, 1), BEN, 1)
    poll = asked.poll()
    assert poll is not None
    assert poll.counts() == [0, 2, 0]
    with pytest.raises(PrecedenceError, match="not joined"):
        rules.vote(asked, "c" * 24, 0)
    with pytest.raises(PrecedenceError, match="3 answers"):
        rules.vote(asked, ANN, 3)
    with pytest.raises(PrecedenceError, match="No question"):
        rules.vote(rules.close_poll(asked), ANN, 0)
    newer = rules.ask(asked, "Again?", ["yes", "no"])
    assert [each.open for each in newer.polls] == [False, True]
    assert rules.leave(asked, BEN).polls[0].counts() == [0, 1, 0]
    for question, answers in (("?", ["a", "b"]), ("Why?", ["a"]), ("Why?", ["a", "A"]), ("Why?", list("abcdefg"))):
        with pytest.raises(PrecedenceError):
            rules.ask(room, question, answers)


def test_a_student_sees_own_and_spotlighted_runs_alone(room: Room) -> None:
    room = rules.add_run(rules.add_run(room, ANN, "r1"), BEN, "r2")
    assert room.visible_to(ANN, "r1")
    assert not room.visible_to(ANN, "r2")
    assert room.visible_to(TEACHER, "r2")
    assert not room.visible_to("", "r1")
    assert not room.visible_to(TEACHER, "r3")  # begun outside the room: private
    assert rules.spotlight(room, "r2").visible_to(ANN, "r2")
    with pytest.raises(PrecedenceError, match="not begun in this room"):
        rules.spotlight(room, "r3")


def test_only_runs_of_students_in_the_room_come_onto_its_wall(rooms: Rooms, room: Room) -> None:
    assert not rooms.started(ANN, "r1")
    assert not rooms.started("c" * 24, "r2")
    assert not rooms.started("", "r3")
    assert rooms.room(room.code).runs() == ["r1"]
    rooms.change(room.code, lambda now: rules.hold(now, True))
    assert rooms.started(BEN, "r4")


def test_a_damaged_record_is_one_sentence_and_hides_no_other_room(rooms: Rooms, room: Room, tmp_path: Path) -> None:
    whole = rooms.open("Whole", TEACHER)
    (tmp_path / "classrooms" / room.code / "room.json").write_bytes(b'{"code":')
    with pytest.raises(PrecedenceError, match=r"room\.json cannot be read"):
        rooms.room(room.code)
    found, problems = rooms.taught_by(TEACHER)
    assert [each.code for each in found] == [whole.code]
    assert len(problems) == 1
    assert not rooms.started(ANN, "r1")
    rooms.erase(room.code)
    for gone in (room.code, "../" + room.code):
        with pytest.raises(PrecedenceError, match="There is no room"):
            rooms.room(gone)


def _run(home: Path, steps: int) -> RunFolder:
    folder = RunFolder.create(home, RunConfig(), owner=ANN)
    kept: dict[str, Any] = {"weight": [1.0, 1.0], "violation": [None, None], "violation_train": [None, None]}
    events = [
        Started(step=0, tasks=["relevance", "click"], task_kinds=["binary", "binary"], base_loss=[1.0, 1.0],
                priority=["click", "relevance"], device="cpu", device_reason="", parameters=1, rows={}, most_steps=9),
        *(Step(step=at, stage=1, loss=[1.0, 1.0], multiplier=[None, at / 10], seconds=1.0, **kept)
          for at in range(1, steps + 1)),
    ]  # fmt: skip
    folder.log.write_text("".join(event.model_dump_json() + "\n" for event in events))
    return folder


def test_the_wall_shows_the_most_important_tasks_multiplier(rooms: Rooms, room: Room, tmp_path: Path) -> None:
    run = _run(tmp_path, 4000)  # longer than what is read of its end
    rooms.started(ANN, run.run_id)
    wall = Wall(tmp_path, lambda run_id: RunStatus(state="running", step=4000, most_steps=9000))
    ann, ben = wall.tiles(rooms.room(room.code))
    assert (ann.name, ann.state, ann.multiplier, ann.metric_title) == ("Ann", "running", 400.0, "AUC")
    assert 2 < len(ann.line) <= 60
    assert ann.line[-1] == 400.0
    assert (ben.name, ben.state, ben.run_id) == ("Ben", None, "")


def test_an_export_names_nicknames_and_no_mark(rooms: Rooms, room: Room, tmp_path: Path) -> None:
    run = _run(tmp_path, 3)
    rooms.started(ANN, run.run_id)
    rooms.change(room.code, lambda now: rules.join(now, "c" * 24, "=1+1"))
    rooms.started("c" * 24, "gone")
    rooms.change(room.code, lambda now: rules.ask(now, "Up or down?", ["up", "down"]))
    asked = rooms.change(room.code, lambda now: rules.vote(now, ANN, 1))
    assert as_plain(asked)["polls"][0]["votes"] == {"Ann": "down"}

    def status(run_id: str) -> RunStatus:
        return RunFolder(tmp_path, run_id).status()

    with zipfile.ZipFile(io.BytesIO(zipped(asked, tmp_path, status))) as file:
        assert f"runs/{run.run_id}/events.jsonl" in file.namelist()
        held = b"".join(file.read(name) for name in file.namelist())
        assert json.loads(file.read("room.json"))["students"][0]["runs"] == [run.run_id]
        assert "'=1+1" in file.read("runs.csv").decode()
    for secret in (ANN, BEN, TEACHER, run.token(), run.control_key()):
        assert secret.encode() not in held


def test_the_address_is_one_that_other_machines_reach() -> None:
    assert reach("localhost", 8501, "http://localhost:8501/classroom").problem == HOW
    assert reach("127.0.0.1", 8501, "http://127.0.0.1:8501/").problem == HOW
    assert reach("localhost", 8501, "https://lab.school.example/x").origin == "https://lab.school.example"
    assert reach("0.0.0.0", 80, "http://192.168.1.7:80/").origin == "http://192.168.1.7:80"
    fixed = reach("192.168.1.9", 8600, "http://localhost:8600/")
    assert (fixed.origin, fixed.problem) == ("http://192.168.1.9:8600", "")
    found = reach("0.0.0.0", 8600, "http://localhost:8600/")
    assert found.problem or found.origin.endswith(":8600")
    assert "localhost" not in found.origin or found.problem


def test_a_recovery_word_gives_the_room_to_another_browser_once(rooms: Rooms, room: Room) -> None:
    other = "o" * 24
    with pytest.raises(PrecedenceError, match="not the room's recovery word"):
        rules.recover(room, other, "")  # there is none yet
    kept = rooms.change(room.code, lambda now: rules.set_recovery(now, "abcdefghjkmnpqrs"))
    assert "abcd" not in kept.model_dump_json()
    for wrong in ("", "abcd-efgh-jkmn-pqrt", kept.recovery):
        with pytest.raises(PrecedenceError, match="not the room's recovery word"):
            rules.recover(kept, other, wrong)
    with pytest.raises(PrecedenceError, match="cookie"):
        rules.recover(kept, "", "abcd-efgh-jkmn-pqrs")
    taken = rules.recover(kept, ANN, "ABCD-efgh-jkmn-pqrs")  # as people type it; here a student's browser
    assert taken.taught_by(ANN)
    assert not taken.taught_by(TEACHER)
    assert taken.student(ANN) is None
    assert taken.student(BEN) is not None
    with pytest.raises(PrecedenceError, match="it was used"):
        rules.recover(taken, other, "abcd-efgh-jkmn-pqrs")
    assert "recovery" not in as_plain(kept)


def test_an_erased_room_leaves_nothing(rooms: Rooms, room: Room, tmp_path: Path) -> None:
    rooms.erase(room.code)
    assert list((tmp_path / "classrooms").iterdir()) == []
    with pytest.raises(PrecedenceError, match="There is no room"):
        rooms.room(room.code)


def test_each_student_may_train_another_seed_and_then_no_task_alone(room: Room) -> None:
    sent = {"priority": "relevance,click", "seed": "7"}
    with pytest.raises(PrecedenceError, match="nothing to train"):
        rules.preset_of(room, ANN)
    same = rules.send(room, sent)
    assert rules.preset_of(same, ANN) == rules.preset_of(same, BEN) == sent
    apart = rules.send(room, sent, own_seeds=True)
    assert rules.preset_of(apart, ANN) == sent | {"reference": "false"}
    assert rules.preset_of(apart, BEN) == sent | {"seed": "8", "reference": "false"}
    with pytest.raises(PrecedenceError):
        rules.preset_of(apart, TEACHER)
