"""Loaded data sets of one worker: read beside the training, shared by its runs, the last few kept."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any

from core.data.source import DatasetChoice
from core.files import stamp


class Datasets:
    """Reads each data set once and keeps the `most` that were asked for last.

    Reading runs in a thread (DuckDB lets others work meanwhile), so a long one never stalls the runs that train.
    """

    def __init__(self, load: Callable[[DatasetChoice], Any], most: int = 3) -> None:
        self._load = load
        self._most = most
        self._readers = ThreadPoolExecutor(max_workers=2, thread_name_prefix="data")
        self._kept: OrderedDict[tuple[Any, ...], Future[Any]] = OrderedDict()

    def get(self, choice: DatasetChoice) -> Future[Any]:
        """The data set, at once or later; a reading that failed is tried again by the next who asks."""
        key = _key(choice)
        found = self._kept.get(key)
        if found is None or (found.done() and found.exception() is not None):
            found = self._readers.submit(self._load, choice)
            self._kept[key] = found
        self._kept.move_to_end(key)
        while len(self._kept) > self._most:
            self._kept.popitem(last=False)
        return found

    def close(self) -> None:
        self._readers.shutdown(wait=False, cancel_futures=True)


def _key(choice: DatasetChoice) -> tuple[Any, ...]:
    """A person's own table may be written anew under the same path, so its stamp counts too."""
    if choice.path is None:
        return (choice,)
    folder = Path(choice.path)
    return (choice, stamp(folder / "table.parquet"), stamp(folder / "description.json"))
