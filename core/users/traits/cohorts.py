"""Groups of users: who they are, and how two of them differ."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from core.data.parquet import Array
from core.errors import PrecedenceError
from core.users.traits.facets import shares
from core.users.traits.lift import Everyone, Trait, compared

FEWEST = 3  # users of a cohort: fewer are people, not a group


@dataclass(frozen=True)
class Profile:
    """A cohort in figures: how many, how busy, what stands out, and how known properties are spread."""

    users: int
    events: float  # a user, median
    everyone_events: float
    traits: list[Trait]
    known: dict[str, dict[str, tuple[float, float]]]  # property → value → (share of the cohort, share of everyone)


def profile(everyone: Everyone, users: Array) -> Profile:
    """What stands out in the cohort of users [G] (numbers)."""
    checked = _cohort(users)
    histories = everyone.histories
    counts = np.diff(histories.offsets)
    known: dict[str, dict[str, tuple[float, float]]] = {}
    for name, values in histories.profile.items():
        own, all_of_them = values[checked], values
        kinds = [kind for kind in np.unique(all_of_them.astype(str)) if kind]
        known[name] = {kind: (float((own == kind).mean()), float((all_of_them == kind).mean())) for kind in kinds}
    return Profile(
        users=len(checked),
        events=float(np.median(counts[checked])),
        everyone_events=float(np.median(counts)),
        traits=everyone.traits(checked),
        known=known,
    )


def difference(everyone: Everyone, users: Array, others: Array, most: int = 6) -> list[Trait]:
    """Where two cohorts differ: values that the first does more or less often, intervals that leave out 1.

    `share` is the first cohort's, `base` the second's; a lift below 1 is the second cohort's trait. A value may be
    rare in one of the two, but not in both.
    """
    found: dict[tuple[str, str], Trait] = {}
    for facet in everyone.facets:
        one = shares(everyone.histories, facet, _cohort(users))
        two = shares(everyone.histories, facet, _cohort(others))
        told = [trait for trait in compared(one, two) if trait.low > 1]
        turned = [_turned(trait, one.users, int(one.having[_row(facet.values, trait.value)]))
                  for trait in compared(two, one) if trait.low > 1]  # fmt: skip
        for trait in (*_strongest(told, most), *_strongest(turned, most)):
            found[(facet.name, trait.value)] = trait
    return sorted(found.values(), key=lambda trait: -abs(trait.share - trait.base))


def _cohort(users: Array) -> Array:
    checked = np.unique(np.asarray(users, dtype=np.int64))
    if len(checked) < FEWEST:
        raise PrecedenceError(f"A cohort of {len(checked)} is too small to describe; choose {FEWEST} users or more.")
    return checked


def _turned(trait: Trait, users: int, having: int) -> Trait:
    """The same difference seen from the other side."""
    return Trait(
        trait.facet, trait.title, trait.value, trait.base, trait.share, 1 / trait.lift, 1 / trait.high, 1 / trait.low,
        having, users,
    )  # fmt: skip


def _row(values: Array, value: str) -> int:
    return int(np.flatnonzero(values == value)[0])


def _strongest(traits: list[Trait], most: int) -> list[Trait]:
    return sorted(traits, key=lambda trait: -abs(trait.share - trait.base))[:most]
