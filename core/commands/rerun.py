"""python -m core rerun RUN: is a finished run had again, bit by bit?"""

from __future__ import annotations

from typing import Any

import click

from core.commands.options import Command, show


@click.command(cls=Command)
@click.argument("run")
def rerun(run: str) -> dict[str, Any]:
    """Train RUN, a name or a folder of train --out, once more from its record, and compare every event and weight.

    JSON: `identical`, `differences` (sentences; empty where identical), `environment` (what it was made with that is
    not as it was), `events` and `tensors` that were compared, `seconds`.
    """
    from core.home import home
    from core.runs.rerun import read_recorded
    from core.runs.rerun import rerun as again

    said = again(read_recorded(home(), run)).as_fields()
    what = f"{said['events']:,} events and {said['tensors']} weights compared"
    show(f"Identical: {what}." if said["identical"] else f"Not identical: {what}.", *said["differences"])
    if said["identical"]:
        show(*said["environment"])
    return said
