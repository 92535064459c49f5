"""python -m core bench WHAT: speed as ratios taken in one run, with interleaved rounds."""

from __future__ import annotations

import argparse
import importlib
from typing import Any

BENCHES = {
    "step": "an NMT step against a plain weighted-sum step",
    "methods": "a step of every method against a plain weighted-sum step",
    "live": "what many viewers cost the server and the run they watch",
    "probe": "what task gradients and probes cost, and how far their angles can be trusted",
    "price": "what multipliers promise for a change of tolerance, against training that change",
    "relevance": "a search over a whole catalogue: words against vectors, time and bytes",
    "users": "sequences a second against a step loop and a plain LSTM, embedding, neighbours of users",
    "gpu": "every check and timing that wants a CUDA device",
}


def add(parser: argparse.ArgumentParser) -> None:
    benches = parser.add_subparsers(dest="bench", required=True, metavar="|".join(BENCHES))
    for name, what in BENCHES.items():
        own = benches.add_parser(name, help=what, description=what)
        importlib.import_module(f"core.bench.{name}").add(own)
        own.add_argument("--json", action="store_true", help="one JSON object on the last line")


def run(arguments: argparse.Namespace) -> dict[str, Any]:
    result: dict[str, Any] = importlib.import_module(f"core.bench.{arguments.bench}").run(arguments)
    return result
