"""python -m core.runs.sidecar.calculator: a process beside the server that holds torch and answers named calculations.

It ends when its input ends, so it never outlives the server that asked for it.
"""

from __future__ import annotations

import logging
import os
import sys

import torch

from core.logs import set_up
from core.runs.sidecar.answering import serve
from core.runs.sidecar.calculations import CALCULATIONS, directions


def main() -> None:
    set_up(logging.WARNING)
    torch.set_num_threads(1)
    # Only answers may reach standard output: what a library prints goes to the console of the server instead.
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "w", encoding="utf-8")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    directions({"gradients": [[1.0, 0.5], [-1.0, 0.5]]})  # some methods import at first use: let nobody wait for it
    try:
        serve(sys.stdin, answers, CALCULATIONS)
    except (BrokenPipeError, KeyboardInterrupt):  # the server is gone, or both were told to end from the keyboard
        os._exit(0)


if __name__ == "__main__":
    main()
