"""The columns of a data set of histories by name: what a network finds there, and which of them share a vocabulary."""

from __future__ import annotations

HISTORY, QUERY = "history", "query"
"""Keys: rows of one moment share one history; rows of one question share one query."""

EVENT = ("item", "shop", "brand", "category", "words", "scenario", "behaviour", "gap", "hour", "weekday")
"""What is said of each event, in the order of the sequence features `history_…`."""
ASKED = ("query_words", "query_category")
"""What is said of the question."""
CANDIDATE = ("item", "shop", "brand", "category", "words")
"""What is said of the thing that is scored: sparse columns, words one column each."""

VOCABULARIES = {"words": "word", "query_words": "word", "query_category": "category"}
"""Columns whose ids are another field's; every other column is its own field."""

QUERY_WORDS = 8

GAPS = (300, 900, 1800, 3600, 4 * 3600, 9 * 3600, 86_400, 2 * 86_400, 7 * 86_400, 30 * 86_400)
"""Upper ends in seconds of the paper's buckets of an event's age: under 5 min, 15 min, 30 min, 1 h, 4 h, 9 h, 24 h,
2 d, 7 d, 30 d, and longer (DUPN, arXiv 1805.10727, §3.1)."""
AGE_STEPS, OLDEST = 254, 400 * 86_400
"""Ages kept exactly (`DatasetChoice.ages`): equal steps of log(1 + seconds) up to the oldest, 7 % of an age each."""
FIXED = {"gap": len(GAPS) + 2, "hour": 25, "weekday": 8}
"""Sizes of the fields that need no vocabulary; id 0 is padding."""


def field_of(column: str) -> str:
    """The field whose ids a column holds: history_item and item share one, and so do words of items and of queries."""
    name = column.removeprefix("history_")
    if name.startswith("word_"):
        return "word"
    return VOCABULARIES.get(name, name)


HEADS = {"ctr": "item", "l2r": "ranking", "ppp": "user", "follow": "brand", "shop": "shop", "next": "next"}
"""What each task's head sees beside the user: the item, the ranking features, nothing, the brand, the shop. Of `next`
the shared part itself has the cost, see `next_task`."""
