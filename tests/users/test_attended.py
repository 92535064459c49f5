"""How much of the attention an item can claim, against a count event by event."""

from __future__ import annotations

import numpy as np
import pytest

from core.data.registry import read_histories
from core.users.embedding.attended import attention_on


def test_attention_on_an_item_is_that_of_its_kind_of_events():
    histories = read_histories("shop_histories")
    user, items, names = int(np.diff(histories.offsets).argmax()), histories.items, histories.names
    part = histories.of(user)
    own = [int(item) for item in histories.item[part.start : part.stop]][-100:]
    attention = [2 * (at + 1) / (100 * 101) for at in range(100)]
    for number in (own[-1], own[3]):
        category, brand = (str(names[kind][getattr(items, kind)[number]]) for kind in ("category", "brand"))
        same = {category: 0.0, brand: 0.0, "this very item": 0.0}
        for item, weight in zip(own, attention, strict=True):
            same[category] += weight * (items.category[item] == items.category[number])
            same[brand] += weight * (items.brand[item] == items.brand[number])
            same["this very item"] += weight * (item == number)
        assert attention_on(histories, user, attention, number) == pytest.approx(same)
        assert same["this very item"] > 0
    categories, brands = ({int(ids[item]) for item in own} for ids in (items.category, items.brand))
    never = next(
        n for n in range(1, len(items)) if items.category[n] not in categories and items.brand[n] not in brands
    )
    assert set(attention_on(histories, user, attention, never).values()) == {0.0}
