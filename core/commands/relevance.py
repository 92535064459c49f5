"""python -m core relevance WHAT: search that explains itself; each WHAT is a file of its own beside this one."""

from __future__ import annotations

import argparse
import importlib
from typing import Any

WHAT = {
    "train": ("relevance_train", "a relevance model from judged pairs"),
    "evaluate": ("relevance_evaluate", "saved models beside BM25 and word overlap, on judged queries"),
    "index": ("relevance_index", "encode a catalogue and index it; add and remove products"),
    "search": ("relevance_search", "the best products for a query"),
    "explain": ("relevance_explain", "why a product has its score, word by word"),
    "override": ("relevance_override", "changes by hand: add, list, undo, export, import, before and after"),
}


def add(parser: argparse.ArgumentParser) -> None:
    what = parser.add_subparsers(dest="what", required=True, metavar="|".join(WHAT))
    for name, (module, words) in WHAT.items():
        own = what.add_parser(name, help=words, description=words)
        importlib.import_module(f"core.commands.{module}").add(own)
        own.add_argument(
            "--json", action="store_true", default=argparse.SUPPRESS, help="one JSON object on the last line"
        )


def run(arguments: argparse.Namespace) -> dict[str, Any]:
    module = WHAT[arguments.what][0]
    result: dict[str, Any] = importlib.import_module(f"core.commands.{module}").run(arguments)
    return result
