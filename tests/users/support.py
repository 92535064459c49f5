"""Small histories whose every figure can be counted by hand."""

from __future__ import annotations

import numpy as np

from core.data.histories.histories import WORDS, Histories, Items

NOON = 1_772_323_200 + 12 * 3600  # 2026-03-01


def histories_of(lines, profile=None):
    """Histories of (user, hour, category, brand, price level) in order; users and values by name."""
    users = list(dict.fromkeys(user for user, *_ in lines))
    lines = sorted(lines, key=lambda line: (users.index(line[0]), line[1]))
    names = {
        field: ["", *dict.fromkeys(line[at] for line in lines if line[at])]
        for field, at in (("category", 2), ("brand", 3))
    }
    kinds = list(dict.fromkeys(line[2:] for line in lines))
    item = np.array([1 + kinds.index(line[2:]) for line in lines], dtype=np.int32)
    counts = [sum(line[0] == user for line in lines) for user in users]
    events = len(lines)
    return Histories(
        users=np.array(users, dtype=object),
        offsets=np.concatenate([[0], np.cumsum(counts)]).astype(np.int64),
        time=np.array([NOON - 12 * 3600 + line[1] * 3600 for line in lines], dtype=np.int64),
        item=item,
        shop=np.zeros(events, dtype=np.int32),
        behaviour=np.ones(events, dtype=np.int16),
        scenario=np.ones(events, dtype=np.int16),
        items=Items(
            name=np.array(["", *map(str, range(len(kinds)))], dtype=object),
            title=np.array(["", *(f"{kind[1]} {kind[0]}" for kind in kinds)], dtype=object),
            shop=np.zeros(len(kinds) + 1, dtype=np.int32),
            brand=np.array([0, *(names["brand"].index(kind[1]) for kind in kinds)], dtype=np.int32),
            category=np.array([0, *(names["category"].index(kind[0]) for kind in kinds)], dtype=np.int32),
            price_level=np.array([0, *(kind[2] for kind in kinds)], dtype=np.int8),
            words=np.zeros((len(kinds) + 1, WORDS), dtype=np.int32),
        ),
        names={
            **{field: np.array(values, dtype=object) for field, values in names.items()},
            "shop": np.array([""], dtype=object),
            "word": np.array([""], dtype=object),
            "behaviour": np.array(["", "click"], dtype=object),
            "scenario": np.array(["", "search"], dtype=object),
        },
        profile=profile or {},
    )


def two_kinds():
    """Forty users: the first twenty like tea, cheap, in the morning; the others coffee, dear, in the evening.

    Each has ten events, eight of its own kind and two of the other's.
    """
    lines = []
    for user in range(40):
        own, other = ("tea", "coffee") if user < 20 else ("coffee", "tea")
        level, hour = (2, 8) if user < 20 else (6, 19)
        lines += [(f"u{user}", hour + 24 * day, own, f"brand of {own}", level) for day in range(8)]
        lines += [(f"u{user}", hour + 24 * day, other, f"brand of {other}", 8 - level) for day in (8, 9)]
    return histories_of(lines, {"age": np.array(["young"] * 20 + ["old"] * 15 + [""] * 5, dtype=object)})
