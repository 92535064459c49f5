"""How much of a user's attention an item can claim: what DUPN's heads are told of a candidate. No torch."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from core.data.histories.histories import Histories


def attention_on(histories: Histories, user: int, attention: Sequence[float], item: int) -> dict[str, float]:
    """Share of the attention on events of the item's category, its brand and the item itself, by name.

    `attention` is that of the user's latest events, oldest first; what is unknown of the item claims nothing.
    """
    items, names, stop = histories.items, histories.names, histories.of(user).stop
    seen, weights = histories.item[stop - len(attention) : stop], np.asarray(attention)
    own = {
        str(names["category"][items.category[item]]): items.category,
        str(names["brand"][items.brand[item]]): items.brand,
        "this very item": np.arange(len(items)),
    }
    return {name: float(weights[(ids[seen] == ids[item]) & (ids[seen] > 0)].sum()) for name, ids in own.items()}
