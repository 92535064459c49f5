"""Why people act: what the simulated behaviour of the shop is caused by, in numbers and small formulas.

Each user u has needs that come and go and tastes that last. On day d, counted from 0,

    θ_u(l, d) = (1 − m) θ_u⁰(l) + m θ_u¹(l),   m = w_u min(1, d / 40)        taste, which drifts
    s_u(l, t) = exp(−(t − t_b) / τ_l)                                      satiation
    rate of needs of leaf l  =  NEEDS a_u (¼ θ_u(l, d) + ¾ g(l)) (1 − s_u(l, t))

    where  θ_u⁰ is the user's own taste, θ_u¹ that of another user of the same hidden segment, w_u how far the user
           drifts (0 for half of the users, else 0.7 to 1); t_b the user's last purchase in leaf l, τ_l 30 days for
           lasting goods and 6 days for what is used up; a_u the user's activity; g(l) what the world needs, whatever
           the taste.

A need of leaf l belongs to a time of the week: `SLOTS`. A purchase in leaf l wakes each companion of l with a chance of
`WAKES` within four days, and what is used up is needed again after about sixteen days.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from core.data.sources.shop.random import Array, stream
from core.data.sources.shop.users import Users
from core.data.sources.shop.world import World

DAYS = 60
DAY = 86_400
NEEDS = 0.025  # needs a day of a user of mean activity
TASTE_SHARE = 0.25  # of the needs that come from the user's taste; the rest come from the world
WAKES = 0.7  # chance that a purchase wakes a companion
AGAIN = 0.65  # chance that what was used up is needed again
AGAIN_DAYS, AGAIN_SPREAD = 16.0, 2.5
DRIFTS = 40  # days that a drift takes
LASTING, USED_UP = 30.0, 6.0  # days of satiation

CONSUMED = frozenset({"baby care", "snacks", "drinks", "staples", "pets", "skin care", "hair", "stationery"})
"""Groups whose goods are used up."""
KEPT = frozenset({"feeding bottle", "bottle brush", "dog lead", "food bowl for dog", "hair dryer",
                  "hair dryer holder", "pencil case"})  # fmt: skip
"""Leaves of those groups that last all the same."""

COMPANIONS = {
    "sofa": ("coffee table", "rug"),
    "bed frame": ("mattress",),
    "mattress": ("pillow", "quilt"),
    "phone": ("headphones",),
    "laptop": ("keyboard", "monitor"),
    "television": ("speaker",),
    "camera": ("tripod",),
    "dress": ("handbag",),
    "suitcase": ("backpack",),
    "frying pan": ("cooking oil",),
    "kettle": ("tea",),
    "rice cooker": ("rice",),
    "blender": ("fruit juice",),
    "nappies": ("feeding bottle",),
    "pushchair": ("car seat",),
    "bicycle": ("helmet",),
    "treadmill": ("sneakers",),
    "tent": ("sleeping bag", "backpack"),
    "foundation": ("lipstick",),
    "dog food": ("dog lead",),
    "flower pot": ("garden hose",),
    "notebook": ("pen",),
}
"""What is needed after a purchase, beside the accessories that the lexicon names."""


@dataclass(frozen=True)
class Slot:
    """When a need is seen to: hour of the day (mean, spread), and how often on weekdays and at weekends."""

    hour: float
    spread: float
    weekday: float
    weekend: float


SLOTS = (Slot(11.0, 1.8, 1.3, 0.25), Slot(21.0, 1.2, 1.0, 1.0), Slot(15.5, 2.0, 0.5, 2.25))
"""Working hours, evenings, weekends."""
AT_WORK = frozenset({"phones", "computers", "stationery", "bags", "drinks", "baby care", "staples", "appliances"})
AT_WEEKENDS = frozenset({"living room", "bedroom", "lighting", "garden", "camping", "cycling", "cookware",
                         "travel with children", "pets"})  # fmt: skip
"""Groups by slot; all others belong to evenings."""


@dataclass(frozen=True)
class Causes:
    """What the formulas need of the world and of each user. U users, L leaves."""

    companions: tuple[Array, ...]  # [L] of leaf numbers
    used_up: Array  # [L] bool
    slot: Array  # [L] number into SLOTS
    demand: Array  # [L] g, sums to 1
    drift: Array  # [U] hidden w, 0..1
    taste: Array  # [U, L] hidden θ⁰
    later: Array  # [U, L] hidden θ¹

    @property
    def satiation_days(self) -> Array:
        """τ [L] in days."""
        return np.where(self.used_up, USED_UP, LASTING)

    def taste_on(self, user: Array, day: Array | float) -> Array:
        """θ [n, L] of users [n] on days [n]."""
        moved = (self.drift[user] * np.clip(np.asarray(day) / DRIFTS, 0, 1))[:, None]
        return (1 - moved) * self.taste[user] + moved * self.later[user]

    def taste_of(self, user: Array, leaf: Array, day: Array) -> Array:
        """θ [n] of users for leaves [n] on days [n]."""
        moved = self.drift[user] * np.clip(day / DRIFTS, 0, 1)
        return (1 - moved) * self.taste[user, leaf] + moved * self.later[user, leaf]


def make_causes(world: World, users: Users) -> Causes:
    """The causes of the fixed seed."""
    random = stream("causes")
    names = [leaf.english[0] for leaf in world.leaves]
    number = {name: at for at, name in enumerate(names)}
    companions = [[number[other] for other in COMPANIONS.get(name, ())] for name in names]
    for at, leaf in enumerate(world.leaves):
        if leaf.accessory_of >= 0:
            companions[leaf.accessory_of].append(at)
    groups = [leaf.group for leaf in world.leaves]
    slot = np.array([0 if group in AT_WORK else 2 if group in AT_WEEKENDS else 1 for group in groups])
    demand = np.array([0.1 if leaf.accessory_of >= 0 else 1.0 for leaf in world.leaves])
    other = np.arange(len(users))
    for segment in np.unique(users.segment):
        rows = np.flatnonzero(users.segment == segment)
        other[rows] = rows[random.permutation(len(rows))]
    drifts = random.random(len(users)) < 0.5
    return Causes(
        companions=tuple(np.array(each, dtype=np.int64) for each in companions),
        used_up=np.array([g in CONSUMED and n not in KEPT for g, n in zip(groups, names, strict=True)]),
        slot=slot,
        demand=demand / demand.sum(),
        drift=np.where(drifts, 0.7 + 0.3 * random.random(len(users)), 0.0),
        taste=users.taste,
        later=users.taste[other],
    )


def slot_times(slot: Array, day: Array, random: np.random.Generator) -> Array:
    """Seconds since the first day [n] of visits on whole days [n] in slots [n]."""
    hour = (
        np.array([each.hour for each in SLOTS])[slot]
        + random.normal(0, 1, len(slot)) * np.array([each.spread for each in SLOTS])[slot]
    )
    return (day * DAY + np.clip(hour, 0, 23.9) * 3600).astype(np.int64)


def slot_rate(slot: Array, day: int) -> Array:
    """How often needs of slots [n] are seen to on this day, mean about 1 over a week; the first day is a Sunday."""
    weekend = day % 7 in (0, 6)
    return np.array([each.weekend if weekend else each.weekday for each in SLOTS])[slot]
