"""Fewer points for the same picture: the least and the greatest of every bucket, so no spike is lost."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np

MOST_POINTS = 600
"""Points a series that a browser holds: about one a pixel of the widest panel."""


def thin(x: Sequence[float], y: Sequence[float], most: int = MOST_POINTS) -> tuple[np.ndarray, np.ndarray]:
    """At most `most` of the points (x_i, y_i), in order: the first, the last, and each bucket's extremes.

    The inner points are cut into (most − 2) // 2 buckets of equal count; each gives its least and its greatest y.
    So the global extremes and both ends always stay, and a series that fits is returned as it is.
    x, y: [n], y finite; most ≥ 4.
    """
    if most < 4:
        raise ValueError(f"most is {most}, expected at least 4: both ends and one bucket's extremes")
    xs, ys = np.asarray(x), np.asarray(y, dtype=np.float64)
    count = len(ys)
    if count <= most:
        return xs, ys
    edges = np.linspace(1, count - 1, (most - 2) // 2 + 1).astype(np.int64)
    kept = {0, count - 1}
    for start, end in pairwise(edges.tolist()):
        bucket = ys[start:end]
        kept.add(start + int(bucket.argmin()))
        kept.add(start + int(bucket.argmax()))
    index = np.fromiter(sorted(kept), dtype=np.int64)
    return xs[index], ys[index]
