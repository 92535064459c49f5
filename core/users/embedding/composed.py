"""A user made by hand: events added one by one, put beside the users of a source."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from core.data.histories.histories import Histories
from core.data.histories.limits import MOST
from core.errors import PrecedenceError

NAME = "composed"  # how the user made by hand is called among the others
CHANGED = "changed"  # and one of the others, as if an event had not been, or another had
HOUR = 3600
OLDEST = 24 * 365.0  # hours


@dataclass(frozen=True)
class MadeEvent:
    """One event by hand: the item by the source's own id, what was done with it, and how long ago."""

    item: str
    behaviour: str
    hours: float


def checked_events(histories: Histories, events: Sequence[MadeEvent]) -> list[MadeEvent]:
    """The events, oldest first; an unknown item or behaviour, or an impossible time, is refused."""
    if not 1 <= len(events) <= MOST:
        raise PrecedenceError(f"A composed user has {len(events)} events; give 1 to {MOST}.")
    behaviours = [str(name) for name in histories.names["behaviour"][1:]]
    for event in events:
        if not _numbers(histories, event.item):
            raise PrecedenceError(f"There is no item {event.item[:40]!r} in these histories; give the id of one.")
        if event.behaviour not in behaviours:
            raise PrecedenceError(f"There is no behaviour {event.behaviour[:40]!r}; give {', '.join(behaviours)}.")
        if not 0 <= event.hours <= OLDEST:
            raise PrecedenceError(f"An event {event.hours:g} hours ago does not fit; give 0 to {OLDEST:g} hours.")
    return sorted(events, key=lambda event: -event.hours)


def with_user(histories: Histories, events: Sequence[MadeEvent]) -> Histories:
    """The same histories with one user more, the last, who did `events`; nothing is known of the person.

    Hours count back from the newest event of all. Where and how an event happened is what is usual for the item.
    """
    own = checked_events(histories, events)
    item = np.array([_numbers(histories, event.item)[0] for event in own], dtype=histories.item.dtype)
    behaviours = histories.names["behaviour"].tolist()
    ago = np.array([round(event.hours * HOUR) for event in own], dtype=np.int64)
    scenario = np.full(len(own), np.bincount(histories.scenario).argmax(), dtype=histories.scenario.dtype)
    columns = {
        "time": int(histories.time.max(initial=0)) - ago,
        "item": item,
        "shop": histories.items.shop[item].astype(histories.shop.dtype),
        "behaviour": np.array([behaviours.index(event.behaviour) for event in own], dtype=histories.behaviour.dtype),
        "scenario": scenario,
    }
    joined: dict[str, Any] = {name: np.append(getattr(histories, name), values) for name, values in columns.items()}
    joined["profile"] = {name: np.append(v, np.array([""], dtype=object)) for name, v in histories.profile.items()}
    return replace(
        histories,
        users=np.append(histories.users, np.array([NAME], dtype=object)),
        offsets=np.append(histories.offsets, histories.offsets[-1] + len(own)),
        **joined,
    )


def with_change(
    histories: Histories, user: int, without: int | None = None, added: MadeEvent | None = None
) -> Histories:
    """The same histories with one user more, the last: `user` (a number) as if one event had not been, or another had.

    `without` counts back from the user's newest event, 0 for that one itself. What is known of the user stays known.
    """
    part = histories.of(user)
    count = part.stop - part.start
    places = np.arange(part.start, part.stop)
    if without is not None:
        if not 0 <= without < count:
            raise PrecedenceError(
                f"There is no event {without} back from the newest of {count}; give 0 to {count - 1}."
            )
        places = np.delete(places, count - 1 - without)
    more = with_user(histories, [added]) if added is not None else None
    columns = {}
    for name in ("time", "item", "shop", "behaviour", "scenario"):
        own = getattr(histories, name)[places]
        columns[name] = own if more is None else np.append(own, getattr(more, name)[-1:])
    if not len(columns["time"]):
        raise PrecedenceError("This is the user's only event; without it there is nothing to read.")
    order = np.argsort(columns["time"], kind="stable")
    joined: dict[str, Any] = {name: np.append(getattr(histories, name), own[order]) for name, own in columns.items()}
    joined["profile"] = {name: np.append(values, values[user]) for name, values in histories.profile.items()}
    return replace(
        histories,
        users=np.append(histories.users, np.array([CHANGED], dtype=object)),
        offsets=np.append(histories.offsets, histories.offsets[-1] + len(order)),
        **joined,
    )


def _numbers(histories: Histories, item: str) -> list[int]:
    return [] if not item else np.flatnonzero(histories.items.name == item).tolist()
