"""The shop's fixed part: categories, brands, shops and products, with what is hidden about them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from core.data.sources.shop.lexicon import DEPARTMENTS, GROUPS, LEAVES
from core.data.sources.shop.random import Array, stream
from core.data.sources.shop.words import BAIT, FACETS, POOLS, SHOP_KINDS, SYLLABLES

BRANDS = 120
SHOPS = 240
PRICE_LEVELS = 7
TASTE_DIMENSIONS = 4  # hidden space in which users like brands


@dataclass(frozen=True)
class Leaf:
    """A leaf category; `accessory_of` is the number of the leaf whose nouns its titles contain, or -1."""

    department: str
    group: str
    english: tuple[str, ...]
    chinese: tuple[str, ...]
    price: float
    pools: tuple[str, ...]
    accessory_of: int


@dataclass(frozen=True)
class World:
    """Everything that does not change with time. P products, A attribute words, L leaves."""

    leaves: tuple[Leaf, ...]
    attributes: tuple[tuple[str, str], ...]  # A of (pool, English word)
    brand_names: tuple[tuple[str, str], ...]  # English, Chinese
    brand_taste: Array  # [brands, TASTE_DIMENSIONS]
    shop_names: tuple[tuple[str, str], ...]
    leaf: Array  # [P] leaf number
    brand: Array  # [P]
    shop: Array  # [P]
    price: Array  # [P] yuan, what is paid
    list_price: Array  # [P] yuan, before the discount
    price_level: Array  # [P] 1..7, rank of the price within the leaf
    picture: Array  # [P] 0..1, how striking the picture is
    bait: Array  # [P] number of bait words in the title
    listed_day: Array  # [P] day the product appears, may be negative
    has: Array  # [P, A] bool, attributes
    popularity: Array  # [P] hidden, mean about 0
    temptation: Array  # [P] hidden, 0..1

    @property
    def products(self) -> int:
        return len(self.leaf)

    def facet(self, name: str, among: Array) -> Array:
        """Of rows of attributes `among` [.., A] the word of one facet as 1.. in pool order, 0 where there is none."""
        columns = [n for n, (pool, _) in enumerate(self.attributes) if pool in FACETS[name]]
        own = among[..., columns]
        return np.where(own.any(axis=-1), own.argmax(axis=-1) + 1, 0)

    @property
    def discount(self) -> Array:
        return 1.0 - self.price / self.list_price


def leaves() -> tuple[Leaf, ...]:
    """The leaf categories of the lexicon."""
    rows = [[cell.strip() for cell in line.split("|")] for line in LEAVES.strip().splitlines()]
    numbers = {row[2].split(",")[0]: number for number, row in enumerate(rows)}
    return tuple(
        Leaf(
            department=row[0],
            group=row[1],
            english=tuple(noun.strip() for noun in row[2].split(",")),
            chinese=tuple(noun.strip() for noun in row[3].split(",")),
            price=float(row[4]),
            pools=tuple(row[5].split()),
            accessory_of=numbers[row[6]] if row[6] else -1,
        )
        for row in rows
    )


def tree(of: tuple[Leaf, ...]) -> list[tuple[str, str, str, str, str, str]]:
    """The category tree, one leaf a row: department, group, leaf, and the same in Chinese."""
    return [
        (
            leaf.department,
            leaf.group,
            leaf.english[0],
            DEPARTMENTS[leaf.department],
            GROUPS[leaf.group],
            leaf.chinese[0],
        )
        for leaf in of
    ]


def make_world() -> World:
    """The world of the fixed seed."""
    random = stream("world")
    kinds = leaves()
    attributes = tuple((pool, word) for pool, words in POOLS.items() for word in words)
    brand_names, brand_taste, brand_tier, home_department = _brands(random)
    shop_names = tuple(_shop_name(number, brand_names) for number in range(SHOPS))

    sizes = [34 if kind.accessory_of >= 0 else int(random.integers(52, 76)) for kind in kinds]
    leaf = np.repeat(np.arange(len(kinds)), sizes)
    count = len(leaf)
    departments = list(DEPARTMENTS)
    department = np.array([departments.index(kind.department) for kind in kinds])[leaf]

    # a brand sells mostly in its own department
    suits = np.where(home_department[None, :] == department[:, None], 1.0, 0.02)
    suits *= np.exp(0.8 * np.sin(np.outer(leaf + 1.0, np.arange(BRANDS) + 1.0)))  # brands differ from leaf to leaf
    brand = np.minimum(
        (np.cumsum(suits, 1) < random.random((count, 1)) * suits.sum(1, keepdims=True)).sum(1), BRANDS - 1
    )
    shop = np.where(
        random.random(count) < 0.6, brand * 2 + random.integers(0, 2, count), random.integers(0, SHOPS, count)
    )

    median = np.array([kind.price for kind in kinds])[leaf]
    paid = median * np.exp(random.normal(0, 0.45, count) + 0.35 * brand_tier[brand])
    discount = np.where(random.random(count) < 0.45, random.beta(2, 3, count) * 0.75, 0.0)
    price = np.maximum(np.round(paid * (1 - 0.6 * discount), 1), 1.0)
    list_price = np.maximum(np.round(price / (1 - discount), 1), price)
    picture = np.round(random.beta(1.6, 2.4, count), 3)
    bait = np.minimum(random.poisson(np.where(random.random(count) < 0.3, 1.6, 0.05)), 3)
    # noisy-or: one strong pull is enough to tempt, and pulls do not add up linearly
    pulls = (1 - 0.85 * picture**2) * (1 - 0.8 * (1.0 - price / list_price > 0.4)) * (1 - 0.45 * (bait >= 2))
    return World(
        leaves=kinds,
        attributes=attributes,
        brand_names=brand_names,
        brand_taste=brand_taste,
        shop_names=shop_names,
        leaf=leaf,
        brand=brand,
        shop=shop,
        price=price,
        list_price=list_price,
        price_level=_levels(price, leaf),
        picture=picture,
        bait=bait,
        listed_day=random.integers(-400, 40, count),
        has=_attributes(kinds, leaf, attributes, random),
        popularity=np.round(random.gumbel(0, 0.8, count) + 0.3 * brand_tier[brand], 3),
        temptation=np.round(np.clip(1 - pulls + random.normal(0, 0.03, count), 0, 1), 3),
    )


def _brands(random: np.random.Generator) -> tuple[tuple[tuple[str, str], ...], Array, Array, Array]:
    names: list[tuple[str, str]] = []
    while len(names) < BRANDS:
        parts = [SYLLABLES[int(part)] for part in random.permutation(len(SYLLABLES))[:3]]
        name = ("".join(part[0] for part in parts).capitalize(), "".join(part[1] for part in parts))
        if name not in names:
            names.append(name)
    return (
        tuple(names),
        random.normal(0, 1, (BRANDS, TASTE_DIMENSIONS)),
        random.normal(0, 1, BRANDS),
        np.arange(BRANDS) % len(DEPARTMENTS),
    )


def _shop_name(number: int, brands: tuple[tuple[str, str], ...]) -> tuple[str, str]:
    english, chinese = brands[number // 2 % len(brands)]
    kind = SHOP_KINDS[number % 2 if number % 6 < 4 else 2 + number % 2]
    return f"{english} {kind[0]}", f"{chinese}{kind[1]}"


def _levels(price: Array, leaf: Array) -> Array:
    level = np.zeros(len(price), dtype=np.int64)
    for number in np.unique(leaf):
        rows = np.flatnonzero(leaf == number)
        ranks = np.argsort(np.argsort(price[rows], kind="stable"), kind="stable")
        level[rows] = 1 + ranks * PRICE_LEVELS // len(rows)
    return level


def _attributes(
    kinds: tuple[Leaf, ...], leaf: Array, attributes: tuple[tuple[str, str], ...], random: np.random.Generator
) -> Array:
    """One word of each pool that fits the leaf, for most products."""
    columns = {pool: [n for n, (own, _) in enumerate(attributes) if own == pool] for pool in POOLS}
    has = np.zeros((len(leaf), len(attributes)), dtype=bool)
    for row, number in enumerate(leaf):
        for pool in kinds[number].pools:
            choice, present = random.integers(0, len(columns[pool])), random.random() < 0.85
            has[row, columns[pool][int(choice)]] = present
    return has


__all__ = ["BAIT", "Leaf", "World", "leaves", "make_world", "tree"]
