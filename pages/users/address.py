"""The state of the users page as its URL: whose users, by which model and similarity, who, asked what, which groups."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from core.data.registry import SOURCES, cards, names_of
from core.errors import PrecedenceError
from core.users.embedding.composed import MadeEvent
from core.users.embedding.embedders import EMBEDDERS
from core.users.neighbours.similarity import COSINE, SIMILARITIES
from core.users.uploaded_events import PREFIX, folder, kept_files
from pages.shared.person import sees_thing
from pages.shared.view_state import one_of, pair, pairs_text, read_fields

COLOURS = {"none": "nothing", "price": "usual price level", "time": "busiest time of day"}
MOST_TRAIL = 12
MOST_CORNERS = 60
MOST_QUERY = 80


def sources() -> dict[str, str]:
    """Whose users can be looked at: name and title."""
    histories = {name: cards()[SOURCES[name].part_of or name].title for name in names_of("histories")}
    return histories | {PREFIX + name: name for name in kept_files() if sees_thing(folder() / name)}


Area = tuple[tuple[float, float], ...]


@dataclass(frozen=True)
class UsersView:
    """Where a person is on the page. `user` None: the first; `made`: the events of a composed user, who is then shown.

    `trail` holds the users visited before; `first` and `second` are the corners of groups drawn on the map.
    """

    source: str = "shop_histories"
    model: str | None = None  # None: the best there is for the source
    similarity: str = COSINE.name
    user: str | None = None
    trail: tuple[str, ...] = ()
    query: str = ""
    made: tuple[MadeEvent, ...] = ()
    first: Area = ()
    second: Area = ()
    colour: str = "none"  # of COLOURS, or a column of the profile


def read_view(parameters: Mapping[str, str]) -> tuple[UsersView, list[str]]:
    """The place that a URL asks for; what cannot be read is left out and told in a sentence each."""
    return read_fields(UsersView(), parameters, _READERS)


def write_view(place: UsersView) -> dict[str, str]:
    """The parameters that `read_view` reads as the same place; defaults are left out."""
    written = {
        "source": place.source if place.source != UsersView.source else "",
        "model": place.model or "",
        "similarity": place.similarity if place.similarity != UsersView.similarity else "",
        "user": place.user or "",
        "trail": "~".join(place.trail),
        "query": place.query,
        "made": "~".join(f"{event.item}|{event.behaviour}|{event.hours:g}" for event in place.made),
        "first": pairs_text(place.first),
        "second": pairs_text(place.second),
        "colour": place.colour if place.colour != UsersView.colour else "",
    }
    return {name: value for name, value in written.items() if value}


def read_area(points: object) -> Area:
    """Corners of a group, as the map or a URL gives them; a long lasso is thinned."""
    if not isinstance(points, list | tuple):
        raise PrecedenceError(f"{str(points)[:40]!r} is no area on the map; expected corners as across,up.")
    thin = max(1, math.ceil(len(points) / MOST_CORNERS))
    area = tuple(_corner(point) for point in points[::thin])
    if area and len(area) < 3:
        raise PrecedenceError(f"An area on the map has three corners or more, not {len(area)}; draw it again.")
    return area


def _event(text: str) -> MadeEvent:
    item, behaviour, hours = [*text.rsplit("|", 2), "", ""][:3]
    try:
        return MadeEvent(item[:80], behaviour[:40], float(hours))
    except ValueError:
        raise PrecedenceError(f"{text[:60]!r} is no event; expected item|behaviour|hours ago.") from None


def _corner(point: object) -> tuple[float, float]:
    across, up = pair(point)
    if not math.hypot(across, up) < 1e6:  # NaN too
        raise PrecedenceError(f"{str(point)[:40]} is no place on the map; expected two numbers across,up.")
    return round(across, 2), round(up, 2)


def _area(text: str) -> Area:
    return read_area([corner.split(",") for corner in text.split(";") if corner])


_READERS: dict[str, Callable[[str], object]] = {
    "source": lambda text: one_of(text, sources(), "source of users"),
    "model": lambda text: one_of(text, EMBEDDERS, "model of users"),
    "similarity": lambda text: one_of(text, SIMILARITIES, "similarity of users"),
    "user": lambda text: text[:80],
    "trail": lambda text: tuple(user[:80] for user in text.split("~") if user)[-MOST_TRAIL:],
    "query": lambda text: text[:MOST_QUERY],
    "made": lambda text: tuple(_event(part) for part in text.split("~") if part),
    "first": _area,
    "second": _area,
    "colour": lambda text: text[:40],  # checked where the profile is known
}
