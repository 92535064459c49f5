"""Relevance: search, the words that carry a score, and changes by hand."""

from pages.page_entry import PageEntry

PAGE = PageEntry("Relevance", ":material/manage_search:", "relevance", place=50)
