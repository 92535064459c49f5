"""The one door to histories: by the name of a data set."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from core.data.histories.histories import Histories
from core.errors import PrecedenceError

READERS = ("shop_histories", "journey_histories")
EVENTS = "events.parquet"  # in the folder of an own data set of histories: the file that was given, as it came


@lru_cache(maxsize=3)
def read_histories(name: str = "shop_histories", path: str | None = None) -> Histories:
    """Histories of a data set: `shop_histories`, `journey_histories`, or `own` with a folder or a file of events."""
    if name == "shop_histories":
        from core.data.sources.shop_events import read_shop

        return read_shop()
    if name == "journey_histories":
        from core.data.sources.journey_events import read_journey

        return read_journey()
    if name == "own" and path:
        from core.data.sources.uploaded.event_file import read_events

        place = Path(path)
        return read_events(place / EVENTS if place.is_dir() else place)[0]
    raise PrecedenceError(
        f"There are no histories called {name}; choose one of {', '.join(READERS)}, or give a file of events."
    )
