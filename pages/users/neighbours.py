"""The users most like the one who is shown: how alike, what they share, and a click to go there."""

from __future__ import annotations

import csv
import io

import numpy as np
import streamlit as st

from core.data.parquet import Array
from core.users.embedding.embedders import Embed, embedder
from core.users.neighbours.floor import offered
from core.users.neighbours.index import Neighbour
from core.users.neighbours.similarity import SIMILARITIES
from core.users.spaces.space import Space
from core.users.traits.lift import in_words
from pages.shared.markdown_escape import plain
from pages.users.history import calculated
from pages.users.state import Shown, UsersState, choice_of, content, everyone

COUNT = 10


def nearest(state: UsersState, who: Shown, found: Space) -> tuple[list[Neighbour], str]:
    """The ten nearest users who have something in common, and a sentence about the others; of a user made by hand, who
    is not in the index, by the same model."""
    index = found.index
    if index is None:
        return [], ""
    histories = who.everyone.histories
    if not who.made:
        near = index.neighbours(str(histories.users[who.number]), COUNT)
    else:
        near = index.search(embedded(state, who)[None], COUNT)[0]
    return offered(near, histories, who.number, index.similarity)


def embedded(state: UsersState, who: Shown) -> Array:
    """The embedding of a user made by hand."""
    choice = state.choice()
    if not embedder(choice.model).needs_torch:
        embed = fitted(choice.model, state.place.source, content(state.place.source))
        return embed(who.everyone.histories, who.number, lambda done: None)[0]
    made = [[event.item, event.behaviour, event.hours] for event in state.place.made]
    asked = {"model": choice.model, "source": choice.source, "path": choice.path, "made": made}
    return np.asarray(calculated("embed_composed", asked), dtype=np.float32)


@st.cache_resource(max_entries=2, show_spinner=False)
def fitted(model: str, source: str, content: str | None) -> Embed:
    """What a model that needs no torch learnt of a source, as the page names it."""
    histories = everyone(source).histories
    return embedder(model).fit(choice_of(source, model).source, histories)


def neighbours_card(state: UsersState, who: Shown, near: list[Neighbour], unlike: str) -> None:
    """What they share together in sentences, then one row each; `unlike` says who is not offered, and why."""
    st.subheader("Neighbours", anchor=False)
    if not near:
        st.caption(unlike or "The neighbours come with the embedding.")
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
    similarity = SIMILARITIES[state.place.similarity]
    st.caption(f"First {similarity.about}, then what they share: 30× is thirty times everybody's share.")
    with st.container(gap=None):
        for each, words in zip(near, shared, strict=True):
            name, told = st.columns([1, 3.4], gap="small", vertical_alignment="center")
            if name.button(f"User {each.user}", key=f"users_near_{each.user}", type="tertiary"):
                state.visit(each.user)
                st.rerun()
            told.caption(
                f"**{similarity.shown(each.similarity)}**  {plain(', '.join(words[:3]) or 'nothing that stands out')}"
            )
    if unlike:
        st.caption(unlike)
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
