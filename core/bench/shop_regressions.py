"""What histories of the simulated shop tell, by logistic regressions and before any network is trained.

A feature counts events of a user's history: of one *kind* (click in a search, on a recommendation, on an
advertisement, bookmark, cart, purchase), of one *age* (three days, two weeks, older), and of one relation to the
candidate: the same category, or also item, brand and shop. It enters as log(1 + count).

- *without kinds*: ages × relations, kinds added up.
- *with kinds*: the same, and kinds × ages × relations beside them.
- *with the query*, on searches: of the events of the query's category alone, how near the candidate is in price level
  and words, how many are of its brand and shop; against the same of all events.
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
    of_click = {"search": 0, "recommendation": 1, "advertising": 2}
    clicks = np.array([of_click.get(each, 0) for each in histories.names["scenario"].astype(str)])[histories.scenario]
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
    histories: Histories, questions: Questions, rows: Array, relations: tuple[str, ...], with_kinds: bool
) -> Array:
    """[n, features] of rows [n] of the questions: counts of events by age, and by kind and age beside them."""
    seen = pairs(histories, questions, rows)
    same, age, kind = (
        _same(histories, questions, rows, seen),
        _ages(histories, questions, rows, seen),
        seen_kinds(histories, seen),
    )
    ages = len(AGES) + 1
    found = [counts(seen, same[name], age, ages, len(rows)) for name in relations]
    if with_kinds:
        found += [counts(seen, same[name], kind * ages + age, len(KINDS) * ages, len(rows)) for name in relations]
    return np.hstack(found)


def query_features(histories: Histories, questions: Questions, rows: Array, with_query: bool) -> Array:
    """[n, features] of rows of searches: how near the candidate is to what was done before.

    Both know whether the candidate is of the category asked for. Without the query every event counts alike, with it
    those of the query's category count once more by themselves.
    """
    seen = pairs(histories, questions, rows)
    same, age, kind = (
        _same(histories, questions, rows, seen),
        _ages(histories, questions, rows, seen),
        seen_kinds(histories, seen),
    )
    items, item, ages = histories.items, questions.item[rows], len(AGES) + 1
    group, groups = kind * ages + age, len(KINDS) * ages
    names = {name: number for number, name in enumerate(histories.names["category"].astype(str))}
    number = np.array([names.get(str(each), 0) for each in questions.categories])
    asked = number[questions.query[questions.moment[rows]]]
    inside = (items.category[item] == asked)[:, None]
    found = [counts(seen, same[name], group, groups, len(rows)) for name in RELATIONS]
    found += [_nearness(histories, seen, item, age, np.ones(len(seen.row), dtype=bool)), inside]
    if with_query:
        fits = (items.category[histories.item[seen.event]] == asked[seen.row]) & (asked[seen.row] > 0)
        found += [inside * counts(seen, same[name] & fits, group, groups, len(rows)) for name in RELATIONS]
        found.append(inside * _nearness(histories, seen, item, age, fits))
    return np.hstack(found)


def _same(histories: Histories, questions: Questions, rows: Array, seen: Pairs) -> dict[str, Array]:
    """Relation → [pairs] whether the event is of the candidate's item, brand, shop, category."""
    items, own, item = histories.items, histories.item[seen.event], questions.item[rows][seen.row]
    return {
        "item": own == item,
        "brand": items.brand[own] == items.brand[item],
        "shop": items.shop[own] == items.shop[item],
        "category": items.category[own] == items.category[item],
    }


def _ages(histories: Histories, questions: Questions, rows: Array, seen: Pairs) -> Array:
    """[pairs] number of the age of the event: 0 the youngest."""
    moment = questions.time[questions.moment[rows]][seen.row]
    return np.searchsorted(np.array(AGES), moment - histories.time[seen.event])


def seen_kinds(histories: Histories, seen: Pairs) -> Array:
    """[pairs] number into KINDS."""
    return kinds(histories)[seen.event]


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
    """[n, features] counts by price level and age, and by kind beside them: for the level of the next purchase."""
    seen = pairs(histories, questions, rows)
    age, ages = _ages(histories, questions, rows, seen), len(AGES) + 1
    level = np.maximum(histories.price_level[seen.event].astype(np.int64) - 1, 0)
    everything = np.ones(len(seen.row), dtype=bool)
    found = [counts(seen, everything, age * LEVELS + level, ages * LEVELS, len(rows))]
    if with_kinds:
        group = (seen_kinds(histories, seen) * ages + age) * LEVELS + level
        found.append(counts(seen, everything, group, len(KINDS) * ages * LEVELS, len(rows)))
    return np.hstack(found)
