"""python -m core users embed, neighbours, judge: where users stand, and who is near."""

from __future__ import annotations

import functools
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from click.core import ParameterSource

from core.commands.options import Command, on_a_line, reader_flags, report, show
from core.data.reading.options import ReaderOptions
from core.data.registry import SOURCES, names_of
from core.data.source import UPLOADED
from core.errors import PrecedenceError
from core.users.embedding.embedders import EMBEDDERS, WEIGHTED, embedder, models_for
from core.users.neighbours.similarity import COSINE, SIMILARITIES
from core.users.own_models import resolved

if TYPE_CHECKING:
    from core.data.histories.histories import Histories
    from core.users.spaces.space import SpaceChoice

HISTORIES = {SOURCES[name].part_of or name: name for name in names_of("histories")}
"""The data sets of histories by what a person knows them as."""


def _space(function: Callable[..., Any]) -> Callable[..., Any]:
    """Gives a command the flags that name a space, and the space as its first argument."""

    @click.option(
        "--dataset", type=click.Choice([*HISTORIES, *HISTORIES.values()]), default="shop", help="Whose users."
    )
    @click.option("--events", help="A file of events instead: user, item, time, …; or Parquet of id and vector.")
    @click.option(
        "--model",
        help=f"Which embedding: {', '.join(EMBEDDERS)} (of own events the DUPN that was trained on them), or a folder "
        "of users train --out; by default the best.",
    )
    @click.option(
        "--similarity", type=click.Choice(list(SIMILARITIES)), default=COSINE.name, help="How embeddings are compared."
    )
    @reader_flags
    @functools.wraps(function)
    def chosen(
        dataset: str, events: str | None, model: str | None, similarity: str, options: ReaderOptions, **given: Any
    ) -> Any:
        from core.data.registry import repairs_of_events
        from core.data.sources.uploaded.event_options import remember
        from core.users.spaces.space import SpaceChoice

        if events:
            remember(Path(events), options)
            show(*(on_a_line(one) for one in repairs_of_events(events).sentences()))

        if model is not None:
            model = resolved(model, events)
            embedder(model)  # refused before anything is read
        source = UPLOADED if events else HISTORIES.get(dataset, dataset)
        known = models_for(source, Path(events) if events else None)
        return function(SpaceChoice(source, model or known[0], events, similarity), **given)

    return chosen


@click.command(cls=Command)
@_space
@click.option("--ship", is_flag=True, help="Write it among the project's files, to open at once.")
def embed(choice: SpaceChoice, ship: bool) -> dict[str, Any]:
    """Embed all users of a source, index them, and draw their map."""
    from core.users.embedding import learnt_weights
    from core.users.spaces import shipped
    from core.users.spaces.building import make_and_tell
    from core.users.spaces.map import too_few

    began = time.perf_counter()
    told: list[str] = []

    def stages(stage: str, done: int, total: int) -> None:
        if not told or told[-1] != stage:
            told.append(stage)
            report(f"{time.perf_counter() - began:6.1f} s  {stage}")

    space = make_and_tell(choice, stages)
    index, drawn = space.index, space.map
    if index is None:
        raise RuntimeError("a space that was just made is not there")
    if drawn is None:
        raise PrecedenceError(f"{too_few(len(index))} Neighbours can be asked for: users neighbours --user …")
    if ship:
        files = [shipped.ship(space)]
        if choice.model == WEIGHTED.name:
            files.append(learnt_weights.ship(choice.source, choice.histories()))
        report(f"{' and '.join(map(str, files))} written")
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

    from core.users.neighbours.floor import offered as offered_neighbours
    from core.users.spaces.building import make_and_tell
    from core.users.traits.lift import Everyone, in_words

    histories = choice.histories()
    number = histories.number_of(user)
    space = make_and_tell(choice)
    if space.index is None:
        raise RuntimeError("a space that was just made is not there")
    found, unlike = offered_neighbours(space.index.neighbours(user, count), histories, number, space.index.similarity)
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
    show(in_words(together), *([unlike] if unlike else []))
    return {
        "user": user,
        "neighbours": alike,
        "not_offered": unlike,
        "together": [{"sentence": trait.sentence, "lift": round(trait.lift, 3)} for trait in together],
    }


