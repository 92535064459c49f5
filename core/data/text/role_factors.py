"""What a word's role (`core.data.text.heads`) multiplies its weight by before anything is learnt (ours)."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from core.data.text.heads import FIELDS, NAMINGS, Place

OF_TITLE = {  # place → factor of a word that hardly ever, may, or mostly names things
    Place.THING: (1.1, 1.1, 1.1),
    Place.BESIDE: (1.0, 0.7, 0.5),
    Place.BEFORE: (1.0, 0.8, 0.6),
    Place.LATER: (1.0, 0.8, 0.6),
    Place.FOR: (1.0, 0.4, 0.2),
    Place.WITHOUT: (0.5, 0.3, 0.2),
}
OF_QUERY = {
    Place.THING: (1.3, 1.3, 1.3),
    Place.FOR: (1.0, 0.7, 0.5),
    Place.WITHOUT: (0.2, 0.2, 0.2),
}
FIRST_OF_FIELDS = 0.3  # of what another field than the title says
OF_FIELDS = dict.fromkeys(FIELDS.values(), (FIRST_OF_FIELDS,) * NAMINGS)


def first_roles(table: Mapping[Place, tuple[float, ...]]) -> NDArray[np.float32]:
    """[ROLES] of a table of places; 1 where it says nothing."""
    return np.array([value for place in Place for value in table.get(place, (1.0,) * NAMINGS)], np.float32)
