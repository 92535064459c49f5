"""python -m core methods: the registry in words, or as the table of docs/methods.md."""

from __future__ import annotations

from typing import Any

import click

from core.commands.options import Command, show
from core.methods.registry import METHODS


@click.command(cls=Command)
@click.option("--markdown", is_flag=True, help="As a table, the one that stands in docs/methods.md.")
def methods(markdown: bool) -> dict[str, Any]:
    """List the methods: what each guarantees, costs, and where it fails."""
    if markdown:
        click.echo(table())
    else:
        show(*(f"{card.kind}: {card.title}. {card.guarantee} {card.cost} {card.fails}" for card in METHODS.values()))
    return {"methods": [card.model_dump(exclude={"config"}) for card in METHODS.values()]}


def table() -> str:
    """One row a method, as Markdown."""
    rows = ["| `--method` | method | guarantees | costs | fails | source |", "|---|---|---|---|---|---|"]
    rows += [
        f"| `{c.kind}` | {c.title} | {c.guarantee} | {c.cost} | {c.fails} | {c.source} |" for c in METHODS.values()
    ]
    return "\n".join(rows)
