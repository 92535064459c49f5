"""The catalogues that the Relevance page searches, loaded once for all sessions; the one open file of overrides.

NumPy and numba alone: a network's part, encoding texts, is done in another process.
"""

from __future__ import annotations

import threading

from core.data.text.build import build_vocabulary
from core.home import home
from core.relevance.catalogue import LANGUAGES, Catalogue, shop, texts_of
from core.relevance.index import Index
from core.relevance.lexical import LexicalEncoder
from core.relevance.overrides import OverrideLog
from core.relevance.searcher import Searcher

_lock = threading.RLock()
_searchers: dict[str, Searcher] = {}
_log: OverrideLog | None = None


def catalogue(language: str) -> Catalogue:
    return shop(language)


def searcher(language: str) -> Searcher:
    """The shop in one language, without overrides; loaded at first use."""
    with _lock:
        if not _searchers:
            parts = {one: catalogue(one) for one in LANGUAGES}
            titles = {one: texts_of(part.products) for one, part in parts.items()}
            vocabulary = build_vocabulary([title for part in titles.values() for title in part])
            encoder = LexicalEncoder(vocabulary)
            for one, part in parts.items():
                index = Index.of(encoder.products(titles[one]), part.products, "words", vocabulary.size)
                _searchers[one] = Searcher(encoder, index)
        return _searchers[language]


def overrides() -> OverrideLog:
    """The overrides of this home, opened at first use."""
    global _log
    with _lock:
        if _log is None:
            _log = OverrideLog(home() / "overrides.duckdb")
        return _log


def close() -> None:
    """Lets the file of overrides go."""
    global _log
    with _lock:
        if _log is not None:
            _log.close()
        _log = None
