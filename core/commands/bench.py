"""python -m core bench WHAT: speed as ratios taken in one run, with interleaved rounds."""

from __future__ import annotations

import argparse
from typing import Any

from core.commands import several

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
PARTS = {name: (f"core.bench.{name}", what) for name, what in BENCHES.items()}


def add(parser: argparse.ArgumentParser) -> None:
    several.add(parser, PARTS)


def run(arguments: argparse.Namespace) -> dict[str, Any]:
    return several.run(arguments, PARTS)
