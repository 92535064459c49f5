"""python -m core rerun RUN: is a finished run had again, bit by bit?"""

from __future__ import annotations

from typing import Any

import click

from core.commands.options import Command, show


@click.command(cls=Command)
@click.argument("runs", metavar="RUN...", nargs=-1, required=True)
def rerun(runs: tuple[str, ...]) -> dict[str, Any]:
    """Train RUN, a name or a folder of train --out, once more from its record, and compare every event and weight.

    JSON: `identical`, `differences` (sentences; empty where identical), `environment` (what it was made with that is
    not as it was), `events` and `tensors` that were compared, `seconds`. Of several runs: `identical` of all, the
    `differences` of each with its name, and `runs`, what is said of each.
    """
    from core.home import home
    from core.runs.rerun import read_recorded
    from core.runs.rerun import rerun as again

    recorded = [read_recorded(home(), run) for run in runs]  # all are there before the first is trained
    said = []
    for one in recorded:
        said.append({"run": one.name, **again(one).as_fields()})
        _tell(said[-1], with_name=len(recorded) > 1)
    if len(said) == 1:
        return said[0]
    return {
        "identical": all(one["identical"] for one in said),
        "differences": [f"{one['run']}: {difference}" for one in said for difference in one["differences"]],
        "runs": said,
    }


def _tell(said: dict[str, Any], with_name: bool) -> None:
    what = f"{said['events']:,} events and {said['tensors']} weights compared"
    verdict = "Identical" if said["identical"] else "Not identical"
    show(f"{said['run'] + ': ' if with_name else ''}{verdict}: {what}.", *said["differences"])
    if said["identical"]:
        show(*said["environment"])
