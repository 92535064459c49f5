"""Work whose size a stranger's file decides, in a process of its own with limits on time and memory.

`python -m core.runs.sidecar.confined` reads the function and its arguments from its input and answers on its output,
both as JSON of the function's own types: a child that a file has taken over can say nothing but such values, and the
server runs none of it (no pickle). A file that asks for more than the limits ends the child and a sentence says so; the
server neither grows nor waits for ever.
"""

from __future__ import annotations

import contextlib
import importlib
import inspect
import json
import os
import re
import resource
import selectors
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, TypeVar, get_type_hints

from pydantic import ConfigDict, PydanticUserError, TypeAdapter, ValidationError

from core.errors import PrecedenceError
from core.home import home
from core.runs.environment import environment, give_way
from core.temporary import keep_together, remove_left_over

SECONDS = 18.0  # for a look at a file; the promise is that no bad one holds anybody up for 20
MOST_BUSY = 6.0  # times that, where others leave so little of the machine
STARTING = 90.0  # seconds for the child's own start, which is no fault of the file
MEGABYTES = 1024
MOST_ANSWER = 64 << 20  # bytes of an answer: it comes into the server
LONGEST_SENTENCE = 4000  # bytes of a refusal
LOOK_EVERY = 0.1  # seconds between two calls of `waiting`

_CANNOT = "The file cannot be read"
UNEXPECTED = re.compile(rf"{_CANNOT} \(\w+: ")
"""How a refusal begins that names an exception in place of the fault: the reader has something to learn."""
_READY, _GOOD, _BAD = b".", b"+", b"-"  # the child has started; how an answer begins: a value, or a sentence
_PLAIN = ConfigDict(ser_json_bytes="base64", val_json_bytes="base64", ser_json_inf_nan="constants")

Answer = TypeVar("Answer")

_busy: set[str] = set()
_lock = threading.Lock()


