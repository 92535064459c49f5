"""A search without results: what to try instead."""

from __future__ import annotations

import streamlit as st

from core.data.text.segment import segment
from core.relevance.stores.catalogue import LANGUAGES
from core.server import search
from pages.relevance.search import SearchSession
from pages.relevance.state import RelevanceState
from pages.shared.markdown_escape import plain

MOST = 4  # offers of one kind


def offers(state: RelevanceState, session: SearchSession) -> None:
    """Buttons: the nearest spelling, fewer words, the other language; only what finds something."""
    texts = dict.fromkeys([*_spellings(session), *_fewer(session)])
    languages = _languages(session) if session.name is None else []
    if not texts and not languages:
        st.caption("Nothing near it is in any title either. Take one of the examples above.")
        return
    with st.container(horizontal=True, vertical_alignment="center", key="relevance_offers"):
        st.caption("Try", width="content")
        for place, text in enumerate(texts):
            if st.button(plain(text), key=f"relevance_offer_{place}", icon=":material/search:"):
                state.search(text)
                state.version += 1
                st.rerun()
        for language in languages:
            if st.button(f"Search the titles in {LANGUAGES[language]}", key=f"relevance_offer_{language}"):
                state.go(language=language)
                st.rerun()


def _finds(session: SearchSession, text: str) -> bool:
    return text.strip() != "" and len(session.tried.search(text, 1).rows) > 0


def _words(session: SearchSession) -> list[str]:
    """As they were searched: what was excluded is not offered."""
    text = session.tried.read(session.query).text
    return [text[word.start : word.end] for word in segment(text)][: 2 * MOST]


def _spellings(session: SearchSession) -> list[str]:
    """The query with each word that no title holds in the likest form of one that does."""
    lexicon, found, text = session.tried.reader.lexicon, [], session.query
    for word in _words(session):
        if not lexicon.knows(word.casefold()) and (like := lexicon.likest(word.casefold())):
            text = text.replace(word, like)
            found.append(like)
    return [one for one in dict.fromkeys([text, *found]) if one != session.query and _finds(session, one)][:MOST]


def _fewer(session: SearchSession) -> list[str]:
    """Single words of the query that find something."""
    words = _words(session)
    return [word for word in words if len(words) > 1 and _finds(session, word)][:MOST]


def _languages(session: SearchSession) -> list[str]:
    """Other languages of the shop in which the query finds something."""
    others = [language for language in LANGUAGES if language != session.catalogue.language]
    return [one for one in others if len(search.searcher(one).search(session.query, 1).rows)]
