"""What a page's folder declares of the page in its `__init__`: `PAGE = PageEntry(…)`."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class PageEntry:
    """One page; its script is `page.py` of the folder that declares it."""

    title: str
    icon: str
    url_path: str  # as it stands in an address
    place: int  # in the bar above, low first
    right: str = "see"  # of core/server/rights.py: who finds it in the bar
    has_sidebar: bool = False  # but for addresses of a lesson: see core/server/first_paint.py
