"""python -m core runs list | show | compare | sql | note | export | import | delete: all runs of this home."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

from core.commands.options import FILE, Command, Names, show
from core.errors import PrecedenceError
from core.home import home


@click.command("list", cls=Command)
@click.option("--state", default="", help="Only runs in this state, such as finished.")
@click.option("--dataset", default="", help="Only runs on this data set.")
@click.option("--method", default="", help="Only runs of this method.")
@click.option("--tag", default="", help="Only runs with this tag.")
@click.option("--sweeps/--no-sweeps", default=True, help="With or without the points of sweeps.")
def list_(state: str, dataset: str, method: str, tag: str, sweeps: bool) -> dict[str, Any]:
    """All runs, pinned ones first, then the newest.

    JSON: `runs` of {run name status dataset method network priority seed metrics seconds tags notes …}, `sweeps`.
    """
    from core.runs.listing.overview import all_rows
    from core.sweeps.folder import sweep_ids

    wanted = {"state": state, "dataset": dataset, "method": method}
    rows = [
        row
        for row in all_rows(home())
        if all(not value or getattr(row, name) == value for name, value in wanted.items())
        and (not tag or tag in row.tags)
        and (sweeps or not row.sweep)
    ]
    for row in rows:
        figures = ", ".join(f"{one.task} {one.metric:.4f}" for one in row.tasks if one.metric is not None)
        show(f"{row.run:32} {row.state:9} {row.dataset} {row.method} seed {row.seed}  {figures}".rstrip())
    if not rows:
        show("No run yet that is such a one.")
    return {"runs": [row.as_fields() for row in rows], "sweeps": sorted(sweep_ids(home()))}


@click.command(cls=Command)
@click.argument("baseline")
@click.argument("other")
def compare(baseline: str, other: str) -> dict[str, Any]:
    """Two runs, or the families that differ from them in seeds alone, seed by seed.

    JSON: `settings` of [field, baseline, other] that differ, `paired` of {task metric_name mean half seeds verdict}.
    """
    from core.runs.listing.overview import all_rows, difference
    from core.runs.listing.paired import paired

    rows = all_rows(home())
    by_name = {row.run: row for row in rows}
    for name in (baseline, other):
        if name not in by_name:
            raise PrecedenceError(f"There is no run {name[:80]!r}; precedence runs list names them.")
    one, two = by_name[baseline], by_name[other]
    settings, found = difference(one, two), paired(one, two, rows)
    show(*(f"{name}: {before or '–'} → {after or '–'}" for name, before, after in settings))
    for each in found:
        half = "" if each.half is None else f" ± {each.half:.4f}"
        show(f"{each.task}: {each.metric_name} {each.mean:+.4f}{half} over {each.seeds} seeds, {each.verdict}")
    if not found:
        show("The two share no seed with a result, so there is nothing to pair.")
    return {"settings": settings, "paired": [asdict(each) | {"verdict": each.verdict} for each in found]}


@click.command(cls=Command)
@click.argument("question", required=False)
@click.option("--ready", is_flag=True, help="Print the ready questions instead.")
def sql(question: str | None, ready: bool) -> dict[str, Any]:
    """Answer one SELECT over the tables runs, results and settings. JSON: `columns`, `rows`, `truncated`."""
    from core.runs.listing.overview import all_rows
    from core.runs.listing.sql import QUESTIONS, ask

    if ready or not question:
        show(*(f"-- {title}\n{text}\n" for title, text in QUESTIONS.items()))
        return {"questions": QUESTIONS}
    answer = ask(question, all_rows(home()))
    show(
        "\t".join(answer.columns),
        *("\t".join("" if cell is None else str(cell) for cell in row) for row in answer.rows),
    )
    if answer.truncated:
        show(f"Only the first {len(answer.rows):,} rows are shown.")
    return {"columns": answer.columns, "rows": answer.rows, "truncated": answer.truncated}


@click.command(cls=Command)
@click.argument("run")
@click.option("--name", help="What a person calls it.")
@click.option("--tags", type=Names(), help="With commas; replaces those it has.")
@click.option("--notes", help="Any text; replaces what it has.")
def note(run: str, name: str | None, tags: tuple[str, ...] | None, notes: str | None) -> dict[str, Any]:
    """Name RUN, give it tags or notes."""
    from core.runs.listing.notes import change_about

    about = change_about(home(), run, name=name, tags=tags, notes=notes)
    show(f"{run}: {about.name or 'no name'}; tags {', '.join(about.tags) or 'none'}; {about.notes or 'no notes'}")
    return {"run": run, "name": about.name, "tags": list(about.tags), "notes": about.notes}


@click.command(cls=Command)
@click.argument("run")
@click.option("--out", type=FILE, help="By default RUN.run.zip in this folder.")
def export(run: str, out: Path | None) -> dict[str, Any]:
    """Write RUN as one file that works elsewhere: settings, log, result, model, a notebook. JSON: `run file bytes`."""
    from core.files import write_whole
    from core.runs.listing.take_home import ENDING, run_as_zip

    target = out or Path(f"{run}{ENDING}")
    content = run_as_zip(home(), run)
    try:
        write_whole(target, lambda unfinished: unfinished.write_bytes(content))
    except OSError as error:
        raise PrecedenceError(f"{target} cannot be written ({error.strerror}); name another file in --out.") from error
    show(f"{target}, {len(content):,} bytes")
    return {"run": run, "file": str(target), "bytes": len(content)}


@click.command("import", cls=Command)
@click.argument("file", type=FILE)
def import_(file: Path) -> dict[str, Any]:
    """Keep a run that `runs export` wrote, or a folder of `train --out`, among the runs of this home. JSON: `run`."""
    from core.runs.listing.take_home import run_from_zip
    from core.training.bundle import zipped

    try:
        if file.is_dir():
            content = zipped({part.name: part.read_bytes() for part in sorted(file.iterdir()) if part.is_file()})
        else:
            content = file.read_bytes()
    except OSError as error:
        raise PrecedenceError(f"{file} cannot be read ({error.strerror}); give a file that is there.") from error
    run = run_from_zip(home(), content)
    show(f"{run} is among the runs")
    return {"run": run}


@click.command(cls=Command)
@click.argument("run")
@click.option("--yes", is_flag=True, help="Delete it without asking.")
def delete(run: str, yes: bool) -> dict[str, Any]:
    """Delete RUN with its curves and its model; refused while it is under way."""
    from core.runs.listing.notes import delete_run

    if not yes:
        raise PrecedenceError(f"Run {run[:80]} would be deleted with its curves and its model; add --yes.")
    delete_run(home(), run)
    show(f"{run} is deleted")
    return {"run": run, "deleted": True}
