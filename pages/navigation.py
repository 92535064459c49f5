"""The pages of the program, in the order of the bar above: the one place where a page is declared."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class PageEntry:
    """One page: `file` as Streamlit's navigation takes it, `url_path` as it stands in an address."""

    file: str
    title: str
    icon: str
    url_path: str
    has_sidebar: bool = False  # but for addresses of a lesson: see core/server/first_paint.py


HOME = PageEntry("home/page.py", "Home", ":material/home:", "home")
LAB = PageEntry("lab/page.py", "Priority lab", ":material/stacked_line_chart:", "priority_lab", has_sidebar=True)
WHAT_IF = PageEntry("what_if/page.py", "What-if", ":material/balance:", "what_if")
CONFLICT = PageEntry("conflict/page.py", "Gradient conflict", ":material/explore:", "conflict")
RELEVANCE = PageEntry("relevance/page.py", "Relevance", ":material/manage_search:", "relevance")
USERS = PageEntry("users/page.py", "Users", ":material/group:", "users")

PAGES = (HOME, LAB, WHAT_IF, CONFLICT, RELEVANCE, USERS)
