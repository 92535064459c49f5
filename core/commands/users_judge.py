"""python -m core users judge: are neighbours alike in what no embedding has seen?"""

from __future__ import annotations

import argparse
from dataclasses import asdict
from typing import Any

from core.commands.users_embed import chosen, who
from core.data.sources import shop_histories
from core.errors import PrecedenceError
from core.users.embedding.embedders import MODELS
from core.users.neighbours.index import NeighbourIndex
from core.users.spaces.building import EMBED
from core.users.study.judging import WEEK, Lift, closest_tastes, nearest_rows, next_week, same_segment, taste_precision


def add(parser: argparse.ArgumentParser) -> None:
    who(parser)


def run(arguments: argparse.Namespace) -> dict[str, Any]:
    """On the shop hidden tastes and the last week, elsewhere the last week, which the embeddings then do not see."""
    choice = chosen(arguments)
    histories = choice.histories()
    if not len(histories.time):
        raise PrecedenceError("These histories hold 0 events; give events to judge by.")
    users = [str(user) for user in histories.users]
    moment = int(histories.time.max()) + 1 - WEEK
    before = histories.until(moment)
    near = nearest_rows(NeighbourIndex.build(users, EMBED[choice.model](choice.source, before, lambda done: None)))
    lifts: dict[str, Lift] = {"next_week": next_week(histories, near, moment)}
    if choice.source == shop_histories.CARD.name:
        whole = nearest_rows(
            NeighbourIndex.build(users, EMBED[choice.model](choice.source, histories, lambda done: None))
        )
        lifts |= {f"tastes_{least}": lift for least, lift in taste_precision(whole).items()}
        lifts |= {"closest_tastes": closest_tastes(whole), "segment": same_segment(whole)}
    if not arguments.json:
        for name, lift in lifts.items():
            print(
                f"{MODELS[choice.model].title}, {name}: {lift.neighbours:.4f} against {lift.anyone:.4f}, "
                f"{lift.lift:.2f} × ({lift.low:.2f}–{lift.high:.2f})"
            )
    return {"model": choice.model, "source": choice.source, **{name: asdict(lift) for name, lift in lifts.items()}}
