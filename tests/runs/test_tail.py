import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.events.events import Changed, Started
from core.runs.folder.run_folder import RunFolder
from core.runs.folder.tail import Tail
from core.server.example import Example
from core.settings.run import RunConfig


def line(step):
    return Changed(step=step, what="learning_rate", old="1", new="2").model_dump_json().encode() + b"\n"


@pytest.fixture
def folder(tmp_path):
    return RunFolder.create(tmp_path, RunConfig())


def test_half_a_line_waits_for_its_other_half(folder):
    tail = folder.tail()
    assert tail.read().events == []  # no log yet
    folder.log.write_bytes(line(1) + line(2)[:10])
    assert [event.step for event in tail.read().events] == [1]
    assert tail.offset == len(line(1))
    assert tail.read().events == []
    folder.log.write_bytes(line(1) + line(2))
    assert [event.step for event in tail.read().events] == [2]


@given(steps=st.lists(st.integers(0, 10**6), max_size=30), cuts=st.lists(st.integers(0, 3000), max_size=10))
def test_however_the_bytes_arrive_the_events_are_the_same(tmp_path_factory, steps, cuts):
    folder = tmp_path_factory.mktemp("tail")
    log, whole = folder / "events.jsonl", b"".join(map(line, steps))
    tail, seen = Tail(log, folder / "cut.json"), []
    for end in [*sorted(cut for cut in cuts if cut < len(whole)), len(whole)]:
        log.write_bytes(whole[:end])
        more = True
        while more:
            piece = tail.read(100)
            seen += [event.step for event in piece.events]
            more = piece.more
    assert seen == steps
    assert tail.offset == len(whole)


@pytest.mark.parametrize(
    "bad", [b"\n", b"{}\n", b'{"kind":"step"\n', b"\xff\xfe\n", b'{"kind":"finished","step":"x"}\n']
)
def test_a_bad_line_is_one_sentence_and_the_rest_is_read(folder, bad):
    folder.log.write_bytes(line(1) + bad + line(2))
    piece = folder.tail().read_all()
    assert [event.step for event in piece.events] == [1, 2]
    assert len(piece.problems) == 1
    assert f"byte {len(line(1))}" in piece.problems[0]


def test_a_line_longer_than_a_piece_is_read_whole(folder):
    long = Changed(step=1, what="x" * 5000, old="", new="").model_dump_json().encode() + b"\n"
    folder.log.write_bytes(long + line(2))
    tail = folder.tail()
    assert [event.step for event in tail.read(100).events] == [1]
    assert [event.step for event in tail.read(100).events] == [2]


def test_a_log_that_was_cut_and_has_grown_again_is_read_from_its_start(folder):
    folder.log.write_bytes(line(1) + line(2) + line(3))
    tail = folder.tail()
    tail.read()
    folder.cut(len(line(1)))
    with folder.log.open("ab") as log:
        log.write(line(7) + line(8) + line(9))
    piece = tail.read()
    assert piece.restarted
    assert [event.step for event in piece.events] == [1, 7, 8, 9]
    assert not tail.read().restarted


def test_the_events_of_a_folder_are_its_lines(folder):
    folder.log.write_bytes(b"".join(map(line, range(5000))))
    assert [event.step for event in folder.events()] == [json.loads(one)["step"] for one in folder.log.open()]


def test_a_damaged_line_that_is_still_json_is_passed_over(tmp_path):
    """A point that became a comma makes a list longer: nobody who lays lists side by side may meet that."""
    log, events = tmp_path / "events.jsonl", Example().events
    first = next(event for event in events if isinstance(event, Started))
    count = len(first.tasks)
    of_tasks = {type(event): event for event in events if event.task_count() is not None and event is not first}
    assert {kind.__name__ for kind in of_tasks} >= {"StageStarted", "Step", "Evaluated", "StageFinished"}
    damaged = []
    for event in of_tasks.values():
        fields = json.loads(event.model_dump_json())
        for name in event.OVER_TASKS:
            damaged.append(fields | {name: [*fields[name], 1]})
        damaged.append(fields | {name: fields[name][:-1] for name in event.OVER_TASKS})  # of another number of tasks
    lines = [first.model_dump_json(), *map(json.dumps, damaged), next(iter(of_tasks.values())).model_dump_json()]
    log.write_text("".join(line + "\n" for line in lines), encoding="utf-8")
    piece = Tail(log, tmp_path / "cut.json").read_all()
    assert piece.events == [first, next(iter(of_tasks.values()))]
    assert len(piece.problems) == len(damaged)
    assert sum(f"is not of {count} tasks" in problem for problem in piece.problems) == len(of_tasks)
    assert sum("is no event" in problem for problem in piece.problems) == len(damaged) - len(of_tasks)
