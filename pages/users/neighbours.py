"""The users most like the one who is shown: how alike, what they share, and a click to go there."""

from __future__ import annotations

import csv
import io

import numpy as np
import streamlit as st

from core.data.parquet import Array
from core.errors import PrecedenceError
from core.users.embedding.counts import Counts
from core.users.neighbours.index import Neighbour
from core.users.spaces.space import Space
from core.users.traits.lift import in_words
from pages.shared.markdown_escape import plain
from pages.users.history import reading
from pages.users.state import Shown, UsersState, content, everyone

COUNT = 10


def nearest(state: UsersState, who: Shown, found: Space) -> list[Neighbour]:
    """The ten nearest users; of a user made by hand, who is not in the index, by the same model."""
    index = found.index
    if index is None:
        return []
    if not who.made:
        return index.neighbours(str(who.everyone.histories.users[who.number]), COUNT)
    vector = embedded(state, who)
    return [] if vector is None else index.search(vector[None], COUNT)[0]


def embedded(state: UsersState, who: Shown) -> Array | None:
    """The embedding of a user made by hand."""
    if state.choice().model == "counts":
        return _counts(state.place.source, content(state.place.source)).vectors(
            who.everyone.histories, first=who.number
        )[0]
    made = [[event.item, event.behaviour, event.hours] for event in state.place.made]
    try:
        answer = reading(state.place.source, None, made, "")
    except PrecedenceError:  # told beside the history
        return None
    return np.asarray(answer["embedding"], dtype=np.float32)


@st.cache_resource(max_entries=2, show_spinner=False)
def _counts(source: str, content: str | None) -> Counts:
    return Counts.of(everyone(source).histories)


def neighbours_card(state: UsersState, who: Shown, near: list[Neighbour]) -> None:
    """What they share together in sentences, then one row each."""
    st.subheader("Neighbours", anchor=False)
    if not near:
        st.caption("The neighbours come with the embedding.")
        return
    read = everyone(state.place.source)
    numbers = np.array([read.histories.number_of(each.user) for each in near])
    traits = read.traits(numbers)
    st.markdown(f"**{plain(in_words(traits))}**")
    if traits:
        with st.expander("In figures"):
            for trait in traits[:8]:
                st.caption(plain(trait.sentence))
    shared = [[trait.short for trait in who.everyone.pair(who.number, int(number))] for number in numbers]
    st.caption("First how alike the two are (at most 1), then what they share: 30× is thirty times everybody's share.")
    with st.container(gap=None):
        for each, words in zip(near, shared, strict=True):
            name, told = st.columns([1, 3.4], gap="small", vertical_alignment="center")
            if name.button(f"User {each.user}", key=f"users_near_{each.user}", type="tertiary"):
                state.visit(each.user)
                st.rerun()
            told.caption(f"**{each.similarity:.3f}**  {plain(', '.join(words[:3]) or 'nothing that stands out')}")
    st.download_button(
        "Neighbours as CSV", _csv(near, shared), f"neighbours_of_{state.place.user or 'composed'}.csv", "text/csv",
        icon=":material/download:", type="tertiary", on_click="ignore",
    )  # fmt: skip


def _csv(near: list[Neighbour], shared: list[list[str]]) -> str:
    file = io.StringIO()
    writer = csv.writer(file)
    writer.writerow(["user", "similarity", "shared"])
    for each, words in zip(near, shared, strict=True):
        writer.writerow([each.user, f"{each.similarity:.4f}", "; ".join(words)])
    return file.getvalue()
