"""python -m core data list | profile FILE | check NAME_OR_FILE | prepare FILE | make-shop"""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

from core.commands.options import (
    FILE,
    Command,
    end_unfit,
    on_a_line,
    plain_stem,
    quiet,
    reader_flags,
    report,
    show,
    threads,
    with_files,
)
from core.data.reading.options import ReaderOptions
from core.data.reading.roles import PURPOSES
from core.data.reading.templates import TEMPLATES
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
@with_files
@click.option(
    "--as", "purpose", type=click.Choice(PURPOSES), help="What it is for; by default as its columns' names say."
)
@reader_flags
def profile(source: Path, more: tuple[Path, ...], purpose: Any, options: ReaderOptions) -> dict[str, Any]:
    """What SOURCE holds, column by column, and what each column was taken for; nothing is kept."""
    from core.data.reading.reader import read_profile
    from core.data.sources.uploaded.kept import profile_of

    found = profile_of(read_profile([source, *more], options, purpose))
    found["warnings"] = [on_a_line(one) for one in found["warnings"]]
    show(*profile_lines(found))
    return found


def profile_lines(found: dict[str, Any]) -> list[str]:
    """A profile for a person: how the file was read, a line a column, and what should be looked at."""
    shown = {key: value for key, value in found["options"].items() if value is not None and key != "columns"}
    lines = [
        f"{found['rows']:,} rows, read as {found['purpose']}; " + ", ".join(f"{k}={v!r}" for k, v in shown.items())
    ]
    lines.append(
        f"{'column':24} {'role':9} {'kind':8} {'missing':>9} {'distinct':>9} {'converted':>9} {'failed':>7}  examples"
    )
    for column in found["columns"]:
        name = column["name"] if len(column["name"]) <= 24 else column["name"][:23] + "…"
        counts = " ".join(f"{column[key]:>9,}" for key in ("missing", "distinct", "converted"))
        examples = ", ".join(repr(one)[:24] for one in column["examples"][:3])
        lines.append(f"{name:24} {column['role']:9} {column['kind']:8} {counts} {column['failed']:>7,}  {examples}")
    return [*lines, *found["warnings"]]


@click.command(cls=Command)
@click.argument("source", type=FILE)
@with_files
@_labels
@_time
@_name
@click.option("--replace", is_flag=True, help="Take the place of a table of this name; runs on it can no longer go on.")
@reader_flags
def prepare(
    source: Path,
    more: tuple[Path, ...],
    labels: str,
    time: str | None,
    name: str,
    replace: bool,
    options: ReaderOptions,
) -> dict[str, Any]:
    """Keep SOURCE, a CSV, TSV, Excel, JSON lines or Parquet file, as a data set."""
    from core.data.sources.uploaded import table
    from core.data.sources.uploaded.kept import read_kept
    from core.home import home
    from core.narration.at_most import at_most_before
    from core.settings.presets import uploaded_run

    folder = table.prepare([source, *more], name or plain_stem(source), labels_of(labels), time, options, replace)
    warnings = [on_a_line(one) for one in read_kept(folder).get("warnings", [])]
    warnings += at_most_before(home(), uploaded_run(str(folder)))
    show(*warnings, f"{folder} is ready: choose the data set own with this path")
    return {"path": str(folder), "warnings": warnings}


@click.command(cls=Command)
@click.argument("source")
@with_files
@_labels
@_time
@_name
@reader_flags
def check(
    source: str, more: tuple[Path, ...], labels: str, time: str | None, name: str, options: ReaderOptions
) -> dict[str, Any]:
    """Is SOURCE, a data set's name or a file, fit for use? Status 1 where it is not."""
    from core.data.registry import cards
    from core.data.source import UPLOADED, DatasetChoice
    from core.data.sources.uploaded.table import check_file

    if source in cards():
        result = _check_known(DatasetChoice(name=source))
    elif (Path(source) / "description.json").is_file():
        result = _check_known(DatasetChoice(name=UPLOADED, path=source))
    else:
        result = asdict(check_file([Path(source), *more], labels_of(labels), time, options))
        result |= {name: [on_a_line(one) for one in result[name]] for name in ("problems", "warnings")}
    show(f"{result['rows']} rows; tasks: {', '.join(result['tasks']) or 'none'}")
    show(*result.get("warnings", []))
    show("\n".join(result["problems"]) or "No problem found.")
    if result["problems"]:
        end_unfit()
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


