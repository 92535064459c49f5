"""Finding people and things by words: users by id or by what they like, items by title."""

from __future__ import annotations

import numpy as np

from core.data.histories.histories import Histories
from core.users.traits.facets import shares
from core.users.traits.lift import Everyone


def find_users(everyone: Everyone, text: str, most: int = 8) -> list[str]:
    """The user of this id, or else those who do most of what the words name: a category, a brand, a price level."""
    histories, wanted = everyone.histories, text.strip().lower()
    if not wanted:
        return []
    exact = np.flatnonzero(histories.users == text.strip())
    if len(exact):
        return [str(histories.users[exact[0]])]
    score = np.zeros(len(histories))
    counts = np.maximum(np.diff(histories.offsets), 1)
    for facet in everyone.facets:
        rows = [row for row, value in enumerate(facet.values) if row and _named(wanted, str(value).lower())]
        if rows:
            score += np.bincount(histories.user[np.isin(facet.number, rows)], minlength=len(histories)) / counts
    score[counts < 5] *= 0.5  # two events of one kind are no habit
    order = np.argsort(-score, kind="stable")[:most]
    return [str(histories.users[number]) for number in order if score[number] > 0]


def _named(wanted: str, value: str) -> bool:
    return wanted in value or (len(value) > 2 and value in wanted.split())


def find_items(histories: Histories, text: str, most: int = 12) -> list[int]:
    """Numbers of the items whose title, category or brand carry every word: first those of a category that
    says a word itself, among them the most used; a strap *for* a camera comes after the cameras."""
    words = text.lower().split()
    if not words:
        return []
    items, names = histories.items, histories.names
    found = np.ones(len(items), dtype=bool)
    found[0] = False
    is_the_thing = np.zeros(len(items), dtype=bool)
    titles = np.char.lower(items.title.astype(str))
    for word in words:
        named = [
            np.isin(number, [row for row, name in enumerate(names[field]) if word in str(name).lower()])
            for field, number in (("category", items.category), ("brand", items.brand))
        ]
        is_the_thing |= named[0]
        found &= (np.char.find(titles, word) >= 0) | named[0] | named[1]
    rows = np.flatnonzero(found)
    used = np.bincount(histories.item, minlength=len(items))
    return [int(row) for row in rows[np.lexsort((-used[rows], ~is_the_thing[rows]))][:most]]


def favourites(everyone: Everyone, user: int, facet: str = "category", most: int = 3) -> list[tuple[str, float]]:
    """What a user does most: values of a facet with the user's own share, most frequent first."""
    for each in everyone.facets:
        if each.name == facet:
            own = shares(everyone.histories, each, np.array([user]))
            order = np.argsort(-own.mean, kind="stable")[:most]
            return [(str(each.values[row]), float(own.mean[row])) for row in order if own.mean[row] > 0]
    return []
