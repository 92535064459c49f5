"""A command with several parts, each a file of its own with `add(parser)` and `run(arguments)`."""

from __future__ import annotations

import argparse
import importlib
from collections.abc import Mapping, Sequence
from typing import Any

Parts = Mapping[str, tuple[str, str]]
"""Name of a part → the module that does it, what it does in words."""


class _Part(argparse.ArgumentParser):
    """Imports its module when it is asked, so that no part needs what only another one needs."""

    module: str | None = None

    def parse_known_args(self, args: Sequence[str] | None = None, namespace: Any = None) -> Any:  # type: ignore[override]
        if self.module is not None:
            importlib.import_module(self.module).add(self)
            self.module = None
        return super().parse_known_args(args, namespace)


def add(parser: argparse.ArgumentParser, parts: Parts) -> None:
    chosen = parser.add_subparsers(dest="part", required=True, metavar="|".join(parts), parser_class=_Part)
    for name, (module, words) in parts.items():
        own = chosen.add_parser(name, help=words, description=words)
        own.module = module
        # at either place on the line; suppressed, so that the part's default does not undo what stood before it
        own.add_argument(
            "--json", action="store_true", default=argparse.SUPPRESS, help="one JSON object on the last line"
        )


def run(arguments: argparse.Namespace, parts: Parts) -> dict[str, Any]:
    result: dict[str, Any] = importlib.import_module(parts[arguments.part][0]).run(arguments)
    return result
