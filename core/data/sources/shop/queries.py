"""Queries with hidden intents, grades, and the judgements of hired readers."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from core.data.sources.shop.random import Array, stream
from core.data.sources.shop.text import form_en, form_zh, misspelt, pick
from core.data.sources.shop.world import World

QUERIES = 648
JUDGED = 52  # products judged a query
MISREAD = 0.03  # share of judgements that are one grade off


@dataclass(frozen=True)
class Queries:
    """Q queries; what a person means is hidden, the text and the guessed category are seen."""

    text: list[str]
    chinese: Array  # [Q] bool, language
    leaf: Array  # [Q] hidden: the leaf meant
    brand: Array  # [Q] hidden: the brand meant, or -1
    wants: Array  # [Q, A] hidden: attributes meant
    misspelt: Array  # [Q] bool, hidden
    guessed_leaf: Array  # [Q] what a query classifier says: right for about 85 %
    frequency: Array  # [Q] relative

    def __len__(self) -> int:
        return len(self.text)


def make_queries(world: World) -> Queries:
    """At least three queries a leaf and language: bare nouns, nouns with attributes, with a brand, or both."""
    random = stream("queries")
    main = [number for number, kind in enumerate(world.leaves) if kind.accessory_of < 0]
    accessory = [number for number, kind in enumerate(world.leaves) if kind.accessory_of >= 0]
    half = QUERIES // 2
    meant = np.array((main * 4)[: half - len(accessory)] + accessory)
    leaf: Array = np.concatenate([meant, meant])
    chinese = np.arange(QUERIES) >= half
    wants = np.zeros((QUERIES, len(world.attributes)), dtype=bool)
    brand: Array = np.full(QUERIES, -1)
    wrong = np.zeros(QUERIES, dtype=bool)
    texts: list[str] = []
    for row in range(QUERIES):
        while True:
            text, attributes, named, slip = _query(world, int(leaf[row]), bool(chinese[row]), random)
            if text not in texts:
                break
        texts.append(text)
        wants[row], brand[row], wrong[row] = attributes, named, slip
    guessed = leaf.copy()
    for row in np.flatnonzero(random.random(QUERIES) < 0.15).tolist():
        same = [
            n for n, kind in enumerate(world.leaves) if kind.group == world.leaves[leaf[row]].group and n != leaf[row]
        ]
        guessed[row] = int(random.choice(same))
    frequency = np.round(1.0 / (1.0 + random.permutation(QUERIES) / 60.0), 4)
    return Queries(texts, chinese, leaf, brand, wants, wrong, guessed, frequency)


def _query(world: World, leaf: int, chinese: bool, random: np.random.Generator) -> tuple[str, Array, int, bool]:
    kind = world.leaves[leaf]
    noun = pick(kind.chinese if chinese else kind.english, random)
    example = int(random.choice(np.flatnonzero(world.leaf == leaf)))  # somebody wants what is on sale
    attributes = np.zeros(len(world.attributes), dtype=bool)
    on_sale = np.flatnonzero(world.has[example])
    wanted = random.permutation(on_sale)[: int(random.choice([0, 1, 2], p=[0.1, 0.4, 0.5]))]
    attributes[wanted] = True
    words = [(form_zh if chinese else form_en)(world.attributes[int(n)], random.random()) for n in sorted(wanted)]
    brand, wrong = -1, False
    if random.random() < 0.3:
        brand = int(world.brand[example])
        name = world.brand_names[brand][chinese]
        wrong = bool(random.random() < 0.3)
        words.insert(0, misspelt(name, random) if wrong else name)
    return ("" if chinese else " ").join([*words, noun]).lower(), attributes, brand, wrong


def grades(world: World, queries: Queries, query: Array, product: Array) -> Array:
    """The true grade of pairs [n]: 3 all that was asked, 2 one miss, 1 a substitute, 0 off topic.

    A substitute is the right leaf with two misses or more, or a neighbouring leaf of the same group that is not an
    accessory. An accessory answers only queries that mean its own leaf.
    """
    asked, own = queries.leaf[query], world.leaf[product]
    misses = (queries.wants[query] & ~world.has[product]).sum(axis=1)
    misses = misses + ((queries.brand[query] >= 0) & (queries.brand[query] != world.brand[product]))
    group_names = sorted({kind.group for kind in world.leaves})
    group = np.array([group_names.index(kind.group) for kind in world.leaves])
    accessory = np.array([kind.accessory_of >= 0 for kind in world.leaves])
    near = (group[asked] == group[own]) & ~accessory[asked] & ~accessory[own]
    return np.where(asked == own, np.maximum(3 - misses, 1), np.where(near, 1, 0))


def candidates(world: World, queries: Queries, row: int, random: np.random.Generator) -> Array:
    """Products that a search for query `row` might bring up, best guesses first within four kinds.

    Same leaf, same group, products that share words without being meant (accessories), and the shop's most tempting
    products of anywhere. Returns at most 150 product numbers without repetition.
    """
    leaf = int(queries.leaf[row])
    kind = world.leaves[leaf]
    group = {number for number, other in enumerate(world.leaves) if other.group == kind.group and number != leaf}
    sharing = {n for n, other in enumerate(world.leaves) if other.accessory_of == leaf or n == kind.accessory_of}
    order = random.permutation(world.products)
    same = order[world.leaf[order] == leaf][:60]
    beside = order[np.isin(world.leaf[order], sorted(group - sharing))][:25]
    words = order[np.isin(world.leaf[order], sorted(sharing))][:25]
    lure = world.temptation[order] + 0.15 * random.random(len(order))
    tempting = order[np.argsort(-lure, kind="stable")]
    tempting = tempting[~np.isin(world.leaf[tempting], [leaf, *sorted(group)])][:400]
    tempting = random.permutation(tempting)[:40]
    return np.concatenate([same, beside, words, tempting])


def judgements(world: World, queries: Queries) -> tuple[Array, Array, Array]:
    """(query, product, grade) of the judged pairs [n]; a small share is one grade off."""
    random = stream("judgements")
    pairs = []
    for row in range(len(queries)):
        found = candidates(world, queries, row, random)
        some = random.permutation(len(found))[:JUDGED]
        pairs.append(np.stack([np.full(len(some), row), found[np.sort(some)]]))
    query, product = np.concatenate(pairs, axis=1)
    grade = grades(world, queries, query, product)
    slip = np.where(random.random(len(grade)) < 0.5, 1, -1) * (random.random(len(grade)) < MISREAD)
    return query, product, np.clip(grade + slip, 0, 3)


def choose_queries(queries: Queries, leaf: Array, chinese: Array, random: np.random.Generator) -> Array:
    """A query for each leaf and language [n], by frequency."""
    chosen = np.zeros(len(leaf), dtype=np.int64)
    for number in np.unique(leaf):
        for language in (False, True):
            rows = np.flatnonzero((leaf == number) & (chinese == language))
            pool = np.flatnonzero((queries.leaf == number) & (queries.chinese == language))
            share = queries.frequency[pool] / queries.frequency[pool].sum()
            chosen[rows] = random.choice(pool, len(rows), p=share)
    return chosen
