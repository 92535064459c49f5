"""What the Users page says beside the items it expects."""

from __future__ import annotations

from core.data.histories.reading import read_histories
from pages.parts.users_history import attention_on


def test_attention_on_an_item_is_that_of_its_kind_of_events() -> None:
    histories = read_histories("shop_histories")
    user, items, names = 17, histories.items, histories.names
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
        expected = ", ".join(f"{name} {share:.0%}" for name, share in same.items() if share >= 0.005)
        assert attention_on(histories, user, attention, number) == expected
    never = next(
        n
        for n in range(1, len(items))
        if not {int(items.category[n])} & {int(items.category[i]) for i in own}
        and int(items.brand[n]) not in {int(items.brand[i]) for i in own}
    )
    assert attention_on(histories, user, attention, never) == "–"
