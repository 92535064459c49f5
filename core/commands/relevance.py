"""python -m core relevance WHAT: search that explains itself; each WHAT is a file of its own beside this one."""

from __future__ import annotations

import argparse
from typing import Any

from core.commands import several

WHAT = {
    "train": ("core.commands.relevance_train", "a relevance model from judged pairs"),
    "evaluate": ("core.commands.relevance_evaluate", "saved models beside BM25 and word overlap, on judged queries"),
    "index": ("core.commands.relevance_index", "encode a catalogue and index it; add and remove products"),
    "collection": ("core.commands.relevance_collection", "a file or a finished run as the Relevance page searches it"),
    "search": ("core.commands.relevance_search", "the best products for a query"),
    "explain": ("core.commands.relevance_explain", "why a product has its score, word by word"),
    "override": (
        "core.commands.relevance_override",
        "changes by hand: add, list, undo, export, import, before and after",
    ),
}


def add(parser: argparse.ArgumentParser) -> None:
    several.add(parser, WHAT)


def run(arguments: argparse.Namespace) -> dict[str, Any]:
    return several.run(arguments, WHAT)
