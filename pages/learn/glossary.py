"""All words of the glossary on one page; the one that an address asks for first."""

from __future__ import annotations

from collections.abc import Mapping

import streamlit as st

from core.lessons.glossary import entries


def show_glossary(language: str, first: str | None, words: Mapping[str, str]) -> None:
    known = entries(language)
    names = sorted(known, key=lambda name: name != first)
    with st.container(width=820):
        st.header(words["glossary"], anchor=False)
        st.markdown(words["glossary_about"])
        st.markdown("\n\n".join(f"**{known[name].title}**  \n{known[name].text}" for name in names))
