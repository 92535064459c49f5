"""python -m core users WHAT: users from their histories; each WHAT is a file of its own beside this one."""

from __future__ import annotations

import argparse
from typing import Any

from core.commands import several

WHAT = {
    "train": ("core.commands.users_train", "train DUPN on histories of behaviour and keep the model"),
    "transfer": ("core.commands.users_transfer", "what four tasks' representation is worth to a fifth"),
    "update": ("core.commands.users_update", "fine-tune a kept model on the newest day"),
    "study": ("core.commands.users_study", "arms, single tasks and transfer over seeds"),
    "embed": ("core.commands.users_embed", "embed all users, index them, draw their map"),
    "neighbours": ("core.commands.users_neighbours", "the users most like one, and what they share"),
    "judge": ("core.commands.users_judge", "are neighbours alike in what no embedding has seen?"),
}


def add(parser: argparse.ArgumentParser) -> None:
    several.add(parser, WHAT)


def run(arguments: argparse.Namespace) -> dict[str, Any]:
    return several.run(arguments, WHAT)
