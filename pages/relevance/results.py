"""Hits and the open product, and what a click on them does."""

from __future__ import annotations

import time
from typing import Any

import streamlit as st

from core.data.text.segment import segment
from core.errors import PrecedenceError
from core.narration.reading import reading_sentences
from core.relevance.overrides import SCOPES, override_of, term_of
from core.relevance.stores.catalogue import BOTH
from pages.relevance.collections import SHOP, catalogues
from pages.relevance.component_data import HITS, card_view, compare_view, hits_view
from pages.relevance.nothing import offers
from pages.relevance.order import order_slider
from pages.relevance.quality import measured
from pages.relevance.search import SearchSession
from pages.relevance.state import RelevanceState
from pages.relevance.train import train_on, untrained
from pages.relevance.word import word_panel
from pages.shared.component import component
from pages.shared.markdown_escape import plain

_component = component(
    "precedence_relevance",
    "relevance/results.js",
    html='<div class="relevance"><div class="relevance-hits"></div><div class="relevance-card"></div></div>',
    styles=("relevance/results.css", "relevance/card.css"),
)
KEY = "relevance_results"


def results(state: RelevanceState, session: SearchSession) -> None:
    """The hits of the query with the open product beside them; above, how the query was read, and the order."""
    order_slider(state, session)
    steps = session.tried.read(session.query).steps
    said = reading_sentences(steps)
    if session.catalogue.language == BOTH:
        said.append("English and Chinese stand side by side: both titles of each product are searched.")
    if said:
        st.caption(plain(" ".join(said)), width="stretch")
    began = time.perf_counter()
    found = session.tried.search(session.query, HITS).rows.tolist()
    milliseconds = 1e3 * (time.perf_counter() - began)
    open_row = _row(state, session, state.place.product)
    if open_row is None and found:
        open_row = found[0]
    other = _row(state, session, state.place.other)
    earlier = session.kept if state.drafts else session.kept.with_addition(None)
    before = session.kept.search(session.query, HITS).rows.tolist()
    left = [session.kept.index.product(row).title for row in before if row not in found]
    rank = found.index(open_row) + 1 if open_row in found else None
    row = "relevance_counts" if found else "relevance_none"  # where there are hits, the room of the list is kept
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute", key=row):
        st.caption(
            f"{len(session.tried.index):,} products in {milliseconds:.1f} ms, encoding the query included. Scores by "
            f"{plain(session.tried.encoder.title)}.{measured(session)}",
            width="stretch",
        )
        if untrained(session) and st.button(
            "Train a model on its labels", icon=":material/play_arrow:", key="relevance_train_first", type="tertiary"
        ):
            train_on(state, session)
        catalogues(state, SHOP if session.about is None else session.about.title)
    _component(
        key=KEY,
        data={
            "hits": hits_view(earlier, session.tried, session.catalogue, session.query, found),
            "moved_by": "by your changes" if state.drafts else "from relevance alone",
            "left": left if state.drafts else [],
            "most": HITS,
            "nothing": _nothing(session),
            "card": card_view(session.tried, session.catalogue, session.query, open_row, rank)
            if open_row is not None
            else None,
            "compare": compare_view(session.tried, session.query, open_row, other)
            if open_row is not None and other is not None and other != open_row
            else None,
            "term": state.term,
            "answered": state.answered,
        },
        on_action_change=lambda: _act(state, session),
    )
    state.term = None
    if not found and session.query.strip():
        offers(state, session)
    if state.told:
        st.warning(plain(state.told), icon=":material/error:")
        state.told = ""
    if state.word is not None:
        word, state.word = state.word, None
        word_panel(state, session, word)


def _nothing(session: SearchSession) -> str:
    if not session.query.strip():
        return "Type what you look for."
    if not segment(session.query):
        return "The query holds no word that can be searched."
    if not len(session.tried.query(session.query)):
        return "No title holds a word of the query, and the model knows none of them."
    return "No title holds a word of the query, nor can the model infer one."


def _row(state: RelevanceState, session: SearchSession, key: str | None) -> int | None:
    """The row of a product that the address or a click names; one that is not there is told."""
    if key is None:
        return None
    row = session.tried.index.find(key)
    if row is None:
        st.warning(
            plain(f"The catalogue holds no product {key[:40]!r}; open one of the hits."), icon=":material/link_off:"
        )
    return row


def _act(state: RelevanceState, session: SearchSession) -> None:
    """What the person did in the component."""
    action: dict[str, Any] = (st.session_state.get(KEY) or {}).get("action") or {}
    kind = action.get("kind")
    state.answered += 1  # so that the component hears of every answer, also where nothing else changed
    if kind == "open":
        state.go(product=str(action["key"]))
        state.term = action.get("term")
    elif kind == "compare":
        state.go(other=None if action["key"] is None else str(action["key"]))
    elif kind == "word":
        state.word = str(action["word"])
    elif kind in ("set", "forbid"):
        try:
            _try_out(state, session, action)
        except PrecedenceError as error:
            state.told = str(error)


def _try_out(state: RelevanceState, session: SearchSession, action: dict[str, Any]) -> None:
    scope = str(action.get("scope"))
    key = state.place.product
    if key is None:
        key = session.tried.index.product(int(session.tried.search(session.query, 1).rows[0])).key
    product = session.tried.index.product(session.tried.index.row(key))
    target = SCOPES[scope].here(session.query, product) if scope in SCOPES else ""
    made = override_of(
        scope=scope, word=action.get("word"), target=target, action=action["kind"], value=action.get("value")
    )
    term_of(session.tried.encoder.vocabulary, made.word)  # a word that stands for nothing is refused here
    state.go(product=key)  # the open product stays open when ranks move
    state.try_out(made)
