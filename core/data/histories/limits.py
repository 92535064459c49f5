"""How many events of a user a data set of histories keeps. No torch and no numpy: configs read it."""

from __future__ import annotations

from core.data.description import DatasetDescription

MOST = 100  # where nothing else is said, as in the paper: the latest before the moment of prediction
MOST_KEPT = 1_000


def events_kept(description: DatasetDescription) -> int:
    """How many events of a history a data set keeps; MOST of one without histories."""
    return next((each.length for each in description.sequences if each.name == "history_gap"), MOST)
