"""Who is not offered as a neighbour: who is hardly alike, or has nothing in common with the user."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from core.data.histories.histories import Histories
from core.users.neighbours.index import Neighbour
from core.users.neighbours.similarity import COSINE, Similarity

FLOOR = 0.05
"""Cosine below which two users are not called alike."""


def offered(
    found: Sequence[Neighbour], histories: Histories, user: int, similarity: Similarity
) -> tuple[list[Neighbour], str]:
    """Those of `found` who are neighbours of a user (a number of `histories`), and a sentence about the others.

    The sentence is empty where there are none.

    Left out is who shares no item, category, brand or word of a title with the user, and, where similarities are
    cosines, whose similarity is below FLOOR.
    """
    if histories.vectors is not None:  # nothing is known of them but how alike they are
        return list(found), ""
    own, least = _marks(histories, user), FLOOR if similarity is COSINE else -np.inf
    kept = [
        each for each in found if each.similarity >= least and own & _marks(histories, histories.number_of(each.user))
    ]
    left = len(found) - len(kept)
    if not left:
        return kept, ""
    why = f"they share nothing with this user, or are alike by less than {FLOOR:g}."
    if not kept:
        return kept, f"Nobody is offered as a neighbour of the {left} nearest: {why}"
    return kept, f"{left} of the {len(found)} nearest {'is' if left == 1 else 'are'} not offered: {why}"


def _marks(histories: Histories, user: int) -> set[tuple[str, int]]:
    """What a user's events name, by field and number."""
    items = np.unique(histories.item[histories.of(user)])
    goods = histories.items
    fields = {
        "item": items,
        "category": goods.category[items],
        "brand": goods.brand[items],
        "word": goods.words[items].ravel(),
    }
    return {(name, int(number)) for name, numbers in fields.items() for number in np.unique(numbers) if number}