@click.command(cls=Command)
@threads
@quiet
def make_example(threads: int, quiet: bool) -> dict[str, Any]:
    """Train the default run once and keep what it said, the replay that the Priority lab opens with, and where its
    first task had its bound, at which live runs of the same settings begin."""
    import gzip
    import shutil

    import torch

    from core.data.registry import load_dataset
    from core.events.events import StageFinished
    from core.server.example import FOLDER
    from core.server.shipped_start import SHIPPED, STAGES
    from core.settings.presets import default_run
    from core.training import checkpoint
    from core.training.loop import Trainer

    torch.set_num_threads(threads)
    config = default_run("shop")
    shutil.rmtree(SHIPPED, ignore_errors=True)
    SHIPPED.mkdir(parents=True)
    lines: list[str] = []
    trainer = Trainer(config, load_dataset(config.dataset))
    for turn in trainer.run():
        lines += [event.model_dump_json() for event in turn]
        ended = [event.stage for event in turn if isinstance(event, StageFinished) and event.phase == "main"]
        if STAGES - 1 in ended:
            so_far = "".join(f"{line}\n" for line in lines).encode()
            (SHIPPED / "events.jsonl").write_bytes(so_far)
            checkpoint.save(SHIPPED / "state.pt", trainer.state, len(so_far))
        if turn and not quiet:
            report(f"step {turn[-1].step}")
    content = gzip.compress("".join(f"{line}\n" for line in lines).encode(), 9, mtime=0)
    (FOLDER / "events.jsonl.gz").write_bytes(content)
    (FOLDER / "config.json").write_text(config.model_dump_json(indent=1) + "\n", encoding="utf-8")
    show(f"{len(lines)} events, {len(content):,} bytes, in {FOLDER}")
    return {"events": len(lines), "bytes": len(content)}


@click.command(cls=Command)
@click.argument("kind", type=click.Choice(tuple(TEMPLATES)))
@click.option("--out", type=FILE, help="The file that it is written to; by default it is shown.")
def template(kind: str, out: Path | None) -> dict[str, Any]:
    """A worked example of a KIND of file that can be brought."""
    text = TEMPLATES[kind].text()
    if out is None:
        show(text.rstrip())
    elif out.exists():
        raise PrecedenceError(f"The file {out} is there already; give another name.")
    else:
        out.write_text(text, encoding="utf-8")
        show(f"{out}: {TEMPLATES[kind].about}")
    return {"file": str(out or ""), "rows": text.count("\n") - 1}


@click.command(cls=Command)
@click.argument("name")
@click.option("--yes", is_flag=True, help="Delete it although runs were made of it.")
def remove(name: str, yes: bool) -> dict[str, Any]:
    """Delete a table, pairs, histories or a file of events that was brought, by its name or path."""
    from core.runs.brought import named
    from core.runs.brought import remove as take_away

    thing = named(name)
    if thing.depends() and not yes:
        raise PrecedenceError(f"{thing.depends()} Say --yes to delete it all the same.")
    take_away(thing)
    show(f"{thing.name} is deleted.")
    return {"removed": str(thing.path), "runs": list(thing.runs)}


@click.command("brought", cls=Command)
def brought_() -> dict[str, Any]:
    """Everything that was brought, with its size, age and use."""
    from dataclasses import asdict as plainly

    from core.runs.brought import brought

    things = brought()
    show(*(f"{one.kind:20} {one.name:30} {one.size:>12,} bytes  {len(one.runs)} runs  {one.path}" for one in things))
    return {"things": [plainly(one) | {"path": str(one.path), "runs": list(one.runs)} for one in things]}
