"""python -m core users neighbours: the users most like one, and what they share."""

from __future__ import annotations

import argparse
from typing import Any

import numpy as np

from core.commands.users_embed import chosen, who
from core.users.spaces.building import make_and_tell
from core.users.traits.lift import Everyone, in_words


def add(parser: argparse.ArgumentParser) -> None:
    who(parser)
    parser.add_argument("--user", required=True, help="the id by which the source knows the user")
    parser.add_argument("--count", type=int, default=10, help="how many neighbours")


def run(arguments: argparse.Namespace) -> dict[str, Any]:
    choice = chosen(arguments)
    histories = choice.histories()
    number = histories.number_of(arguments.user)
    space = make_and_tell(choice)
    if space.index is None:
        raise RuntimeError("a space that was just made is not there")
    found = space.index.neighbours(arguments.user, arguments.count)
    everyone = Everyone(histories)
    rows = np.array([space.index.rows[each.user] for each in found])
    together = everyone.traits(rows)
    neighbours: list[dict[str, Any]] = [
        {
            "user": each.user,
            "similarity": round(each.similarity, 4),
            "shared": [trait.short for trait in everyone.pair(number, int(row))],
        }
        for each, row in zip(found, rows, strict=True)
    ]
    if not arguments.json:
        for each in neighbours:
            print(f"{each['user']:>8}  {each['similarity']:.3f}  {', '.join(each['shared'])}")
        print(in_words(together))
    return {
        "user": arguments.user,
        "neighbours": neighbours,
        "together": [{"sentence": trait.sentence, "lift": round(trait.lift, 3)} for trait in together],
    }
