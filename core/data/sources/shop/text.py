"""Titles, query texts, and how many of a query's words a title contains."""

from __future__ import annotations

import numpy as np

from core.data.sources.shop.random import Array, stream
from core.data.sources.shop.words import BAIT, POOLS
from core.data.sources.shop.world import World
from core.data.text.segment import pieces


def titles(world: World) -> tuple[list[str], list[str]]:
    """An English and a Chinese title for each product; each picks its own form of every noun and attribute."""
    random = stream("titles")
    english, chinese = [], []
    for product in range(world.products):
        kind = world.leaves[int(world.leaf[product])]
        words = [world.attributes[int(number)] for number in np.flatnonzero(world.has[product])]
        picks = random.random((len(words), 2))
        shown = random.random(len(words)) < 0.9  # a title now and then keeps an attribute to itself
        brand = world.brand_names[int(world.brand[product])]
        nouns = pick(kind.english, random), pick(kind.chinese, random)
        model = f"{chr(65 + int(random.integers(0, 26)))}{int(random.integers(1, 40))}"
        bait = [BAIT["en"].index(word) for word in random.permutation(BAIT["en"])[: int(world.bait[product])]]
        front_en = [BAIT["en"][number] for number in bait] + [brand[0]]
        front_zh = [BAIT["zh"][number] for number in bait] + [brand[1]]
        front_en += [form_en(word, x) for word, (x, _), s in zip(words, picks, shown, strict=True) if s]
        front_zh += [form_zh(word, x) for word, (_, x), s in zip(words, picks, shown, strict=True) if s]
        behind_en, behind_zh = [model], [model]
        other = None
        if kind.accessory_of >= 0 and random.random() < 0.6:
            other = world.leaves[kind.accessory_of]
        elif len(bait) and random.random() < 0.5:  # clickbait also borrows the nouns of what it is not
            other = world.leaves[int(random.integers(0, len(world.leaves)))]
        if other is not None:
            behind_en += ["for", pick(other.english, random)]
            behind_zh += ["适用", pick(other.chinese, random)]
        english.append(" ".join([*front_en, nouns[0], *behind_en]))
        chinese.append("".join([*front_zh, nouns[1], *behind_zh]))
    return english, chinese


def pick(forms: tuple[str, ...], random: np.random.Generator) -> str:
    """The usual form half of the time, else a synonym."""
    if len(forms) == 1 or random.random() < 0.5:
        return forms[0]
    return forms[1 + int(random.integers(0, len(forms) - 1))]


def form_en(attribute: tuple[str, str], point: float) -> str:
    """An English form of (pool, word); `point` in 0..1 chooses."""
    pool, word = attribute
    forms = (word, *POOLS[pool][word][0])
    return forms[0] if point < 0.6 else forms[-1]


def form_zh(attribute: tuple[str, str], point: float) -> str:
    """A Chinese form of (pool, word); `point` in 0..1 chooses."""
    pool, word = attribute
    _, usual, others = POOLS[pool][word]
    return usual if point < 0.6 or not others else others[-1]


def misspelt(name: str, random: np.random.Generator) -> str:
    """The name with two neighbouring letters swapped or one letter left out."""
    place = int(random.integers(1, len(name) - 1))
    if len(name) > 3 and random.random() < 0.5:
        return name[:place] + name[place + 1] + name[place] + name[place + 2 :]
    return name[:place] + name[place + 1 :]


def overlaps(queries: list[str], names: list[frozenset[str]], query: Array, product: Array) -> Array:
    """Share of the query's pieces that the product's title contains, for pairs (query, product) [n]; 0..1."""
    own = [pieces(text) for text in queries]
    return np.array(
        [len(own[q] & names[p]) / max(1, len(own[q])) for q, p in zip(query.tolist(), product.tolist(), strict=True)]
    )
