"""Work whose size a stranger's file decides, in a process of its own with limits on time and memory.

`python -m core.runs.sidecar.confined` reads (function, arguments) from its input and answers on its output. A file that
asks for more than the limits ends the child and a sentence says so; the server neither grows nor waits for ever.
"""

from __future__ import annotations

import contextlib
import importlib
import os
import pickle
import resource
import selectors
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from core.errors import PrecedenceError
from core.home import home
from core.runs.environment import environment

SECONDS = 18.0  # for a look at a file; the promise is that no bad one holds anybody up for 20
MEGABYTES = 1024
MOST_ANSWER = 64 << 20  # bytes of an answer: it comes into the server
LOOK_EVERY = 0.1  # seconds between two calls of `waiting`

_busy: set[str] = set()
_lock = threading.Lock()


def confined(
    work: Callable[..., Any],
    *arguments: Any,
    person: str = "",
    seconds: float = SECONDS,
    megabytes: int = MEGABYTES,
    waiting: Callable[[float], None] = lambda since: None,
) -> Any:
    """What `work(*arguments)` returns, done in a child; `work` is a function of a module, its answer can be pickled.

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
        try:
            return _answer(process, (f"{work.__module__}:{work.__qualname__}", arguments), seconds, megabytes, waiting)
        finally:
            with contextlib.suppress(OSError):
                process.kill()
            process.wait()
            for pipe in (process.stdin, process.stdout):
                if pipe is not None:
                    with contextlib.suppress(OSError):
                        pipe.close()


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
    asked: tuple[str, tuple[Any, ...]],
    seconds: float,
    megabytes: int,
    waiting: Callable[[float], None],
) -> Any:
    assert process.stdin is not None
    assert process.stdout is not None
    with contextlib.suppress(BrokenPipeError):
        process.stdin.write(pickle.dumps(asked))
        process.stdin.close()
    began, answer = time.monotonic(), bytearray()
    with selectors.DefaultSelector() as selector:
        selector.register(process.stdout, selectors.EVENT_READ)
        while True:
            since = time.monotonic() - began
            waiting(since)
            if since > seconds:
                raise PrecedenceError(
                    f"Reading the file took longer than {seconds:.0f} s and was ended; give fewer rows or columns."
                )
            if not selector.select(LOOK_EVERY):
                continue
            piece = os.read(process.stdout.fileno(), 1 << 16)
            if not piece:
                break
            answer += piece
            if len(answer) > MOST_ANSWER:
                raise PrecedenceError("The file holds more than this page can take in; give fewer rows.")
    return _read(bytes(answer), megabytes)


def _read(answer: bytes, megabytes: int) -> Any:
    if not answer:  # ended by the system before it could say anything
        raise PrecedenceError(_too_much(megabytes))
    good, value = pickle.loads(answer)
    if good:
        return value
    raise PrecedenceError(value)


def _too_much(megabytes: int) -> str:
    return f"Reading the file needs more than {megabytes} MB of memory; give fewer rows or columns, or shorter texts."


def main(megabytes: int, seconds: int) -> int:
    """The child: limits first, then the work."""
    work, arguments = pickle.loads(sys.stdin.buffer.read())
    answers, sys.stdout = sys.stdout.buffer, sys.stderr  # whatever prints must not disturb the answer
    module, _, name = work.partition(":")
    function = getattr(importlib.import_module(module), name)
    room = megabytes << 20
    resource.setrlimit(resource.RLIMIT_DATA, (room, room))
    resource.setrlimit(resource.RLIMIT_CPU, (4 * seconds, 4 * seconds))
    try:
        answer = pickle.dumps((True, function(*arguments)))
    except PrecedenceError as error:
        answer = pickle.dumps((False, _without_places(str(error), arguments)))
    except MemoryError:
        answer = pickle.dumps((False, _too_much(megabytes)))
    except RecursionError:
        answer = pickle.dumps((False, "The file is nested too deeply to be read; write it as plain rows."))
    except Exception as error:  # a reader met what it did not expect: no traceback reaches a person
        said = " ".join(str(error).split())[:160]
        said = f"The file cannot be read ({type(error).__name__}: {said}); save it again."
        answer = pickle.dumps((False, _without_places(said, arguments)))
    answers.write(answer)
    answers.flush()
    return 0


def _without_places(said: str, arguments: tuple[Any, ...]) -> str:
    """Files by their names alone: where the server puts them is nobody's business."""
    for argument in arguments:
        for one in argument if isinstance(argument, list | tuple) else (argument,):
            if isinstance(one, Path):
                said = said.replace(f"{one.parent}{os.sep}", "")
    return said


if __name__ == "__main__":
    os._exit(main(int(sys.argv[1]), int(sys.argv[2])))  # without taking the libraries down one by one
