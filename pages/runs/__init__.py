"""Runs: every run of this person and shared ones; compared, asked in SQL, taken home, used."""

from pages.page_entry import PageEntry

PAGE = PageEntry("Runs", ":material/list_alt:", "runs", place=70)
