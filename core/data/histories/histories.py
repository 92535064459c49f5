"""What users did, in time order, user after user."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.data.histories.limits import MOST
from core.errors import PrecedenceError

Array = NDArray[Any]  # torch and pydantic alone must do for training, so nothing of DuckDB here

WORDS = 5  # words of an item
LEVELS = 7  # price levels, 1 the cheapest
DAY = 86_400  # seconds
RETURN = "return"
"""The kind of behaviour that gives something back. A network reads it like any other; as a sign of what a user likes,
or as something to predict, it counts nowhere."""


@dataclass(frozen=True)
class Items:
    """I items that occur, number 0 standing for none. Numbers point into `Histories.names`; 0 is unknown."""

    name: Array  # [I] str, the id by which the source knows the item
    title: Array  # [I] str, for a person
    shop: Array  # [I] int32, where it is usually sold
    brand: Array  # [I] int32
    category: Array  # [I] int32
    price_level: Array  # [I] int8, 1..LEVELS among the items of its category, 0 unknown
    words: Array  # [I, WORDS] int32, tags; 0 where there are fewer

    def __len__(self) -> int:
        return len(self.name)


@dataclass(frozen=True)
class Histories:
    """E events of U users: event arrays are sorted by user, then time; user u's are offsets[u] … offsets[u + 1].

    Numbers point into `names`: `names["shop"][number]` is a text, number 0 is unknown.
    """

    users: Array  # [U] str, the id by which the source knows the user
    offsets: Array  # [U + 1] int64
    time: Array  # [E] int64, seconds since 1970 on the source's own clock
    item: Array  # [E] int32, number into items
    shop: Array  # [E] int32, where it happened
    behaviour: Array  # [E] int16, click or purchase; of a purchase-only source the kind of brand
    scenario: Array  # [E] int16, search or recommendation; of a purchase-only source the kind of price
    items: Items
    names: Mapping[str, Array]  # shop, brand, category, word, behaviour, scenario → [n] str
    profile: Mapping[str, Array] = field(default_factory=dict)  # what is known of users: name → [U] str, "" unknown
    vectors: Array | None = None  # [U, width] float32, where somebody brought embeddings instead of events

    def __len__(self) -> int:
        return len(self.users)

    @property
    def user(self) -> Array:
        """[E] number of each event's user."""
        return np.repeat(np.arange(len(self.users)), np.diff(self.offsets))

    @property
    def brand(self) -> Array:
        return self.items.brand[self.item]

    @property
    def category(self) -> Array:
        return self.items.category[self.item]

    @property
    def price_level(self) -> Array:
        return self.items.price_level[self.item]

    def of(self, user: int) -> slice:
        """Where the events of a user stand."""
        return slice(int(self.offsets[user]), int(self.offsets[user + 1]))

    def number_of(self, user: str) -> int:
        """The number of the user that the source knows by this id."""
        found = np.flatnonzero(self.users == user)
        if not len(found):
            raise PrecedenceError(f"There is no user {user!r} in these histories; the first is {self.users[0]!r}.")
        return int(found[0])

    def before(self, user: Array, moment: Array, most: int = MOST) -> tuple[Array, Array]:
        """First and one past the last event [n] of users [n] strictly before moments [n] (seconds), at most `most`."""
        order = _place(self, user, moment)
        return np.maximum(self.offsets[user], order - most), order

    def until(self, moment: int) -> Histories:
        """The same users with only their events strictly before a moment."""
        return self.keep(self.time < moment)

    def without_returns(self) -> Histories:
        """The same without the events that give something back."""
        kinds = np.flatnonzero(self.names["behaviour"] == RETURN)
        return self.keep(~np.isin(self.behaviour, kinds)) if len(kinds) else self

    def keep(self, chosen: Array) -> Histories:
        """The same users and items with only the events where `chosen` [E] is true."""
        counts = np.bincount(self.user[chosen], minlength=len(self))
        offsets = np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)
        columns = {name: getattr(self, name)[chosen] for name in ("time", "item", "shop", "behaviour", "scenario")}
        return replace(self, offsets=offsets, **columns)


def _place(histories: Histories, user: Array, moment: Array) -> Array:
    """[n] the first event of users at or after moments, by one search over a key that grows with user and time."""
    if not len(histories.time):
        return histories.offsets[user]
    first = histories.time.min()
    span = int(histories.time.max() - first) + 2
    key = histories.user * span + (histories.time - first)
    wanted = user * span + np.clip(moment - first, 0, span - 1)
    return np.searchsorted(key, wanted, side="left")


def numbered(names: Array | tuple[str, ...]) -> Array:
    """Names with the empty one in front, so that number 0 is unknown."""
    return np.array(["", *names], dtype=object)


def numbers_in(values: Array, names: tuple[str, ...]) -> Array:
    """1 + the place of each value among `names`."""
    place = {name: at + 1 for at, name in enumerate(names)}
    kinds, inverse = np.unique(values.astype(str), return_inverse=True)
    return np.array([place[kind] for kind in kinds])[inverse]


def words_of(lists: list[list[str]]) -> tuple[Array, Array]:
    """Names of all words, and numbers [1 + n, WORDS] of each item's; item 0 has none."""
    place: dict[str, int] = {"": 0}
    words = np.zeros((len(lists) + 1, WORDS), dtype=np.int32)
    for row, own in enumerate(lists):
        for at, word in enumerate(own[:WORDS]):
            words[row + 1, at] = place.setdefault(word, len(place))
    return np.array(list(place), dtype=object), words
