"""The Relevance page in one browser session: what is searched, which products are open, which changes are tried out."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import streamlit as st

from core.relevance.overrides import Override
from core.relevance.stores.catalogue import BOTH, LANGUAGES
from pages.relevance import drafts
from pages.shared.url import Url
from pages.shared.view_state import open_view

KEY = "relevance_page"
LONGEST = 2000  # characters of a query in the address
NAMES = ("q", "product", "with", "catalogue", "draft", "language", "aim", "lose")


@dataclass(frozen=True)
class RelevanceView:
    """`product` and `other` are keys of the catalogue; None: the first hit, and no second product.

    `catalogue` is one that somebody brought; None: the shop.
    """

    query: str | None = None  # None: the example that the page opens with
    product: str | None = None
    other: str | None = None
    catalogue: str | None = None
    draft: str | None = None  # under which name the changes that are tried out are kept
    language: str | None = None  # whose titles of the shop are searched; None: that of the query
    aim: str | None = None  # what the order serves beside relevance; None: the first that was trained
    lose: float = 0.0  # points of NDCG@10 that relevance may lose for it; 0: relevance alone


@dataclass
class RelevanceState:
    """`drafts` are overrides that only this session sees; `version` changes when the address brings a new place."""

    place: RelevanceView = field(default_factory=RelevanceView)
    drafts: list[Override] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    version: int = 0
    url: Url = field(default_factory=Url)
    who: str = ""
    word: str | None = None  # whose panel opens
    answered: int = 0  # actions of the component
    term: int | None = None  # the word to point at in the open product, once
    imports: int = 0  # files taken in, so that the uploader is empty again
    told: str = ""  # what the last action has to say, shown once
    bringing: bool = False  # the dialog opens once
    removing: str | None = None  # the collection that the other dialog asks about, once

    def go(self, **changes: Any) -> None:
        self.place = replace(self.place, **changes)

    def search(self, query: str) -> None:
        """Another query: its first hit opens."""
        if query != self.place.query:
            self.go(query=query[:LONGEST], product=None, other=None, language=None)

    def turn_to(self, catalogue: str | None) -> None:
        """Another catalogue: it opens with its first example, and what was tried out is left behind."""
        self.place, self.drafts = RelevanceView(catalogue=catalogue), []
        self.version += 1

    def bring(self) -> None:
        """Opens the dialog for a file; with another version the menu that asked for it is closed."""
        self.bringing = True
        self.version += 1

    def ask_to_remove(self, catalogue: str) -> None:
        """Opens the dialog that asks whether it is to go."""
        self.removing = catalogue
        self.version += 1

    def try_out(self, override: Override) -> None:
        """A change that only this session sees; an earlier one of the same place is replaced."""
        self.drafts = [draft for draft in self.drafts if draft.place != override.place] + [override]

    def write_address(self) -> None:
        """Makes the address show the same again, drafts included."""
        self.go(draft=drafts.keep(self.place.draft, self.place.catalogue, self.drafts))
        place = self.place
        lose = f"{place.lose:g}" if place.lose else None
        texts = place.query, place.product, place.other, place.catalogue, place.draft, place.language
        values = (*texts, place.aim, lose)
        fields = zip(NAMES, values, strict=True)
        self.url.show({name: value for name, value in fields if value is not None})


def open_state() -> RelevanceState:
    """This session's page, at the place that the address asks for."""
    known: RelevanceState | None = st.session_state.get(KEY)
    before = (known.place.catalogue, known.place.draft) if known else (None, None)
    state = open_view(KEY, RelevanceState, read_view)
    if (state.place.catalogue, state.place.draft) != before:  # a change of one collection means nothing in another
        state.drafts = drafts.read(state.place.draft, state.place.catalogue)
    return state


def read_view(parameters: Mapping[str, str]) -> tuple[RelevanceView, list[str]]:
    """The place that an address asks for; what means nothing here is told."""
    problems = [
        f"'{name[:40]}' in the address means nothing to this page; it knows {', '.join(NAMES)}."
        for name in parameters
        if name not in NAMES
    ]
    query = parameters.get("q")
    if query is not None and len(query) > LONGEST:
        problems.append(f"The query in the address has {len(query):,} characters; the first {LONGEST:,} are searched.")
    asked = query[:LONGEST] if query is not None else None
    language = parameters.get("language")
    if language is not None and language not in (BOTH, *LANGUAGES):
        problems.append(f"The language {language[:40]!r} in the address is none of {', '.join(LANGUAGES)} and {BOTH}.")
        language = None
    lose = parameters.get("lose", "0")
    try:
        number = float(lose)
    except ValueError:
        number = math.nan
    if not 0 <= number <= 1:
        problems.append(f"'lose={lose[:40]}' in the address is no share of NDCG@10; give a number from 0 to 1.")
        number = 0.0
    product, other, catalogue, draft = map(parameters.get, ("product", "with", "catalogue", "draft"))
    view = RelevanceView(asked, product, other, catalogue, draft, language, parameters.get("aim"), number)
    return view, problems
