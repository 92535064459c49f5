"""Corrections by hand, applied when a score is made: what they say, what they change, who made them and why.

`scopes` declares where one can hold.
"""

from core.relevance.overrides.conflicts import conflicts
from core.relevance.overrides.file import read_overrides
from core.relevance.overrides.log import Entry, Kept, OverrideLog
from core.relevance.overrides.override import Override, from_json, override_of, to_json
from core.relevance.overrides.rules import Rules, rules, term_of
from core.relevance.overrides.scopes import SCOPES, TEXT, offered, query_key

__all__ = [
    "SCOPES",
    "TEXT",
    "Entry",
    "Kept",
    "Override",
    "OverrideLog",
    "Rules",
    "conflicts",
    "from_json",
    "offered",
    "override_of",
    "query_key",
    "read_overrides",
    "rules",
    "term_of",
    "to_json",
]
