"""python -m core users embed, neighbours, judge: where users stand, and who is near."""

from __future__ import annotations

import functools
import time
from collections.abc import Callable
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import click

from core.commands.options import Command, report, show
from core.data.registry import SOURCES, names_of
from core.data.source import UPLOADED
from core.errors import PrecedenceError
from core.users.embedding.embedders import EMBEDDERS, offered
from core.users.neighbours.similarity import COSINE, SIMILARITIES

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from core.data.histories.histories import Histories
    from core.users.spaces.space import SpaceChoice

HISTORIES = {SOURCES[name].part_of or name: name for name in names_of("histories")}
"""The data sets of histories by what a person knows them as."""


def _space(function: Callable[..., Any]) -> Callable[..., Any]:
    """Gives a command the flags that name a space, and the space as its first argument."""

    @click.option(
        "--dataset", type=click.Choice([*HISTORIES, *HISTORIES.values()]), default="shop", help="Whose users."
    )
    @click.option("--events", help="A CSV or Parquet file of events instead: user, item, time, …")
    @click.option(
        "--model",
        type=click.Choice(list(EMBEDDERS)),
        help="Which embedding; by default the best there is.",
    )
    @click.option(
        "--similarity", type=click.Choice(list(SIMILARITIES)), default=COSINE.name, help="How embeddings are compared."
    )
    @functools.wraps(function)
    def chosen(dataset: str, events: str | None, model: str | None, similarity: str, **given: Any) -> Any:
        from core.users.spaces.space import SpaceChoice

        source = UPLOADED if events else HISTORIES.get(dataset, dataset)
        return function(SpaceChoice(source, model or offered(source)[0], events, similarity), **given)

    return chosen


@click.command(cls=Command)
@_space
@click.option("--ship", is_flag=True, help="Write it among the project's files, to open at once.")
def embed(choice: SpaceChoice, ship: bool) -> dict[str, Any]:
    """Embed all users of a source, index them, and draw their map."""
    from core.users.spaces import shipped
    from core.users.spaces.building import make_and_tell

    began = time.perf_counter()
    told: list[str] = []

    def stages(stage: str, done: int, total: int) -> None:
        if not told or told[-1] != stage:
            told.append(stage)
            report(f"{time.perf_counter() - began:6.1f} s  {stage}")

    space = make_and_tell(choice, stages)
    index, drawn = space.index, space.map
    if index is None or drawn is None:
        raise RuntimeError("a space that was just made is not there")
    if ship:
        report(f"{shipped.ship(space)} is written")
    show(f"{len(index)} users of {choice.source} in {index.width} dimensions. {drawn.words}")
    return {
        "users": len(index),
        "model": choice.model,
        "similarity": choice.similarity,
        "engine": index.engine,
        "width": index.width,
        "recall_at_10": index.recall,
        "map": {"kept": round(drawn.kept, 4), "trustworthiness": round(drawn.trustworthiness, 4)},
        "folder": str(choice.folder()),
        "seconds": round(time.perf_counter() - began, 1),
    }


@click.command(cls=Command)
@_space
@click.option("--user", required=True, help="The id by which the source knows the user.")
@click.option("--count", default=10, help="How many neighbours.")
def neighbours(choice: SpaceChoice, user: str, count: int) -> dict[str, Any]:
    """The users most like one, and what they share."""
    import numpy as np

    from core.users.spaces.building import make_and_tell
    from core.users.traits.lift import Everyone, in_words

    histories = choice.histories()
    number = histories.number_of(user)
    space = make_and_tell(choice)
    if space.index is None:
        raise RuntimeError("a space that was just made is not there")
    found = space.index.neighbours(user, count)
    everyone = Everyone(histories)
    rows = np.array([space.index.rows[each.user] for each in found])
    together = everyone.traits(rows)
    alike: list[dict[str, Any]] = [
        {
            "user": each.user,
            "similarity": round(each.similarity, 4),
            "shared": [trait.short for trait in everyone.pair(number, int(row))],
        }
        for each, row in zip(found, rows, strict=True)
    ]
    shown = space.index.similarity.shown
    show(*(f"{each['user']:>8}  {shown(each['similarity'])}  {', '.join(each['shared'])}" for each in alike))
    show(in_words(together))
    return {
        "user": user,
        "neighbours": alike,
        "together": [{"sentence": trait.sentence, "lift": round(trait.lift, 3)} for trait in together],
    }


@click.command(cls=Command)
@_space
def judge(choice: SpaceChoice) -> dict[str, Any]:
    """Are neighbours alike in what no embedding has seen?

    On the shop that is hidden tastes and the last week, elsewhere the last week, which the embeddings then do not see.
    """
    from core.data.sources import shop_histories
    from core.users.neighbours.index import NeighbourIndex
    from core.users.spaces.building import embed_all
    from core.users.study.judging import (
        WEEK,
        Lift,
        closest_tastes,
        nearest_rows,
        next_week,
        same_segment,
        taste_precision,
    )

    histories = choice.histories()
    if not len(histories.time):
        raise PrecedenceError("These histories hold 0 events; give events to judge by.")
    users = [str(user) for user in histories.users]
    moment = int(histories.time.max()) + 1 - WEEK
    before = histories.until(moment)

    def near_by(seen: Histories) -> NDArray[np.int64]:
        vectors = embed_all(choice.model, choice.source, seen)
        return nearest_rows(NeighbourIndex.build(users, vectors, SIMILARITIES[choice.similarity]))

    near = near_by(before)
    lifts: dict[str, Lift] = {"next_week": next_week(histories, near, moment)}
    if choice.source == shop_histories.CARD.name:
        whole = near_by(histories)
        lifts |= {f"tastes_{least}": lift for least, lift in taste_precision(whole).items()}
        lifts |= {"closest_tastes": closest_tastes(whole), "segment": same_segment(whole)}
    for name, lift in lifts.items():
        show(
            f"{EMBEDDERS[choice.model].title}, {name}: {lift.neighbours:.4f} against {lift.anyone:.4f}, "
            f"{lift.lift:.2f} × ({lift.low:.2f}–{lift.high:.2f})"
        )
    return {"model": choice.model, "source": choice.source, **{name: asdict(lift) for name, lift in lifts.items()}}
