"""The process beside the server: what comes back, what happens when it dies, and that it never stays behind."""

from __future__ import annotations

import io
import json
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psutil
import pytest

from core.errors import PrecedenceError
from core.runs.sidecar.answering import serve
from core.runs.sidecar.process import SideProcess
from tests.conftest import MOST_SECONDS
from tests.runs.support import wait_until

ROOT = Path(__file__).parents[2]
DOUBLE = (sys.executable, str(Path(__file__).with_name("calculator_double.py")))


@pytest.fixture
def side():
    side = SideProcess(DOUBLE)
    yield side
    side.close()
    assert side.process_id is None


def test_it_starts_with_the_first_question_and_stays(side):
    assert side.process_id is None
    assert side.ask("double", 21) == 42
    first = side.process_id
    assert side.ask("process", None) == first
    assert side.process_id == first


def test_answers_go_to_those_who_asked(side):
    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(lambda number: side.ask("double", number), range(60))) == [2 * n for n in range(60)]


def test_refusals_and_defects_are_sentences_and_the_process_lives_on(side):
    process = side.ask("process", None)
    with pytest.raises(PrecedenceError, match=r"^7 is refused\.$"):
        side.ask("refuse", 7)
    with pytest.raises(PrecedenceError, match="error of this program"):
        side.ask("fault", None)
    with pytest.raises(PrecedenceError, match="There is no calculation named 'nothing'; ask for one of double, "):
        side.ask("nothing", None)
    with pytest.raises(PrecedenceError, match="not finite"):
        side.ask("infinite", None)
    assert side.ask("process", None) == process


def test_what_a_library_prints_is_no_answer(side):
    assert side.ask("boast", [1, 2]) == [1, 2]


def test_a_long_calculation_is_ended_and_the_next_is_served(side):
    process = side.ask("process", None)
    late = side.submit("sleep", 60, seconds=0.3)
    waiting = side.submit("process", None)
    with pytest.raises(PrecedenceError, match=r"longer than 0\.3 s and was ended"):
        late.result()
    assert waiting.result() != process
    assert not psutil.pid_exists(process)


def test_a_process_that_was_killed_is_started_again(side):
    psutil.Process(side.ask("process", None)).kill()
    assert side.ask("double", 4) == 8


def test_a_request_outlives_one_death_of_the_process_but_not_two(side, tmp_path):
    assert side.ask("die_once", str(tmp_path / "mark")) == "alive"
    with pytest.raises(PrecedenceError, match="ended before it answered"):
        side.ask("die", None)
    assert side.ask("double", 4) == 8


def test_a_command_that_is_no_calculator_is_told():
    side = SideProcess((sys.executable, "-c", "import time; time.sleep(60)"), start_seconds=0.3)
    with pytest.raises(PrecedenceError, match=r"not ready in 0\.3 s"):
        side.ask("double", 1)
    side.close()
    missing = SideProcess(("/no/such/program",))
    with pytest.raises(PrecedenceError, match="could not be asked"):
        missing.ask("double", 1)
    missing.close()


def test_closing_tells_those_who_wait_and_takes_no_more():
    side = SideProcess(DOUBLE)
    process = side.ask("process", None)
    at_work, waiting = side.submit("sleep", 60), side.submit("double", 1)
    wait_until(at_work.running)
    side.close()
    for future in (at_work, waiting):
        with pytest.raises(PrecedenceError):
            future.result(timeout=MOST_SECONDS)
    assert not psutil.pid_exists(process)
    with pytest.raises(PrecedenceError, match="closing"):
        side.submit("double", 1)


def test_the_process_ends_when_its_server_is_killed(tmp_path):
    program = f"""
import sys, time
sys.path.insert(0, {str(ROOT)!r})
from core.runs.sidecar.process import SideProcess
side = SideProcess({DOUBLE!r})
print(side.ask("process", None), flush=True)
time.sleep(60)
"""
    with subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        process = psutil.Process(int(server.stdout.readline()))
        server.kill()
    wait_until(lambda: not process.is_running() or process.status() == psutil.STATUS_ZOMBIE)


def test_a_line_that_is_no_request_spoils_nothing():
    answers = io.StringIO()
    serve(io.StringIO('nonsense\n[]\n{"id": 1, "name": "one", "arguments": 2}\n'), answers, {"one": lambda n: n + 1})
    ready, first, second, third = map(json.loads, answers.getvalue().splitlines())
    assert ready == {"ready": True}
    assert first["problem"] == second["problem"]
    assert third == {"id": 1, "result": 3}


def test_no_thread_is_left(side):
    before = threading.active_count()
    side.ask("double", 1)
    side.close()
    wait_until(lambda: threading.active_count() <= before)
