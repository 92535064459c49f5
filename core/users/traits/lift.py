"""What a group of users has in common, in words: each trait as a lift against everyone, with an interval.

lift(v) = share of v in the group / share of v among everyone (or in another group); a share is the mean over users of
the part of their own events that have v. The 95 % interval is that of the logarithm of the ratio by the delta method,
users being the units: var log(m) ≈ s² / (n m²). Rare values are left out: a lift of a handful of events means nothing.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from core.data.histories.histories import Histories
from core.data.parquet import Array
from core.statistics import NORMAL_95
from core.users.traits.facets import ITEM, Facet, Shares, facets, shares
from core.wording import listed

FEWEST_USERS = 3  # of the group who do it; of two users both
FEWEST_PART = 0.2  # of the group, as far as that is less than:
ENOUGH_USERS = 15
FEWEST_EVENTS = 5
FEW = 5  # events of a user, with whom each of them counts
STRONG = 1.3  # lifts below are not worth a sentence


@dataclass(frozen=True)
class Trait:
    """One value that a group does more (or less) often than the others."""

    facet: str
    title: str  # of the facet
    value: str
    share: float
    base: float  # share of the others
    lift: float
    low: float  # 95 % interval of the lift
    high: float
    having: int  # users of the group who do it at all
    users: int  # of the group

    @property
    def sentence(self) -> str:
        """As a person would say it: a tenth of their events and how many times everyone's share that is."""
        return (
            f"{self.title} {self.value}: {self.share:.0%} of their events against {self.base:.1%} for everyone "
            f"({self.lift:.1f} ×, 95 % {self.low:.1f}–{self.high:.1f}); {self.having} of {self.users} users."
        )

    @property
    def short(self) -> str:
        """A few words for a chip or a cell."""
        return f"{words_of(self.facet, self.value)} ({self.lift:.1f}×)"


def words_of(facet: str, value: str) -> str:
    """A value as it stands in a list: a category speaks for itself, a price level does not."""
    return {"brand": f"brand {value}", "price_level": f"price level {value}"}.get(facet, value)


@dataclass(frozen=True)
class Everyone:
    """A source with what everyone does in it: made once, asked for every group.

    `known` is what everyone does where that is known already, as for histories that one user by hand has joined.
    """

    histories: Histories
    known: Mapping[str, Shares] | None = None

    @cached_property
    def facets(self) -> tuple[Facet, ...]:
        return facets(self.histories)

    @cached_property
    def base(self) -> Mapping[str, Shares]:
        return self.known or {facet.name: shares(self.histories, facet) for facet in self.facets}

    def traits(self, users: Array, most: int = 5, strong: float = STRONG) -> list[Trait]:
        """What users [G] (numbers) share that everyone does not: strongest first, at most `most` a facet.

        A trait is told when enough of them do it, its lift is at least `strong` and its interval lies above 1.
        """
        found = []
        for facet in self.facets:
            group = shares(self.histories, facet, users)
            told = [t for t in compared(group, self.base[facet.name]) if t.lift >= strong and t.low > 1]
            found += sorted(told, key=_weight, reverse=True)[:most]
        return sorted(found, key=_place)

    def pair(self, user: int, other: int, most: int = 4) -> list[Trait]:
        """What two users have in common: values of which both have two events (one is enough of fewer than FEW, and of
        an item).

        The lift of a pair is that of the geometric mean of the two shares; two users bear no interval, so low = high.
        """
        found = []
        for facet in self.facets:
            one, two = (shares(self.histories, facet, np.array([number])) for number in (user, other))
            base = self.base[facet.name].mean
            for value in 1 + np.flatnonzero(((one.events >= _habit(one)) & (two.events >= _habit(two)))[1:]):
                share = math.sqrt(one.mean[value] * two.mean[value])
                lift = share / base[value]
                if lift >= STRONG:
                    told = str(facet.values[value])
                    found.append(Trait(facet.name, facet.title, told, share, base[value], lift, lift, lift, 2, 2))
        return sorted(found, key=_place)[:most]


def compared(group: Shares, other: Shares) -> list[Trait]:
    """Every value that is frequent enough in the group, with its lift over the other one."""
    enough = max(min(FEWEST_USERS, group.users), min(math.ceil(FEWEST_PART * group.users), ENOUGH_USERS))
    rows = np.flatnonzero((group.having >= enough) & (group.events >= FEWEST_EVENTS) & (other.mean > 0))
    facet = group.facet
    traits = []
    for row in rows[rows > 0]:
        share, base = float(group.mean[row]), float(other.mean[row])
        error = math.hypot(_relative(group, row), _relative(other, row))
        lift = share / base
        traits.append(
            Trait(
                facet.name, facet.title, str(facet.values[row]), share, base, lift,
                lift * math.exp(-NORMAL_95 * error), lift * math.exp(NORMAL_95 * error), int(group.having[row]),
                group.users,
            )
        )  # fmt: skip
    return traits


def _habit(own: Shares) -> int:
    """Events that make a habit of a user who has so many; that both have one item says something at once."""
    return 1 if own.facet.name == ITEM or own.events.sum() < FEW else 2


def _relative(shares: Shares, row: int) -> float:
    """Standard error of the logarithm of a share."""
    return float(shares.spread[row] / (shares.mean[row] * math.sqrt(max(shares.users - 1, 1))))


def _weight(trait: Trait) -> float:
    """How much a trait says: the group's events that it explains beyond everyone's, share · log(lift)."""
    return trait.share * math.log(trait.lift)


def _place(trait: Trait) -> tuple[bool, float]:
    """Items first: of many, each is a small share, and says more than the hour at which it was bought."""
    return trait.facet != ITEM, -_weight(trait)


def in_words(traits: Sequence[Trait]) -> str:
    """One sentence for a list of neighbours, strongest first; an honest one where there is nothing."""
    if not traits:
        return "Nothing stands out: what they do, everyone does."
    return "They share " + listed([trait.short for trait in traits[:4]]) + "."
