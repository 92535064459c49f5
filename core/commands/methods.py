"""python -m core methods: the registry in words, or as the table of docs/methods.md."""

from __future__ import annotations

import argparse
from typing import Any

from core.methods.registry import METHODS


def add(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--markdown", action="store_true", help="as a table, the one that stands in docs/methods.md")


def run(arguments: argparse.Namespace) -> dict[str, Any]:
    if arguments.markdown:
        print(table())
    elif not arguments.json:
        for card in METHODS.values():
            print(f"{card.kind}: {card.title}. {card.guarantee} {card.cost} {card.fails}")
    return {"methods": [card.model_dump(exclude={"config"}) for card in METHODS.values()]}


def table() -> str:
    """One row a method, as Markdown."""
    rows = ["| `--method` | method | guarantees | costs | fails | source |", "|---|---|---|---|---|---|"]
    rows += [
        f"| `{c.kind}` | {c.title} | {c.guarantee} | {c.cost} | {c.fails} | {c.source} |" for c in METHODS.values()
    ]
    return "\n".join(rows)
