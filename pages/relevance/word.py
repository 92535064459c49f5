"""One word: what it is, who holds it, and a way to search for it."""

from __future__ import annotations

import numpy as np
import streamlit as st

from core.errors import PrecedenceError
from core.relevance.overrides import term_of
from pages.relevance.search import SearchSession
from pages.relevance.state import RelevanceState

KINDS = {
    "word": "a word of the vocabulary",
    "ngram": "a phrase of the vocabulary",
    "bucket": "rare words in one bucket",
}
MOST = 5


@st.dialog("A word")
def word_panel(state: RelevanceState, session: SearchSession, word: str) -> None:
    """What is known of the word that was clicked."""
    vocabulary = session.tried.encoder.vocabulary
    try:
        term = term_of(vocabulary, word)
    except PrecedenceError as error:
        st.text(str(error))
        return
    about = vocabulary.term(term)
    weights = session.tried.rules.weights_of(session.tried.index, term)
    holders = int((weights > 0).sum())
    st.text(f"“{word}” is {KINDS[about.kind]}; {holders:,} of {len(weights):,} products hold it.")
    if about.kind == "bucket" and about.surfaces:
        st.text(f"Counted as one with it: {', '.join(about.surfaces)}.")
    strongest = np.argsort(-weights, kind="stable")[: min(MOST, holders)]
    if len(strongest):
        titles = [session.tried.index.product(int(row)).title for row in strongest]
        st.dataframe(
            {"strongest in": titles, "weight": weights[strongest].round(3).tolist()},
            hide_index=True,
            height="content",
        )
    if st.button("Search for it", icon=":material/search:", key="relevance_word_search"):
        state.search(word)
        state.version += 1
        st.rerun()
