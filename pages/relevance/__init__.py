"""Relevance: search, the words that carry a score, and changes by hand."""
