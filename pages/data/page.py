"""Data: what there is to train on, search in and look at; what was brought is checked, taken home, deleted."""

from __future__ import annotations

import streamlit as st

from core.data.reading.templates import TEMPLATES
from core.data.registry import cards
from core.runs.brought import Brought, brought
from core.server.owners import is_shared, owner_of
from core.settings.address import to_query
from core.settings.presets import default_run
from pages import navigation
from pages.data.details import details, held_by
from pages.data.words import ago, bytes_in_words
from pages.shared.errors import show_errors
from pages.shared.markdown_escape import plain
from pages.shared.person import me, sees_thing
from pages.shared.uploaded_table import upload_table


def page() -> None:
    st.title("Data", anchor=False)
    st.markdown(
        "Everything that can be trained on, searched or looked at here: what was brought, and what comes with it."
    )
    _bring()
    things = [thing for thing in brought() if sees_thing(held_by(thing))]
    with st.container(border=True):
        st.subheader("Brought", anchor=False)
        if not things:
            st.caption("Nothing yet. Bring a file above, or begin with one of the examples below.")
        else:
            chosen = _list(things)
            if chosen is not None:
                with show_errors():
                    details(chosen)
    with st.container(border=True):
        _built_in()
    with st.container(border=True):
        _examples()


def _bring() -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        if st.button("Bring a table", type="primary", icon=":material/upload_file:"):
            upload_table(lambda config: st.switch_page(navigation.LAB, query_params=to_query(config)))
        st.page_link(navigation.RELEVANCE, label="Bring products or judged pairs", icon=":material/manage_search:")
        st.page_link(navigation.USERS, label="Bring events", icon=":material/group:")


def _list(things: list[Brought]) -> Brought | None:
    """The table of them; the one whose row was chosen."""
    mine = me()
    rows = [
        {
            "Name": thing.name,
            "Kind": thing.kind,
            "Rows": f"{thing.rows:,}" if thing.rows is not None else "–",
            "Size": bytes_in_words(thing.size),
            "Whose": _whose(thing, mine.mark),
            "Brought": ago(thing.since),
            "Last use": ago(thing.used) if thing.used is not None else "never",
            "Used by": f"{len(thing.runs)} run{'s' * (len(thing.runs) != 1)}" if thing.runs else thing.part_of or "–",
        }
        for thing in things
    ]
    shown = st.dataframe(
        rows, hide_index=True, width="stretch", on_select="rerun", selection_mode="single-row", key="data_list",
        height=min(38 + 35 * len(rows), 420),
    )  # fmt: skip
    chosen: list[int] = shown["selection"]["rows"]
    if not chosen:
        st.caption("Choose a row to see what it holds, check it, take it home or delete it.")
        return None
    return things[chosen[0]] if chosen[0] < len(things) else None


def _whose(thing: Brought, mark: str) -> str:
    owner = owner_of(held_by(thing))
    whose = "yours" if owner and owner == mark else "somebody's" if owner else "this server's"
    return f"{whose}, shared" if is_shared(held_by(thing)) else whose


def _built_in() -> None:
    st.subheader("Built in", anchor=False)
    for name, card in cards().items():
        said, button = st.columns([5, 1], vertical_alignment="center")
        said.markdown(f"**{plain(card.title)}**  \n{plain(card.about)}")
        if card.notice:
            said.caption(plain(card.notice))
        button.page_link(
            navigation.LAB,
            label="Train on it",
            icon=":material/play_arrow:",
            query_params=to_query(default_run(name)),
        )


def _examples() -> None:
    st.subheader("Examples of each kind", anchor=False)
    st.markdown("Each can be brought as it is; put your own rows under the header.")
    for template in TEMPLATES.values():
        with st.container(horizontal=True, vertical_alignment="center"):
            st.download_button(
                template.title, template.text, template.file, "text/csv", icon=":material/download:",
                key=f"example_{template.name}",
            )  # fmt: skip
            st.markdown(plain(template.about))


with show_errors():
    page()
