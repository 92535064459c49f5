"""One event more or less: the last user is the one who was chosen, changed so."""

from __future__ import annotations

import numpy as np
import pytest

from core.errors import PrecedenceError
from core.users.embedding.composed import MadeEvent, with_change
from tests.users.support import two_kinds


def events_of(histories, user):
    part = histories.of(user)
    return list(zip(histories.time[part].tolist(), histories.item[part].tolist(), strict=True))


def test_an_event_less_is_that_one_and_nothing_else():
    histories = two_kinds()
    own = events_of(histories, 3)
    for back in (0, 4, 9):
        changed = with_change(histories, 3, without=back)
        expected = [each for at, each in enumerate(own) if at != len(own) - 1 - back]
        assert events_of(changed, len(changed) - 1) == expected
        assert np.array_equal(changed.time[: len(histories.time)], histories.time)
    for name, values in with_change(histories, 3, without=0).profile.items():
        assert values[-1] == histories.profile[name][3]


def test_an_event_more_stands_where_its_time_puts_it():
    histories = two_kinds()
    item, kind = str(histories.items.name[1]), str(histories.names["behaviour"][1])
    newest = int(histories.time.max())
    changed = with_change(histories, 3, added=MadeEvent(item, kind, 24.0))
    found = events_of(changed, len(changed) - 1)
    assert sorted([*events_of(histories, 3), (newest - 86_400, 1)], key=lambda event: event[0]) == found


def test_what_cannot_be_changed_is_told():
    with pytest.raises(PrecedenceError, match="no event 10 back"):
        with_change(two_kinds(), 3, without=10)
    with pytest.raises(PrecedenceError, match="no item 'nothing'"):
        with_change(two_kinds(), 3, added=MadeEvent("nothing", "click", 1.0))
