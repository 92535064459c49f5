"""A DUPN of a person's own: trained on the events that were brought, from the page, with its progress."""

from __future__ import annotations

import streamlit as st

from core.server import user_models
from core.users import own_models
from core.users.embedding.embedders import DUPN
from core.users.uploaded_events import PREFIX, file_of
from pages.shared.markdown_escape import plain
from pages.shared.repeating import repeating
from pages.users.state import UsersState


def training_card(state: UsersState) -> None:
    """Offers to train where no DUPN reads these users; while one is trained, how far it is."""
    if not state.place.source.startswith(PREFIX):
        st.caption("There is no trained DUPN for these users, so no attention and no expectations either.")
        return
    path = str(file_of(state.place.source))
    with st.container(key="users_training"):
        if user_models.status(path) is None:
            st.caption(
                "A DUPN trained on these events would say what it looks at in a history and what it expects next, and "
                "find neighbours by it."
            )
            if st.button("Train DUPN on these events", icon=":material/model_training:", type="primary"):
                user_models.train(path)
                st.rerun()
            return
        _progress(state, path)


@repeating(1)
def _progress(state: UsersState, path: str) -> None:
    said = user_models.status(path)
    if said is None:
        if own_models.is_trained(path):
            state.go(model=DUPN.name, first=(), second=())
            state.version += 1
        st.rerun()
        return
    if said.problem is not None:
        st.error(plain(said.problem), icon=":material/error:")
        if st.button("Try again"):
            user_models.forget(path)
            st.rerun()
        return
    st.progress(min(said.part or 0.0, 1.0), text=f"Training DUPN: {said.words}")
    if st.button("Stop", icon=":material/stop:"):
        user_models.forget(path)
        st.rerun()