def confined(
    work: Callable[..., Answer],
    *arguments: Any,
    person: str = "",
    seconds: float = SECONDS,
    megabytes: int = MEGABYTES,
    waiting: Callable[[float], None] = lambda since: None,
) -> Answer:
    """What `work(*arguments)` returns, done in a child; `work` is a function of a module that says all its types.

    `person`: of one person one such work goes on at a time. `waiting` is called again and again with the seconds so
    far; whatever it raises ends the child, which is how a person cancels. Raises PrecedenceError as `work` does, and
    where a limit was met.
    """
    with _one_of(person):
        process = subprocess.Popen(
            [sys.executable, "-m", "core.runs.sidecar.confined", str(megabytes), str(int(seconds) + 1)],
            env=environment(PRECEDENCE_HOME=str(home())),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        give_way(process.pid)
        try:
            answer = _answer(process, _asked(work, arguments), seconds, megabytes, waiting)
        finally:
            with contextlib.suppress(OSError):
                process.kill()
            process.wait()
            for pipe in (process.stdin, process.stdout):
                if pipe is not None:
                    with contextlib.suppress(OSError):
                        pipe.close()
            remove_left_over()
    return _read(answer, work)


def plain_type(said: Any) -> TypeAdapter[Any]:
    """Writes and reads values of a type as JSON; bytes as base64, numbers that are none by their names."""
    try:
        return TypeAdapter(said, config=_PLAIN)
    except PydanticUserError:  # a model or dataclass brings a config of its own
        return TypeAdapter(said)


def _asked(work: Callable[..., Any], arguments: tuple[Any, ...]) -> bytes:
    said = [
        plain_type(kind).dump_python(value, mode="json")
        for value, kind in zip(arguments, _types_of(work), strict=False)
    ]
    return json.dumps([f"{work.__module__}:{work.__qualname__}", said]).encode()


def _types_of(work: Callable[..., Any]) -> list[Any]:
    """The types of its arguments, in their order."""
    hints = get_type_hints(work)
    return [hints[name] for name in inspect.signature(work).parameters]


@contextlib.contextmanager
def _one_of(person: str) -> Iterator[None]:
    if not person:
        yield
        return
    with _lock:
        if person in _busy:
            raise PrecedenceError("Another of your files is being read; wait until that is done, or close its dialog.")
        _busy.add(person)
    try:
        yield
    finally:
        with _lock:
            _busy.discard(person)


def _answer(
    process: subprocess.Popen[bytes],
    asked: bytes,
    seconds: float,
    megabytes: int,
    waiting: Callable[[float], None],
) -> bytes:
    assert process.stdin is not None
    assert process.stdout is not None
    with contextlib.suppress(BrokenPipeError):
        process.stdin.write(asked)
        process.stdin.close()
    began, ready, answer = time.monotonic(), 0.0, bytearray()
    with selectors.DefaultSelector() as selector:
        selector.register(process.stdout, selectors.EVENT_READ)
        while True:
            since = time.monotonic() - began
            waiting(since)
            if not ready and since > STARTING:
                raise PrecedenceError("This server is too busy to read a file now; try again in a minute.")
            if ready and time.monotonic() - ready > (most := seconds * _busy_by()):
                raise PrecedenceError(
                    f"Reading the file took longer than {most:.0f} s and was ended; give fewer rows or columns."
                )
            if not selector.select(LOOK_EVERY):
                continue
            piece = os.read(process.stdout.fileno(), 1 << 16)
            if not piece:
                break
            if not ready:
                ready, piece = time.monotonic(), piece.removeprefix(_READY)
            answer += piece
            if len(answer) > MOST_ANSWER:
                raise PrecedenceError("The file holds more than this page can take in; give fewer rows.")
    if not answer:
        if not ready:  # it failed before it saw the file: our fault, not the file's
            raise PrecedenceError(f"{_CANNOT} (its reader failed); tell whoever runs this server.")
        raise PrecedenceError(_too_much(megabytes))  # ended by the system
    return bytes(answer)


def _busy_by() -> float:
    """How many times longer work takes where others wait for the same cores, 1 on a quiet machine."""
    return min(MOST_BUSY, max(1.0, os.getloadavg()[0] / (os.cpu_count() or 1)))


def _read(answer: bytes, work: Callable[..., Answer]) -> Answer:
    if answer[:1] == _GOOD:
        try:
            value: Answer = plain_type(get_type_hints(work)["return"]).validate_json(answer[1:])
            return value
        except ValidationError as error:  # not what our own code answers: it was taken over, or cut off
            raise PrecedenceError(f"{_CANNOT} (its reader gave no answer); save it again.") from error
    raise PrecedenceError(" ".join(answer[1:LONGEST_SENTENCE].decode(errors="replace").split()))


def _too_much(megabytes: int) -> str:
    return f"Reading the file needs more than {megabytes} MB of memory; give fewer rows or columns, or shorter texts."


def main(megabytes: int, seconds: int) -> int:
    """The child: limits first, then the work."""
    work, given = json.loads(sys.stdin.buffer.read())
    answers, sys.stdout = sys.stdout.buffer, sys.stderr  # whatever prints must not disturb the answer
    module, _, name = work.partition(":")
    function = getattr(importlib.import_module(module), name)
    arguments = [
        plain_type(kind).validate_json(json.dumps(value))
        for value, kind in zip(given, _types_of(function), strict=False)
    ]
    answer_type = plain_type(get_type_hints(function)["return"])
    keep_together()
    answers.write(_READY)
    answers.flush()
    room = megabytes << 20
    resource.setrlimit(resource.RLIMIT_DATA, (room, room))
    resource.setrlimit(resource.RLIMIT_CPU, (4 * seconds, 4 * seconds))
    try:
        answer = _GOOD + answer_type.dump_json(function(*arguments))
    except PrecedenceError as error:
        answer = _refusal(str(error), arguments)
    except MemoryError:
        answer = _refusal(_too_much(megabytes), arguments)
    except RecursionError:
        answer = _refusal("The file is nested too deeply to be read; write it as plain rows.", arguments)
    except Exception as error:  # a reader met what it did not expect: no traceback reaches a person
        said = " ".join(str(error).split())[:160]
        answer = _refusal(f"{_CANNOT} ({type(error).__name__}: {said}); save it again.", arguments)
    answers.write(answer)
    answers.flush()
    return 0


def _refusal(said: str, arguments: Sequence[Any]) -> bytes:
    return _BAD + _without_places(said, arguments).encode(errors="replace")


def _without_places(said: str, arguments: Sequence[Any]) -> str:
    """Files by their names alone: where the server puts them is nobody's business."""
    for argument in arguments:
        for one in argument if isinstance(argument, list | tuple) else (argument,):
            if isinstance(one, Path):
                said = said.replace(f"{one.parent}{os.sep}", "")
    return said


if __name__ == "__main__":
    os._exit(main(int(sys.argv[1]), int(sys.argv[2])))  # without taking the libraries down one by one
