"""Gradient conflict: measured in a run, felt on the bench, walked in a landscape."""

from pages.page_entry import PageEntry

PAGE = PageEntry("Gradient conflict", ":material/explore:", "conflict", place=40)
