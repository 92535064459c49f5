"""Any number of a row as its gain within its list."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def gains_within(values: NDArray[np.float64], lists: NDArray[np.integer]) -> NDArray[np.float64]:
    """(v − least) / (most − least) of the row's list [n]: 0 the least, 1 the most; 0 in a list whose values are alike.

    NaN, a value that is not known, stays NaN. `lists` [n]: each row's list.
    """
    values = np.asarray(values, np.float64)
    _, place = np.unique(lists, return_inverse=True)
    known = ~np.isnan(values)
    least, most = np.full(place.max(initial=-1) + 1, np.inf), np.full(place.max(initial=-1) + 1, -np.inf)
    np.minimum.at(least, place[known], values[known])
    np.maximum.at(most, place[known], values[known])
    out = np.full(len(values), np.nan)
    width = (most - np.where(np.isfinite(least), least, 0))[place[known]]
    out[known] = np.where(width > 0, (values[known] - least[place[known]]) / np.where(width > 0, width, 1), 0)
    return out
