"""python -m core relevance order: what relevance gives up and a second aim gains, trained and measured."""

from __future__ import annotations

import sys
from typing import Any

import click

from core.commands.options import Command, show, threads
from core.errors import PrecedenceError
from core.home import home
from core.narration.order import sentence
from core.progress import telling
from core.relevance.order.fronts import Fronts
from core.relevance.stores.collection import folder_of, progress_file
from core.relevance.stores.index_store import stamp
from core.relevance.stores.shop_bags import SHIPPED, shop_encoder


@click.command(cls=Command)
@click.option("--collection", "name", default="", help="One of the Relevance page by its name; without it the shop.")
@click.option("--ship", is_flag=True, help="The shop's in sample_data.")
@click.option("--seed", type=click.IntRange(0), default=0, help="Of the training.")
@threads
def order(name: str, ship: bool, seed: int, threads: int) -> dict[str, Any]:
    """Points of the front between relevance and a second aim, each with what it loses and gains on test queries."""
    import torch

    from core.relevance.order.make import make_collection, make_shop

    torch.set_num_threads(threads)
    if name and ship:
        raise PrecedenceError("--ship writes the shop's points; leave --collection out.")
    made: Fronts | None
    if name:
        folder = folder_of(name)
        with telling(progress_file(name), _counted) as report:
            made = make_collection(folder, report, seed)
        if made is None:
            raise PrecedenceError(
                f"{name} says no number of its products that an order could serve; bring its judged pairs with a "
                "column like price, sales or rating_count."
            )
    else:
        folder = SHIPPED if ship else home() / "relevance" / stamp(shop_encoder())
        made = make_shop(folder, _counted, seed)
    if made.untrained:
        show(made.untrained)
    show(*(sentence(front, point) for front in made.fronts for point in front.points))
    return made.model_dump() | {"folder": str(folder)}


def _counted(stage: str, done: int, total: int) -> None:
    if total:
        print(f"{stage}: {done} of {total}", file=sys.stderr, flush=True)
