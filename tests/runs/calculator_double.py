"""A calculator with small calculations that a test can foresee: the real protocol around them."""

from __future__ import annotations

import os
import sys
import time

from core.errors import PrecedenceError
from core.runs.sidecar.answering import serve


def refuse(arguments):
    raise PrecedenceError(f"{arguments} is refused.")


def die_once(mark):
    """Ends the process the first time; the file `mark` says that it did."""
    if not os.path.exists(mark):
        open(mark, "w").close()
        os._exit(3)
    return "alive"


def boast(arguments):
    print("a library that prints")
    return arguments


CALCULATIONS = {
    "double": lambda number: 2 * number,
    "sleep": lambda seconds: time.sleep(seconds),
    "refuse": refuse,
    "die": lambda arguments: os._exit(3),
    "die_once": die_once,
    "fault": lambda arguments: 1 / 0,
    "infinite": lambda arguments: float("inf"),
    "boast": boast,
    "process": lambda arguments: os.getpid(),
}

if __name__ == "__main__":
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    serve(sys.stdin, answers, CALCULATIONS)
