"""python -m core data list | check NAME_OR_FILE | prepare FILE | make-shop"""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

from core.commands.options import FILE, Command, show
from core.errors import PrecedenceError
from core.task_kinds.kinds import TABLE_KINDS

_labels = click.option(
    "--labels", default="", help=f"Label columns, e.g. click,price:regression; kinds: {', '.join(TABLE_KINDS)}."
)
_time = click.option("--time", default=None, help="Time column to split by; without it rows are split at random.")
_name = click.option("--name", default="", help="The table's name when it is kept; by default the file's.")


@click.command("list", cls=Command)
def list_() -> dict[str, Any]:
    """The data sets that can be chosen."""
    from core.data.registry import cards, uploaded_cards

    found, own = cards(), uploaded_cards()
    for name, card in (found | own).items():
        show(f"{name}: {card.title}. {card.about} Tasks: {', '.join(card.task_names())}. {card.notice}".strip())
    return {"datasets": [card.model_dump() | {"path": None} for card in found.values()]
            + [card.model_dump() | {"path": path} for path, card in own.items()]}  # fmt: skip


@click.command("make-shop", cls=Command)
def make_shop() -> dict[str, Any]:
    """Write the simulated shop again, byte for byte the same."""
    from core.data.sources.shop.files import COMMITTED, write_shop

    written = write_shop()
    show(f"{len(written)} files, {sum(written.values()) / 1e6:.1f} MB, in {COMMITTED}")
    return {"files": written}


@click.command(cls=Command)
@click.argument("source", type=FILE)
@_labels
@_time
@_name
def prepare(source: Path, labels: str, time: str | None, name: str) -> dict[str, Any]:
    """Keep SOURCE, a CSV, TSV or Parquet file, as a data set."""
    from core.data.sources.uploaded import table

    folder = table.prepare(source, name or source.stem, labels_of(labels), time)
    show(f"{folder} is ready: choose the data set own with this path")
    return {"path": str(folder)}


@click.command(cls=Command)
@click.argument("source")
@_labels
@_time
@_name
def check(source: str, labels: str, time: str | None, name: str) -> dict[str, Any]:
    """Is SOURCE, a data set's name or a CSV, TSV or Parquet file, fit for use?"""
    from core.data.registry import cards
    from core.data.source import UPLOADED, DatasetChoice
    from core.data.sources.uploaded.table import check_file

    if source in cards():
        result = _check_known(DatasetChoice(name=source))
    elif (Path(source) / "description.json").is_file():
        result = _check_known(DatasetChoice(name=UPLOADED, path=source))
    else:
        result = asdict(check_file(Path(source), labels_of(labels), time))
    show(f"{result['rows']} rows; tasks: {', '.join(result['tasks']) or 'none'}")
    show("\n".join(result["problems"]) or "No problem found.")
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
    labels: dict[str, Any] = {}
    for part in filter(None, (part.strip() for part in text.split(","))):
        name, colon, kind = part.rpartition(":")
        if colon and kind in TABLE_KINDS:
            labels[name] = kind
        else:
            labels[part] = None
    return labels
