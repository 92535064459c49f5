"""Users: what a shop knows of them, and the tastes it does not know."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from core.data.sources.shop.random import Array, stream
from core.data.sources.shop.words import POOLS
from core.data.sources.shop.world import PRICE_LEVELS, TASTE_DIMENSIONS, World

USERS = 4000
AGES = ("18-24", "25-34", "35-49", "50-64", "65+")
CITIES = ("first tier", "second tier", "third tier", "countryside")
MEMBERSHIPS = ("none", "silver", "gold")
LANGUAGES = ("en", "zh")

# segment: departments it likes, usual price level, hour of its evening, deal hunting, share of each age
SEGMENTS = {
    "young gamers": (("electronics", "food"), 4.5, 22.5, 0.5, (6, 4, 1, 0, 0)),
    "new parents": (("family", "food", "home"), 4.0, 13.5, 0.6, (1, 6, 3, 0, 0)),
    "home makers": (("home", "kitchen"), 4.2, 10.0, 0.5, (0, 2, 5, 4, 1)),
    "fashion lovers": (("fashion", "beauty"), 5.2, 21.0, 0.4, (5, 5, 2, 0, 0)),
    "outdoor people": (("sports", "electronics"), 4.8, 7.5, 0.3, (2, 4, 4, 1, 0)),
    "bargain hunters": (("food", "kitchen", "leisure"), 1.8, 12.5, 0.95, (1, 2, 3, 4, 2)),
    "quiet hobbyists": (("leisure", "food"), 3.5, 19.0, 0.3, (0, 1, 3, 4, 4)),
    "wealthy seniors": (("beauty", "home", "food"), 6.2, 9.0, 0.15, (0, 0, 2, 5, 5)),
}


@dataclass(frozen=True)
class Users:
    """U users; numbers into the tuples above where a column is a category."""

    age: Array
    city: Array
    membership: Array
    chinese: Array  # [U] bool, the language of the user's queries
    registered_day: Array  # [U] negative: days before the first event
    segment: Array  # [U] hidden, number into SEGMENTS
    taste: Array  # [U, L] hidden, share of interest in each leaf, rows sum to 1
    brand_taste: Array  # [U, TASTE_DIMENSIONS] hidden
    price_level: Array  # [U] hidden, 1..7, not rounded
    hour: Array  # [U] hidden, 0..24, the middle of the user's usual hours
    deal: Array  # [U] hidden, 0..1, sensitivity to promotions
    temptable: Array  # [U] hidden, 0..2, how far bait draws the user
    activity: Array  # [U] hidden, mean 1
    favours: Array  # [U, A] hidden bool, one favourite word of each pool

    def __len__(self) -> int:
        return len(self.age)


def make_users(world: World) -> Users:
    """The users of the fixed seed."""
    random = stream("users")
    segment = random.choice(len(SEGMENTS), USERS, p=np.array([15, 13, 14, 15, 11, 14, 10, 8]) / 100)
    kinds = tuple(SEGMENTS.values())
    likes = np.array([[8.0 if leaf.department in kind[0] else 0.6 for leaf in world.leaves] for kind in kinds])
    group_names = sorted({leaf.group for leaf in world.leaves})
    group = np.array([group_names.index(leaf.group) for leaf in world.leaves])
    personal = random.gamma(0.35, 1.0, (USERS, len(group_names)))[:, group] * random.gamma(
        0.8, 1.0, (USERS, len(group))
    )
    accessory = np.array([0.35 if leaf.accessory_of >= 0 else 1.0 for leaf in world.leaves])
    taste = (likes[segment] * random.gamma(0.6, 1.0, (USERS, len(group))) * 0.5 + 4.0 * personal) * accessory
    deal = np.clip(np.array([kind[3] for kind in kinds])[segment] + random.normal(0, 0.15, USERS), 0, 1)
    level = np.clip(np.array([kind[1] for kind in kinds])[segment] + random.normal(0, 0.7, USERS), 1, PRICE_LEVELS)
    ages = np.array([kind[4] for kind in kinds], dtype=float)[segment] + 0.3
    age = (np.cumsum(ages, 1) < random.random((USERS, 1)) * ages.sum(1, keepdims=True)).sum(1)
    activity = random.lognormal(-0.25, 0.7, USERS)
    spending = level + 1.5 * activity + random.normal(0, 0.8, USERS)
    return Users(
        age=age,
        city=np.clip(np.round(3.6 - 0.55 * level + random.normal(0, 0.8, USERS)), 0, 3).astype(np.int64),
        membership=(spending > 5).astype(np.int64) + (spending > 7),
        chinese=random.random(USERS) < 0.5,
        registered_day=-random.integers(0, 1500, USERS),
        segment=segment,
        taste=taste / taste.sum(axis=1, keepdims=True),
        brand_taste=random.normal(0, 1, (USERS, TASTE_DIMENSIONS)),
        price_level=level,
        hour=(np.array([kind[2] for kind in kinds])[segment] + random.normal(0, 1.0, USERS)) % 24,
        deal=deal,
        temptable=np.clip(2 * random.beta(2, 2, USERS) + 0.4 * (deal - 0.5), 0, 2),
        activity=activity / activity.mean(),
        favours=_favours(world, random),
    )


def _favours(world: World, random: np.random.Generator) -> Array:
    pools = np.array([list(POOLS).index(pool) for pool, _ in world.attributes])
    favours = np.zeros((USERS, len(pools)), dtype=bool)
    for pool in range(len(POOLS)):
        columns = np.flatnonzero(pools == pool)
        favours[np.arange(USERS), random.choice(columns, USERS)] = True
    return favours


def own_styles(world: World, users: Users) -> Array:
    """Hidden [U, P]: how much of each product is the user's favourite colour, material and so on, about -0.4..1.6."""
    shared = users.favours.astype(np.float32) @ world.has.T.astype(np.float32)
    return 2.0 * shared / np.maximum(world.has.sum(axis=1), 1).astype(np.float32) - np.float32(0.4)


def liking(world: World, users: Users, user: Array, product: Array) -> Array:
    """Hidden liking of products by users (broadcast) beside their topic: brand, price, discount; about -3..3."""
    brand = 0.5 * np.einsum("...d,...d->...", users.brand_taste[user], world.brand_taste[world.brand[product]])
    gap = world.price_level[product] - users.price_level[user]
    return brand - 0.16 * gap**2 + 2.0 * users.deal[user] * world.discount[product]
