"""The trained points of the catalogues that the Relevance page searches, and what a search adds under one of them."""

from __future__ import annotations

import threading
from pathlib import Path
from weakref import WeakKeyDictionary

import numpy as np

from core.errors import PrecedenceError
from core.home import home
from core.relevance.addition import Addition
from core.relevance.aims import KeptAims, read_aims
from core.relevance.index import Index
from core.relevance.order.fronts import FILE, Front, Fronts, Point, read_fronts
from core.relevance.searcher import Searcher
from core.relevance.stores.collection import folder_of
from core.relevance.stores.shop_bags import SHIPPED

_lock = threading.RLock()
_values: WeakKeyDictionary[Index, dict[tuple[str, int], np.ndarray]] = WeakKeyDictionary()


def folder(name: str | None, stamp: str) -> Path:
    """Where the points of a collection are, or of the shop: shipped, or kept for another model."""
    if name is not None:
        return folder_of(name)
    return SHIPPED if read_fronts(SHIPPED, stamp) is not None else home() / "relevance" / stamp


def fronts(name: str | None, stamp: str) -> Fronts | None:
    """Of the model with that stamp; None where none were trained for it."""
    return read_fronts(folder(name, stamp), stamp)


def has_aims(name: str) -> bool:
    """Whether a collection says numbers of its products."""
    return bool(read_aims(folder_of(name)).aims)


def chosen(found: Fronts, aim: str | None, tolerance: float) -> tuple[Front, Point | None]:
    """The front of an aim, None: the first, and its trained point; 0: relevance alone."""
    front = next((one for one in found.fronts if one.name == aim), None) if aim else found.fronts[0]
    if front is None:
        raise PrecedenceError(
            f"There is no order for {str(aim)[:40]!r} here; there are {', '.join(one.name for one in found.fronts)}."
        )
    point = front.point(tolerance)
    if tolerance and point is None:
        known = ", ".join(f"{one.tolerance:g}" for one in front.points)
        raise PrecedenceError(f"No order that may lose {tolerance:g} was trained for {front.title}; there are {known}.")
    return front, point


def addition(name: str | None, searcher: Searcher, front: Front, point: Point) -> Addition | None:
    """What a search adds; None where nothing is to be gained."""
    if not point.weight:
        return None
    place = folder(name, searcher.index.vocabulary)
    key = (front.name, (place / FILE).stat().st_mtime_ns)
    with _lock:
        held = _values.setdefault(searcher.index, {})
        if key not in held:
            held[key] = _by_row(read_aims(place), front.name, searcher.index)
        return Addition(front.title, point.weight, held[key])


def _by_row(kept: KeptAims, name: str, index: Index) -> np.ndarray:
    """u of each row of an index; 0 where nothing is known of the product."""
    aim = next((aim for aim in kept.aims if aim.name == name), None)
    if aim is None:
        raise PrecedenceError(f"What is known of products for {name} is gone; train the order again.")
    known = dict(zip(kept.keys, aim.scaled.tolist(), strict=True))
    return np.array([known.get(index.product(row).key, 0.0) for row in range(index.rows)])
