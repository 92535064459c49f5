"""Needs: what somebody is out for, from when to when, with a product in mind. One row a need, all hidden."""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np

from core.data.sources.shop.random import Array

REASONS = ("world", "taste", "companion", "used up")


@dataclass
class Needs:
    """N needs; times are seconds since the first day, those before it negative."""

    user: Array
    leaf: Array
    start: Array
    end: Array  # of what came of it: the purchase, or when it was let go
    wanted: Array  # the product in mind
    query: Array  # what the user types for it
    reason: Array  # number into REASONS
    bought: Array  # product, or -1

    def __len__(self) -> int:
        return len(self.user)

    @classmethod
    def none(cls) -> Needs:
        return cls(*(np.zeros(0, dtype=np.int64) for _ in fields(cls)))

    def add(self, **columns: Array) -> None:
        """More needs behind those that are there."""
        for each in fields(self):
            setattr(self, each.name, np.concatenate([getattr(self, each.name), columns[each.name]]))

    def taken(self, rows: Array) -> Needs:
        """These rows alone."""
        return Needs(*(getattr(self, each.name)[rows] for each in fields(self)))
