"""The server's side of the calculator: one process with torch, started when it is first needed, ended with the server.

The server itself imports no torch (it would cost 0.3 GB and slow every rerun), so what needs it is asked for here.
"""

from __future__ import annotations

import contextlib
import itertools
import json
import logging
import queue
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Any

from core.errors import PrecedenceError
from core.runs.environment import environment, give_way

CALCULATOR = (sys.executable, "-m", "core.runs.sidecar.calculator")
START_SECONDS = 120.0  # a cold machine imports torch for half a minute, a busy one for longer
ANSWER_SECONDS = 10.0  # beyond that a person has gone on to something else
MOST_WAITING = 200  # requests that wait; a class that drags at once stays far below
TRIES = 2  # a process that ends under a request is started again once; a second end is the request's own doing

_log = logging.getLogger(__name__)


@dataclass
class _Request:
    name: str
    arguments: Any
    seconds: float
    future: Future[Any] = field(default_factory=Future)


class _EndedError(Exception):
    """The process ended."""


class SideProcess:
    """Asks the calculator, one request after the other; safe to call from any thread.

    A request that takes longer than its limit ends the process; the next one finds a fresh one.
    """

    def __init__(self, command: Sequence[str] = CALCULATOR, start_seconds: float = START_SECONDS) -> None:
        self._command = tuple(command)
        self._start_seconds = start_seconds
        self._requests: queue.Queue[_Request | None] = queue.Queue()
        self._numbers = itertools.count(1)
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None
        self._process: subprocess.Popen[str] | None = None
        self._lines: queue.Queue[str | None] = queue.Queue()
        self._closed = False

    @property
    def process_id(self) -> int | None:
        """Of the process that runs now; None while there is none."""
        process = self._process
        return process.pid if process is not None and process.poll() is None else None

    def submit(self, name: str, arguments: Any, seconds: float = ANSWER_SECONDS) -> Future[Any]:
        """Asks for the calculation `name`; the future ends with its result, or with a PrecedenceError.

        `seconds` limit the work itself; waiting for others and for the process to start comes on top.
        """
        request = _Request(name, arguments, seconds)
        with self._lock:
            if self._closed:
                raise PrecedenceError("The server is closing and calculates nothing any more; start it again.")
            if self._requests.qsize() >= MOST_WAITING:
                raise PrecedenceError(f"{MOST_WAITING} calculations are waiting already; try again in a few seconds.")
            if self._thread is None:
                self._thread = threading.Thread(target=self._work, name="calculator", daemon=True)
                self._thread.start()
            self._requests.put(request)
        return request.future

    def ask(self, name: str, arguments: Any, seconds: float = ANSWER_SECONDS) -> Any:
        """The same, waited for."""
        return self.submit(name, arguments, seconds).result()

    def close(self) -> None:
        """Ends the process; what still waits is told so."""
        with self._lock:
            self._closed = True
            thread = self._thread
        if thread is not None:
            self._requests.put(None)
            self._end()
            thread.join(timeout=5)

    # ------------------------------------------------------------------ the thread that asks

    def _work(self) -> None:
        while (request := self._requests.get()) is not None:
            if not request.future.set_running_or_notify_cancel():
                continue
            if self._closed:
                request.future.set_exception(PrecedenceError("The server closed before this was calculated."))
            else:
                self._answer(request)
        self._end()

    def _answer(self, request: _Request) -> None:
        try:
            said = self._try(request)
        except PrecedenceError as error:
            request.future.set_exception(error)
        except Exception as error:
            _log.exception("asking the calculator failed")
            self._end()
            request.future.set_exception(PrecedenceError(f"The calculator could not be asked ({error}); try again."))
        else:
            if "problem" in said:
                request.future.set_exception(PrecedenceError(said["problem"]))
            else:
                request.future.set_result(said["result"])

    def _try(self, request: _Request) -> dict[str, Any]:
        for _ in range(TRIES):
            with contextlib.suppress(_EndedError):
                self._start()
                return self._exchange(request)
            if self._closed:
                break
        raise PrecedenceError(
            "The calculating process ended before it answered; the server's console may say why. Try again."
        )

    def _exchange(self, request: _Request) -> dict[str, Any]:
        number = next(self._numbers)
        line = json.dumps({"id": number, "name": request.name, "arguments": request.arguments})
        process = self._process
        if process is None or process.stdin is None:
            raise _EndedError
        try:
            process.stdin.write(line + "\n")
            process.stdin.flush()
        except OSError as error:
            raise _EndedError from error
        deadline = time.monotonic() + request.seconds
        while (said := self._hear(deadline)) is not None:
            if said.get("id") == number:
                return said
        self._end()
        raise PrecedenceError(
            f"The calculation '{request.name}' took longer than {request.seconds:g} s and was ended; ask for less."
        )

    def _start(self) -> None:
        """A process that is ready; raises PrecedenceError where it does not become so in time."""
        if self.process_id is not None:
            return
        self._end()
        self._lines = queue.Queue()
        with self._lock:
            if self._closed:
                raise _EndedError
            self._process = subprocess.Popen(
                self._command,
                env=environment(),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
                encoding="utf-8",
                start_new_session=True,  # a key pressed at the console ends the server, which ends this
            )
            give_way(self._process.pid)
        threading.Thread(target=_read, args=(self._process, self._lines), daemon=True).start()
        ready = self._hear(time.monotonic() + self._start_seconds)
        if ready is None:
            self._end()
            raise PrecedenceError(
                f"The calculating process was not ready in {self._start_seconds:g} s; the machine may be very busy. "
                "Try again."
            )

    def _hear(self, deadline: float) -> dict[str, Any] | None:
        """The next message; None when the time is over; raises _EndedError when the process has ended."""
        try:
            line = self._lines.get(timeout=max(0.0, deadline - time.monotonic()))
        except queue.Empty:
            return None
        if line is None:
            self._end()
            raise _EndedError
        said: dict[str, Any] = json.loads(line)
        return said

    def _end(self) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        process.kill()
        process.wait(timeout=10)
        if process.stdin is not None:
            with contextlib.suppress(OSError):
                process.stdin.close()


def _read(process: subprocess.Popen[str], lines: queue.Queue[str | None]) -> None:
    """Hands on what the process says; None at its end."""
    assert process.stdout is not None
    with process.stdout:
        for line in process.stdout:
            lines.put(line)
    lines.put(None)
