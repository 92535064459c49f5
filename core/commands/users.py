"""python -m core users WHAT: users from their histories; each WHAT is a file of its own beside this one."""

from __future__ import annotations

import argparse
import importlib
from typing import Any

WHAT = {
    "train": ("users_train", "train DUPN on histories of behaviour and keep the model"),
    "transfer": ("users_transfer", "what four tasks' representation is worth to a fifth"),
    "update": ("users_update", "fine-tune a kept model on the newest day"),
    "study": ("users_study", "arms, single tasks and transfer over seeds"),
    "embed": ("users_embed", "embed all users, index them, draw their map"),
    "neighbours": ("users_neighbours", "the users most like one, and what they share"),
    "judge": ("users_judge", "are neighbours alike in what no embedding has seen?"),
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
