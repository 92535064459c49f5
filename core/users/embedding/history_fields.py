"""What an event says of a user, field by field: the item, its brand, category and shop, the words of its title."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.data.histories.histories import Histories
from core.data.text.segment import pieces

MOST_VALUES = 20_000  # of a field: the most frequent; a rarer one joins few users
MOST_WORDS = 6  # of a title: the rarest ones, which say most


@dataclass(frozen=True)
class Field:
    """One field: columns `values` [I, w] of each item's own values (−1: none), and the rarity `idf` [size] of each
    column, log(1 + U / users who have it)."""

    name: str
    values: NDArray[np.int64]
    idf: NDArray[np.float32]


def fields_of(histories: Histories) -> list[Field]:
    """The fields in which these histories tell users apart, each with its most frequent values."""
    items = histories.items
    every = {
        "item": np.arange(len(items))[:, None],
        "brand": items.brand[:, None],
        "category": items.category[:, None],
        "shop": items.shop[:, None],
        "word": _words(histories),
    }
    found = [_field(name, numbers.astype(np.int64), histories) for name, numbers in every.items()]
    return [field for field in found if len(field.idf) > 1]


def _field(name: str, numbers: NDArray[np.int64], histories: Histories) -> Field:
    """The field of the numbers [I, w] of each item, 0 for none."""
    size = int(numbers.max(initial=0)) + 1
    users = np.zeros(size, dtype=np.int64)
    for column in numbers.T:  # one after another: all words of all events at once may be gigabytes
        users += np.bincount(np.unique(histories.user * size + column[histories.item]) % size, minlength=size)
    users[0] = 0
    kept = np.argsort(-users, kind="stable")[:MOST_VALUES]
    kept = kept[users[kept] > 0]
    place = np.full(size, -1)
    place[kept] = np.arange(len(kept))
    return Field(name, place[numbers], np.log1p(len(histories) / users[kept]).astype(np.float32))


def _words(histories: Histories) -> NDArray[np.int64]:
    """[I, w] numbers of the words of each item's title, or of its tags where titles are only names; 0 for none."""
    items = histories.items
    if (items.title == items.name).all():
        return items.words.astype(np.int64)
    own = [sorted(set(pieces(str(title)))) for title in items.title]
    count: dict[str, int] = {}
    for words in own:
        for word in words:
            count[word] = count.get(word, 0) + 1
    place = {word: at + 1 for at, word in enumerate(count)}
    found = np.zeros((len(own), MOST_WORDS), dtype=np.int64)
    for row, words in enumerate(own):
        rare = sorted(words, key=lambda word: (count[word], word))[:MOST_WORDS]
        found[row, : len(rare)] = [place[word] for word in rare]
    return found
