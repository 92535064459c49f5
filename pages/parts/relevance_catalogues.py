"""Which catalogue is searched: the shop, or one that somebody brought."""

from __future__ import annotations

import shutil
from pathlib import Path
from tempfile import TemporaryDirectory

import streamlit as st

from core.errors import PrecedenceError
from core.relevance.encoders import has_start
from core.relevance.shelf import STARTED, WORDS
from core.server import search
from pages.parts.plain import plain
from pages.parts.relevance_state import RelevanceState

SHOP = "The simulated shop"
MODELS = {
    STARTED: "DeepBoW, as trained on the shop: knows its synonyms, and other words as they stand",
    WORDS: "Word overlap: rare words count for more",
}


def catalogues(state: RelevanceState) -> None:
    """A popover with the catalogues there are and a way to bring one."""
    with st.popover(state.place.catalogue or SHOP, icon=":material/inventory_2:"):
        names = [SHOP, *search.own_names()]
        for name in names:
            chosen = name == (state.place.catalogue or SHOP)
            if st.button(plain(name), disabled=chosen, width="stretch", key=f"relevance_turn_to_{name}"):
                state.turn_to(None if name == SHOP else name)
                st.rerun()
        if st.button("Bring your own", icon=":material/upload_file:", type="primary", width="stretch"):
            _bring(state)


@st.dialog("Bring your own catalogue", width="medium")
def _bring(state: RelevanceState) -> None:
    st.markdown(
        "A CSV, TSV or Parquet file. Products: a column with titles, and if there are, keys and categories. Or judged "
        "pairs: columns query, title and label (WANDS and ESCI are known by their names); then the titles are the "
        "catalogue, and changes by hand are measured by the labels. The file stays on this server."
    )
    uploaded = st.file_uploader("File", type=["csv", "tsv", "parquet"])
    name = st.text_input("Name", Path(uploaded.name).stem if uploaded else "")
    known = list(MODELS) if has_start() else [WORDS]
    model = st.radio("Scored by", known, format_func=MODELS.__getitem__)
    if not st.button("Index it", type="primary", disabled=uploaded is None or not name):
        return
    assert uploaded is not None
    try:
        with TemporaryDirectory() as folder, st.spinner("Encoding and indexing …"):
            file = Path(folder) / Path(uploaded.name).name
            with file.open("wb") as target:
                uploaded.seek(0)
                shutil.copyfileobj(uploaded, target)
            state.turn_to(search.index_own(file, name, model))
    except PrecedenceError as error:
        st.error(plain(str(error)), icon=":material/error:")
        return
    st.rerun()
