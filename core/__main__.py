"""python -m core COMMAND …: everything the pages do, without a browser.

With --json the last line of standard output is one JSON object. A mistake in the input ends with one sentence on
standard error and exit status 2.
"""

from __future__ import annotations

import argparse
import importlib
import json
import sys

from core.errors import PrecedenceError

COMMANDS = {
    "run": "open the app in the browser",
    "train": "train one run from a config file or from flags",
    "sweep": "train a grid of tolerances, weights, methods, priorities and seeds; its front",
    "compare": "train several methods on several data sets and seeds, and put them side by side",
    "price": "say what a change of each tolerance would buy the tasks below, from a finished NMT run",
    "methods": "list the methods: what each guarantees, costs, and where it fails",
    "data": "list the data sets, or check one",
    "users": "users from their histories: train, transfer, update, embed, neighbours",
    "relevance": "search that explains itself: index, search, explain, override",
    "bench": "measure speed as ratios taken in one run",
}


def main(argv: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m core", description="Precedence: prioritised multi-task learning")
    parser.add_argument(
        "command", choices=COMMANDS, help="; ".join(f"{name}: {what}" for name, what in COMMANDS.items())
    )
    arguments = sys.argv[1:] if argv is None else argv
    name = parser.parse_args(arguments[:1]).command
    command = importlib.import_module(f"core.commands.{name}")
    own = argparse.ArgumentParser(prog=f"python -m core {name}", description=COMMANDS[name])
    command.add(own)
    own.add_argument("--json", action="store_true", help="one JSON object on the last line")
    parsed = own.parse_args(arguments[1:])
    try:
        result = command.run(parsed)
    except PrecedenceError as error:
        print(error, file=sys.stderr)
        return 2
    if parsed.json:
        print(json.dumps(result))
    return 0


if __name__ == "__main__":
    sys.exit(main())
