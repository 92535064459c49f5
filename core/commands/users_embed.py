"""python -m core users embed: all users of a source as points, indexed and mapped."""

from __future__ import annotations

import argparse
import sys
import time
from typing import Any

from core.data.registry import SOURCES, names_of
from core.data.source import UPLOADED
from core.users.embedding.embedders import MODELS, offered
from core.users.spaces.building import make_and_tell
from core.users.spaces.shipped import ship
from core.users.spaces.space import SpaceChoice

HISTORIES = {SOURCES[name].part_of or name: name for name in names_of("histories")}
"""The data sets of histories by what a person knows them as."""


def add(parser: argparse.ArgumentParser) -> None:
    who(parser)
    parser.add_argument("--ship", action="store_true", help="write it among the project's files, to open at once")


def who(parser: argparse.ArgumentParser) -> None:
    """Flags that name a space: whose events, which model."""
    parser.add_argument("--dataset", choices=[*HISTORIES, *HISTORIES.values()], default="shop", help="whose users")
    parser.add_argument("--events", default=None, help="a CSV or Parquet file of events instead: user, item, time, …")
    parser.add_argument(
        "--model",
        choices=list(MODELS),
        default=None,
        help="default: the best that is trained for them",
    )


def chosen(arguments: argparse.Namespace) -> SpaceChoice:
    """The space that the flags name."""
    source = UPLOADED if arguments.events else HISTORIES.get(arguments.dataset, arguments.dataset)
    return SpaceChoice(source, arguments.model or offered(source)[0], arguments.events)


def run(arguments: argparse.Namespace) -> dict[str, Any]:
    choice = chosen(arguments)
    began = time.perf_counter()
    told: list[str] = []

    def report(stage: str, done: int, total: int) -> None:
        if not told or told[-1] != stage:
            told.append(stage)
            print(f"{time.perf_counter() - began:6.1f} s  {stage}", file=sys.stderr)

    space = make_and_tell(choice, report)
    index, drawn = space.index, space.map
    if index is None or drawn is None:
        raise RuntimeError("a space that was just made is not there")
    if arguments.ship:
        print(f"{ship(space)} is written", file=sys.stderr)
    result = {
        "users": len(index),
        "model": choice.model,
        "engine": index.engine,
        "width": index.width,
        "recall_at_10": index.recall,
        "map": {"kept": round(drawn.kept, 4), "trustworthiness": round(drawn.trustworthiness, 4)},
        "folder": str(choice.folder()),
        "seconds": round(time.perf_counter() - began, 1),
    }
    if not arguments.json:
        print(f"{len(index)} users of {choice.source} in {index.width} dimensions. {drawn.words}")
    return result
