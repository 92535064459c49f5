"""The search box, the examples, and what is searched for it: catalogue, overrides that hold, and those tried out."""

from __future__ import annotations

from dataclasses import dataclass

import streamlit as st

from core.errors import PrecedenceError
from core.relevance.order.fronts import Front, Fronts, Point
from core.relevance.overrides import Override
from core.relevance.searcher import Searcher
from core.relevance.stores.catalogue import Catalogue, language_searched
from core.relevance.stores.collection import About
from core.server import collections, order, search
from pages.relevance.state import RelevanceState
from pages.shared.markdown_escape import plain


@dataclass(frozen=True)
class SearchSession:
    """`kept` answers as everybody sees it, `tried` with this session's drafts as well.

    `name` and `about` are of a collection that somebody brought or trained; None: the shop.
    """

    name: str | None
    about: About | None
    query: str
    catalogue: Catalogue
    overrides: tuple[Override, ...]
    kept: Searcher
    tried: Searcher
    fronts: Fronts | None = None
    front: Front | None = None
    point: Point | None = None  # None: relevance alone


def search_box(state: RelevanceState) -> SearchSession:
    """The query that the person chose; in the shop the language of its letters chooses the titles that are searched."""
    examples = _examples(state)
    shown = examples[0] if state.place.query is None else state.place.query
    text, chips = f"relevance_query_{state.version}", f"relevance_chips_{state.version}"

    def typed() -> None:
        state.search(st.session_state[text])
        st.session_state[chips] = None

    def picked() -> None:
        if st.session_state[chips]:
            state.search(st.session_state[chips])
            st.session_state[text] = st.session_state[chips]

    st.session_state.setdefault(text, shown)
    with st.container(horizontal=True, vertical_alignment="center", gap="medium", key="relevance_head"):
        st.text_input(
            "Search",
            key=text,
            on_change=typed,
            icon=":material/search:",
            label_visibility="collapsed",
            placeholder="Search" if state.place.catalogue else "Search the shop, in English or Chinese",
            width=360,
        )
        st.pills(
            "Examples",
            examples,
            format_func=plain,
            key=chips,
            on_change=picked,
            label_visibility="collapsed",
            width="stretch",
        )
    if state.place.query is None:
        state.go(query=shown)
    return desk(state)


def _examples(state: RelevanceState) -> list[str]:
    if state.place.catalogue is not None:
        return list(search.own(state.place.catalogue)[0].examples)
    return [*search.catalogue("en").examples[:5], *search.catalogue("zh").examples[:3]]


def desk(state: RelevanceState) -> SearchSession:
    """The searchers for the query of this session."""
    query, name = state.place.query or "", state.place.catalogue
    if name is None:
        language = state.place.language or language_searched(query)
        catalogue, bare, about = search.catalogue(language), search.searcher(language), None
    else:
        (catalogue, bare), about = search.own(name), collections.about(name)
    overrides = tuple(search.overrides().active(catalogue.name))
    fronts, front, point = _chosen(state, bare)
    if front is not None and point is not None:
        bare = bare.with_addition(order.addition(name, bare, front, point))
    tried = bare.with_overrides((*overrides, *state.drafts))
    kept = bare.with_overrides(overrides)
    return SearchSession(name, about, query, catalogue, overrides, kept, tried, fronts, front, point)


def _chosen(state: RelevanceState, searcher: Searcher) -> tuple[Fronts | None, Front | None, Point | None]:
    """The order that the address asks for; one that was not trained is told, and relevance alone takes its place."""
    found = order.fronts(state.place.catalogue, searcher.index.vocabulary)
    if found is None or not found.fronts:
        if state.place.lose:
            st.warning("No order between relevance and a second aim was trained here: this is relevance alone.",
                       icon=":material/link_off:")  # fmt: skip
            state.go(aim=None, lose=0.0)
        return found, None, None
    try:
        return found, *order.chosen(found, state.place.aim, state.place.lose)
    except PrecedenceError as error:
        st.warning(plain(str(error)), icon=":material/link_off:")
        state.go(aim=None, lose=0.0)
        state.version += 1
        return found, found.fronts[0], None