@click.command(cls=Command)
@_space
@click.option("--horizon", help="The end of the data that is judged by, as 30d or 2w; by default a week.")
@click.option("--by", type=click.Choice(["category", "item"]), help="What is shared; by default item for own events.")
def judge(choice: SpaceChoice, horizon: str | None, by: str | None) -> dict[str, Any]:
    """Are neighbours alike in what no embedding has seen?

    That is what they turn to at the end of the data, which embeddings then do not see; on the shop hidden tastes too.
    Without --model every way of finding neighbours is judged, plain item tf-idf among them.
    """
    from core.data.sources import shop_histories
    from core.users.study.judging import hidden_likeness, next_overlap
    from core.users.study.peers import by_embedding, peers, title

    histories = choice.histories()
    if not len(histories.time):
        raise PrecedenceError("These histories hold 0 events; give events to judge by.")
    seconds = days_of(horizon or "7d")
    moment = int(histories.time.max()) + 1 - seconds
    if moment <= int(histories.time.min()):
        raise PrecedenceError(
            f"'--horizon {horizon}' is longer than the {_span(histories)} of these events; give less."
        )
    facet = by or ("item" if choice.path or not histories.category.any() else "category")
    every = peers(choice.source, choice.similarity)
    context = click.get_current_context()
    if context.get_parameter_source("model") is ParameterSource.COMMANDLINE:
        chosen = [choice.model]
        every.setdefault(choice.model, by_embedding(choice.model, choice.source, choice.similarity))
    else:
        chosen = list(every)
    before = histories.until(moment)
    found = []
    for name in chosen:
        lifts = {"next": next_overlap(histories, every[name](before), moment, seconds, facet)}
        if choice.source == shop_histories.CARD.name:
            lifts |= hidden_likeness(every[name](histories))
        show(*(f"{title(name)}, {what}: {lift.in_words()}" for what, lift in lifts.items()))
        ahead = lifts.pop("next")
        found.append({"model": name, **ahead.as_fields(), **{what: lift.as_fields() for what, lift in lifts.items()}})
    return {"source": choice.source, "by": facet, "horizon_days": round(seconds / 86_400, 3), "neighbours": found}


@click.command(cls=Command, name="next")
@_space
@click.option("--horizon", help="The end of the data that is judged by, as 30d or 2w; by default a week.")
@click.option("--seed", default=0, help="Of the networks, and of who is judged.")
@click.option("--steps", type=click.IntRange(min=1), default=400, help="Optimiser steps of each sequence network.")
def next_item(choice: SpaceChoice, horizon: str | None, seed: int, steps: int) -> dict[str, Any]:
    """Which item comes next? Counting and two sequence networks of equal width, on the end of the data.

    With --model dupn its click head and its next event beside them; it has seen whatever it was trained on.
    """
    import torch

    from core.users.embedding.embedders import DUPN
    from core.users.embedding.model import model_of
    from core.users.study.next_item import judge as judge_next

    torch.set_num_threads(1)
    histories, seconds = choice.histories(), days_of(horizon or "7d")
    moment = int(histories.time.max(initial=0)) + 1 - seconds
    told = click.get_current_context().get_parameter_source("model") is ParameterSource.COMMANDLINE
    reads = told and (choice.model == DUPN.name or choice.model not in EMBEDDERS)
    dupn = model_of(choice.model, choice.source) if reads else None
    found = judge_next(histories, moment, seed, dupn, steps)
    show(
        *(
            f"{each.model}: recall@10 {each.recall:.3f} ± {each.half:.3f}, MRR@10 {each.mrr:.3f}, {each.users:,} users"
            for each in found
        )
    )
    return {
        "source": choice.source,
        "horizon_days": round(seconds / 86_400, 3),
        "next": [each.as_fields() for each in found],
    }


def days_of(text: str) -> int:
    """Seconds of a stretch of time as a person writes it: 30d, 2w, 12h."""
    unit = {"h": 3600, "d": 86_400, "w": 7 * 86_400}
    number, last = text[:-1].strip(), text[-1:].lower()
    try:
        seconds = round(float(number) * unit[last])
    except (ValueError, KeyError, OverflowError):
        seconds = 0
    if seconds < 3600:
        raise PrecedenceError(f"'--horizon {text}' is no stretch of time; write it as 30d, 2w or 12h.")
    return seconds


def _span(histories: Histories) -> str:
    return f"{(int(histories.time.max()) - int(histories.time.min())) / 86_400:.1f} days"
