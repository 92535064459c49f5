"""The users page in one browser session: where a person is, kept in step with the URL, and what is loaded for it."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import streamlit as st

from core.data.parquet import Array
from core.data.registry import content_of
from core.errors import PrecedenceError
from core.users import own_models
from core.users.embedding.composed import with_user
from core.users.embedding.embedders import DUPN, VECTORS, models_for
from core.users.spaces.shipped import open_shipped
from core.users.spaces.space import Space, SpaceChoice, open_space, parts_there
from core.users.traits.lift import Everyone
from core.users.uploaded_events import PREFIX, file_of
from pages.shared.errors import warn_missing
from pages.shared.url import Url
from pages.shared.view_state import open_view
from pages.users.address import MOST_TRAIL, Area, UsersView, read_view, write_view

KEY = "users_page"


@dataclass
class UsersState:
    """`version` changes when the URL brings a new place: only then are widgets filled anew."""

    place: UsersView = field(default_factory=UsersView)
    problems: list[str] = field(default_factory=list)
    version: int = 0
    url: Url = field(default_factory=Url)

    def go(self, **changes: Any) -> None:
        """Another place on the page."""
        self.place = replace(self.place, **changes)

    def visit(self, user: str) -> None:
        """Another user in the middle; where one came from becomes the end of the trail."""
        here = self.place.user
        if user == here and not self.place.made:
            return
        trail = self.place.trail
        if user in trail:
            trail = trail[: trail.index(user)]
        elif here is not None and not self.place.made:
            trail = (*trail, here)
        self.go(user=user, trail=trail[-MOST_TRAIL:], made=())
        self.version += 1

    def write_address(self) -> None:
        """Makes the URL show the same again."""
        self.url.show(write_view(self.place))

    def choice(self) -> SpaceChoice:
        """The space that is shown."""
        return choice_of(self.place.source, self.model, self.place.similarity)

    @property
    def model(self) -> str:
        """The embedder by name: the one that was chosen, where it can embed these users."""
        known = models_of(self.place.source)
        return self.place.model if self.place.model in known else known[0]

    def dupn(self) -> SpaceChoice | None:
        """The space of the DUPN that reads these users; None where none was trained on them."""
        there = DUPN.name in models_of(self.place.source)
        return choice_of(self.place.source, DUPN.name, self.place.similarity) if there else None


def models_of(source: str) -> list[str]:
    """The embedders of a source as the page names it, the preferred one first; of own events the DUPN once trained."""
    found = models_for(source, file_of(source) if source.startswith(PREFIX) else None)
    if source.startswith(PREFIX) and found != [VECTORS.name] and own_models.is_trained(str(file_of(source))):
        found.append(DUPN.name)
    return found


def choice_of(source: str, model: str = SpaceChoice.model, similarity: str = SpaceChoice.similarity) -> SpaceChoice:
    """The space of a source as the page names it, which may be a person's own file."""
    if source.startswith(PREFIX):
        path = str(file_of(source))
        return SpaceChoice("own", own_models.resolved(model, path), path, similarity)
    return SpaceChoice(source, model, similarity=similarity)


def open_state() -> UsersState:
    """This session's page, at the place that the URL asks for."""
    return open_view(KEY, UsersState, read_view)


@dataclass(frozen=True)
class Shown:
    """Who is shown: a user of the source, or one made by hand, who then is the last of `everyone.histories`."""

    everyone: Everyone
    number: int
    made: bool

    @property
    def name(self) -> str:
        return "Composed user" if self.made else f"User {self.everyone.histories.users[self.number]}"


@st.cache_resource(max_entries=3, show_spinner="Reading what users did")
def _everyone(source: str, content: str | None) -> Everyone:
    read = Everyone(choice_of(source, models_of(source)[0]).histories())
    assert read.base is not None  # counted now, not under the first click
    return read


def everyone(source: str) -> Everyone:
    """All users of a source, read once for all sessions, and again where a person's file has changed."""
    return _everyone(source, content(source))


def content(source: str) -> str | None:
    """A mark of what a person's own file holds: part of the key of whatever is cached of a source."""
    return content_of(str(file_of(source))) if source.startswith(PREFIX) else None


@st.cache_resource(max_entries=4, show_spinner=False)
def _space(choice: SpaceChoice, name: str, parts: tuple[bool, ...]) -> Space:
    return (open_shipped(choice) if not parts[0] else None) or open_space(choice)


def space(choice: SpaceChoice) -> Space:
    """The space as far as it is made; loaded once, and again when more of it is there."""
    return _space(choice, choice.name(), parts_there(choice))


def shown(state: UsersState) -> Shown:
    """Who is in the middle; an unknown user is told, and another one shown."""
    known = everyone(state.place.source)
    histories = known.histories
    if state.place.made:
        more = with_user(histories, state.place.made)
        return Shown(Everyone(more, known.base), len(more) - 1, True)
    busy = np.flatnonzero(np.diff(histories.offsets) >= 10)
    first = str(histories.users[busy[0] if len(busy) else 0])
    if state.place.user is None:
        state.go(user=first)
    try:
        return Shown(known, histories.number_of(state.place.user or ""), False)
    except PrecedenceError as error:
        warn_missing(f"{error} Another user is shown.")
        state.go(user=first, trail=())
        return Shown(known, histories.number_of(first), False)


def members(points: Array, area: Area) -> Array:
    """Numbers of the users who stand inside an area [corners], by counting crossings of its edge."""
    if not area:
        return np.zeros(0, dtype=np.int64)
    corners = np.asarray(area, dtype=np.float64)
    x, y = points[:, 0].astype(np.float64), points[:, 1].astype(np.float64)
    inside = np.zeros(len(points), dtype=bool)
    for (x1, y1), (x2, y2) in zip(corners, np.roll(corners, -1, axis=0), strict=True):
        crosses = (y1 > y) != (y2 > y)
        at = x1 + (y - y1) / (y2 - y1 if y2 != y1 else 1.0) * (x2 - x1)
        inside ^= crosses & (x < at)
    return np.flatnonzero(inside)
