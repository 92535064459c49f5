"""What histories of the simulated shop tell, by logistic regressions and before any network is trained.

A feature counts events of a user's history: of one *kind* (click in a search, on a recommendation, on an
advertisement, bookmark, cart, purchase), of one *age* (three days, two weeks, older), and of one relation to the
candidate (the same item, brand, shop, category). It enters as log(1 + count).

- *without kinds*: ages × relations, kinds added up.
- *with kinds*: kinds × ages × relations.
- *with the query*: those, and the same relations counted again over the events of the query's category alone.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from core.data.histories.histories import Histories
from core.data.histories.questions import Questions
from core.data.parquet import Array

AGES = (3 * 86_400, 14 * 86_400)
KINDS = ("search click", "recommendation click", "advertisement click", "bookmark", "cart", "purchase")
RELATIONS = ("item", "brand", "shop", "category")
LEVELS = 7


@dataclass(frozen=True)
class Pairs:
    """Events before the moments of questions: pair n is event `event[n]` seen from row `row[n]`."""

    row: Array
    event: Array


def kinds(histories: Histories) -> Array:
    """[E] number into KINDS."""
    names = histories.names["behaviour"][histories.behaviour].astype(str)
    scenes = histories.names["scenario"][histories.scenario].astype(str)
    of_click = {"search": 0, "recommendation": 1, "advertising": 2}
    clicks = np.array([of_click.get(each, 0) for each in histories.names["scenario"].astype(str)])[histories.scenario]
    assert len(scenes) == len(names)
    return np.select([names == "bookmark", names == "cart", names == "purchase"], [3, 4, 5], clicks)


def pairs(histories: Histories, questions: Questions, rows: Array) -> Pairs:
    """All events that a network would see (the last hundred) of the moments of rows [n]; `row` counts from 0."""
    moment = questions.moment[rows]
    first, end = histories.before(questions.user[moment], questions.time[moment])
    count = end - first
    row = np.repeat(np.arange(len(rows)), count)
    place = np.arange(len(row)) - np.repeat(np.cumsum(count) - count, count)
    return Pairs(row, first[row] + place)


def counts(pairs: Pairs, where: Array, group: Array, groups: int, rows: int) -> Array:
    """[rows, groups] log(1 + number of pairs where `where`), by group [pairs]."""
    key = pairs.row[where] * groups + group[where]
    return np.log1p(np.bincount(key, minlength=rows * groups).reshape(rows, groups))


def relation_features(
    histories: Histories, questions: Questions, rows: Array, with_kinds: bool, with_query: bool
) -> Array:
    """[n, features] of rows [n] of the questions."""
    seen = pairs(histories, questions, rows)
    moment, items = questions.moment[rows], histories.items
    age = np.searchsorted(np.array(AGES), questions.time[moment][seen.row] - histories.time[seen.event])
    kind = kinds(histories)[seen.event] if with_kinds else np.zeros(len(seen.row), dtype=np.int64)
    group, groups = kind * (len(AGES) + 1) + age, (len(KINDS) if with_kinds else 1) * (len(AGES) + 1)
    item = questions.item[rows]
    own = histories.item[seen.event]
    same = {
        "item": own == item[seen.row],
        "brand": items.brand[own] == items.brand[item][seen.row],
        "shop": items.shop[own] == items.shop[item][seen.row],
        "category": items.category[own] == items.category[item][seen.row],
    }
    found = [counts(seen, same[name], group, groups, len(rows)) for name in RELATIONS]
    found.append(_nearness(histories, seen, item, age, np.ones(len(seen.row), dtype=bool)))
    if with_query:
        names = {name: number for number, name in enumerate(histories.names["category"].astype(str))}
        asked = np.array([names.get(str(each), 0) for each in questions.categories])[questions.query[moment]]
        fits = (items.category[own] == asked[seen.row]) & (asked[seen.row] > 0)
        inside = (items.category[item] == asked)[:, None]
        found += [inside * counts(seen, same[name] & fits, group, groups, len(rows)) for name in ("brand", "shop")]
        found += [inside * _nearness(histories, seen, item, age, fits), inside]
    return np.hstack(found)


def _nearness(histories: Histories, seen: Pairs, item: Array, age: Array, where: Array) -> Array:
    """[rows, 3 · ages] how near the candidate is to events of each age: gap of price levels, words in common, known."""
    items, rows = histories.items, len(item)
    row, own, ages = seen.row[where], histories.item[seen.event[where]], len(AGES) + 1
    gap = np.abs(items.price_level[own].astype(float) - items.price_level[item[row]])
    common = np.zeros(len(row))
    for place in range(items.words.shape[1]):
        word = items.words[own, place]
        common += (word > 0) & (items.words[item[row]] == word[:, None]).any(axis=1)
    key = row * ages + age[where]
    count = np.bincount(key, minlength=rows * ages)
    means = [np.bincount(key, weights=values, minlength=rows * ages) / np.maximum(count, 1) for values in (gap, common)]
    return np.hstack([each.reshape(rows, ages) for each in (*means, (count > 0).astype(float))])


def level_features(histories: Histories, questions: Questions, rows: Array, with_kinds: bool) -> Array:
    """[n, features] counts by price level, age and, if asked for, kind: for the level of the next purchase."""
    seen = pairs(histories, questions, rows)
    moment = questions.moment[rows]
    age = np.searchsorted(np.array(AGES), questions.time[moment][seen.row] - histories.time[seen.event])
    kind = kinds(histories)[seen.event] if with_kinds else np.zeros(len(seen.row), dtype=np.int64)
    level = np.maximum(histories.price_level[seen.event].astype(np.int64) - 1, 0)
    group = (kind * (len(AGES) + 1) + age) * LEVELS + level
    groups = (len(KINDS) if with_kinds else 1) * (len(AGES) + 1) * LEVELS
    return counts(seen, np.ones(len(seen.row), dtype=bool), group, groups, len(rows))
