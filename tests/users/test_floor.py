"""Neighbours who share nothing are not offered."""

from __future__ import annotations

from core.users.neighbours.floor import FLOOR, offered
from core.users.neighbours.index import Neighbour
from core.users.neighbours.similarity import COSINE, INNER_PRODUCT
from tests.users.support import histories_of

HISTORIES = histories_of(
    [
        ("a", 1, "tea", "Moka", 1),
        ("same", 1, "tea", "Moka", 1),
        ("category", 1, "tea", "Other", 2),
        ("stranger", 1, "nails", "Steel", 3),
    ]
)


def names(found):
    return [each.user for each in found]


def test_who_shares_nothing_or_is_hardly_alike_is_left_out_and_said():
    near = [Neighbour("same", 0.9), Neighbour("stranger", 0.5), Neighbour("category", FLOOR / 2)]
    kept, said = offered(near, HISTORIES, 0, COSINE)
    assert names(kept) == ["same"]
    assert said.startswith("2 of the 3 nearest are not offered")
    kept, said = offered(near, HISTORIES, 0, INNER_PRODUCT)  # which has no scale, so no floor
    assert names(kept) == ["same", "category"]
    assert said.startswith("1 of the 3 nearest is not offered")


def test_nobody_is_left_out_in_silence():
    assert offered([Neighbour("same", 0.9)], HISTORIES, 0, COSINE)[1] == ""
    kept, said = offered([Neighbour("a", 0.4)], HISTORIES, 3, COSINE)
    assert kept == []
    assert said.startswith("Nobody is offered")
