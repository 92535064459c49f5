"""How many tabs one person may have open: each costs the server memory as long as it is there."""

from __future__ import annotations

import threading
from collections.abc import Callable

from streamlit import runtime


class Tabs:
    """The open tabs of each person; safe to call from any thread. `is_open` tells whether a tab is still there."""

    def __init__(self, is_open: Callable[[str], bool]) -> None:
        self._is_open = is_open
        self._of: dict[str, set[str]] = {}
        self._lock = threading.Lock()

    def admits(self, mark: str, tab: str, most: int) -> bool:
        """Whether the person may have this tab beside the others; one that was let in stays in until it is closed.

        `most`: how many at once; 0: any number.
        """
        with self._lock:
            mine = self._of.setdefault(mark, set())
            if tab not in mine:
                mine &= {one for one in mine if self._is_open(one)}
                if most and len(mine) >= most:
                    return False
                mine.add(tab)
                self._of = {person: open_ for person, open_ in self._of.items() if open_}
            return True


tabs = Tabs(lambda tab: runtime.exists() and runtime.get_instance().is_active_session(tab))
