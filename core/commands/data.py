"""python -m core data list | check NAME_OR_FILE | prepare FILE | make-shop"""

from __future__ import annotations

import argparse
from dataclasses import asdict
from pathlib import Path
from typing import Any

from core.errors import PrecedenceError


def add(parser: argparse.ArgumentParser) -> None:
    what = parser.add_subparsers(dest="what", required=True, metavar="list|check|prepare|make-shop")
    what.add_parser("list", help="the data sets that can be chosen")
    for name, words in (
        ("check", "is this data set or file fit for use?"),
        ("prepare", "keep a file as an own data set"),
    ):
        own = what.add_parser(name, help=words)
        own.add_argument("source", help="a data set's name, or a CSV, TSV or Parquet file")
        own.add_argument("--labels", default="", help="label columns, e.g. click,price:regression")
        own.add_argument("--time", default=None, help="time column to split by; without it rows are split at random")
        own.add_argument("--name", default="", help="prepare: the table's name, default the file's")
    what.add_parser("make-shop", help="write the simulated shop again, byte for byte the same")
    for each in what.choices.values():
        each.add_argument(
            "--json", action="store_true", default=argparse.SUPPRESS, help="one JSON object on the last line"
        )


def run(arguments: argparse.Namespace) -> dict[str, Any]:
    if arguments.what == "list":
        return _list(arguments.json)
    if arguments.what == "make-shop":
        return _make_shop(arguments.json)
    if arguments.what == "prepare":
        return _prepare(arguments)
    return _check(arguments)


def _list(quiet: bool) -> dict[str, Any]:
    from core.data.registry import cards, uploaded_cards

    found = cards()
    own = uploaded_cards()
    if not quiet:
        for name, card in (found | own).items():
            print(f"{name}: {card.title}. {card.about} Tasks: {', '.join(card.task_names())}. {card.notice}".strip())
    return {"datasets": [card.model_dump() | {"path": None} for card in found.values()]
            + [card.model_dump() | {"path": path} for path, card in own.items()]}  # fmt: skip


def _make_shop(quiet: bool) -> dict[str, Any]:
    from core.data.sources.shop.files import COMMITTED, write_shop

    written = write_shop()
    if not quiet:
        print(f"{len(written)} files, {sum(written.values()) / 1e6:.1f} MB, in {COMMITTED}")
    return {"files": written}


def _prepare(arguments: argparse.Namespace) -> dict[str, Any]:
    from core.data.sources.uploaded.table import prepare

    file = Path(arguments.source)
    folder = prepare(file, arguments.name or file.stem, labels_of(arguments.labels), arguments.time)
    if not arguments.json:
        print(f"{folder} is ready: choose the data set own with this path")
    return {"path": str(folder)}


def _check(arguments: argparse.Namespace) -> dict[str, Any]:
    from core.data.registry import cards
    from core.data.source import UPLOADED, DatasetChoice

    if arguments.source in cards():
        result = _check_known(DatasetChoice(name=arguments.source))
    elif (Path(arguments.source) / "description.json").is_file():
        result = _check_known(DatasetChoice(name=UPLOADED, path=arguments.source))
    else:
        from core.data.sources.uploaded.table import check_file

        report = check_file(Path(arguments.source), labels_of(arguments.labels), arguments.time)
        result = asdict(report)
    if not arguments.json:
        print(f"{result['rows']} rows; tasks: {', '.join(result['tasks']) or 'none'}")
        print("\n".join(result["problems"]) or "No problem found.")
    return result


def _check_known(choice: Any) -> dict[str, Any]:
    """Loads a data set for good: what cannot be loaded is the problem."""
    from core.data.registry import load_dataset

    try:
        data = load_dataset(choice)
    except PrecedenceError as error:
        return {"rows": 0, "tasks": {}, "problems": [str(error)]}
    tasks, rows = {}, data.labels.shape[0]
    for column, task in enumerate(data.description.card.tasks):
        mask = data.mask[:, column]
        count = int(mask.sum())
        mean = float(data.labels[mask, column].double().mean()) if count else None
        tasks[task.name] = {"kind": task.kind, "known": count, "missing": rows - count, "mean": mean}
    return {"rows": rows, "tasks": tasks, "problems": []}


def labels_of(text: str) -> dict[str, Any]:
    """`click,price:regression` as a kind by column; without a kind it is guessed from the values."""
    from core.data.task_kinds import TABLE_KINDS

    labels: dict[str, Any] = {}
    for part in filter(None, (part.strip() for part in text.split(","))):
        name, colon, kind = part.rpartition(":")
        if colon and kind in TABLE_KINDS:
            labels[name] = kind
        else:
            labels[part] = None
    return labels
