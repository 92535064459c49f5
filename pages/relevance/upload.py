"""A person's own titles or judged pairs: what is in the file, which column is what, and on to searching it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import streamlit as st

from core.data.reading.container import ENDINGS
from core.data.reading.options import ColumnChoice, ReaderOptions
from core.data.reading.reader import Reading
from core.data.sources.uploaded.grades import is_known_scale
from core.data.sources.uploaded.look import look
from core.data.sources.uploaded.pair_columns import ATTRIBUTES, OF_CLICKS, columns_of
from core.data.sources.uploaded.pairs import WANDS
from core.data.text.fields import SIGNS
from core.home import home
from core.narration.relevance import known_words
from core.relevance.encoding.encoders import has_start
from core.relevance.stores.index_store import STARTED, WORDS, share_known
from core.relevance.stores.uploaded import UploadedCatalogue, read_catalogue
from core.server import collections, search
from core.server.owners import set_owner
from core.temporary import temporary_folder
from pages.relevance.state import RelevanceState
from pages.shared.errors import show_errors
from pages.shared.markdown_escape import plain
from pages.shared.person import owner_mark
from pages.shared.reading import read_confined, saved
from pages.shared.reading_form import read_by_form

if TYPE_CHECKING:
    from streamlit.runtime.uploaded_file_manager import UploadedFile

MODELS = {
    STARTED: "DeepBoW as trained on the shop: it knows the synonyms of the shop",
    WORDS: "BM25: every word as it stands; rare ones count for more, and what names the thing",
}
COLUMNS = {
    "title": ("Title", "The text that is searched"),
    "query": ("Query", "What somebody searched for"),
    "label": ("Label", "How well the title fits the query: more is better"),
    "click": ("Click", "1 where what was shown was clicked, 0 where not; a count; or the words impression and click"),
    "position": ("Position", "The place at which it was shown, which is taken out of what clicks say"),
    "shown": ("Impressions", "How often it was shown, where a row is the counts of a pair"),
    "search": ("Search", "The number of the search, where a row is an event: a product counts once a search"),
    **{
        name: (name.capitalize(), f"Shown beside the title; changes by hand can hold for a {name}")
        for name in ATTRIBUTES
    },
    "key": ("Product number", "Another for every product"),
}
OF_PAIRS, OF_TITLES = ("title", "query", "label", "key"), ("title", "query", "label", *ATTRIBUTES, "key")
OF_LOG = ("title", "query", "label", *OF_CLICKS, "key")
NONE = "none"
ENOUGH = 0.7  # share of the words that the shop's model must know to be offered first
LOOKED_AT = 1000  # titles
READ = "relevance_brought"  # what was read of the uploaded files, kept while the dialog is open


@st.dialog("Bring your own catalogue", width="large")
def bring(state: RelevanceState) -> None:
    """Upload, check, index."""
    st.markdown(
        "A file with a row for each product, and its **title** in a column; it can be searched at "
        "once. Or a row for each judged pair: **query**, **title** and **label** (0 for a bad hit, more is better, or "
        "the words of WANDS and ESCI); or a log of searches: **query**, **title**, **position** and **click**, whose "
        "clicks become grades. Then a model can be trained on it too, and its order is measured. "
        "The file stays on this server."
    )
    uploaded = st.file_uploader(
        "File, or several that are joined by their ids, as WANDS' and ESCI's", list(ENDINGS), accept_multiple_files=True
    )
    if not uploaded:
        return
    with show_errors(), temporary_folder() as folder:
        lacking = _lacking_of_wands(uploaded)
        if lacking and len(uploaded) > 1:
            st.info(f"For WANDS add {lacking} too.", icon=":material/arrow_upward:")
            return
        source = _save(uploaded, folder)
        key = f"relevance_{uploaded[-1].file_id}_{len(uploaded)}"
        reading, options = read_by_form(key, lambda chosen: read_confined(look, [source], chosen, None))
        if reading is None:
            return
        columns = _columns(reading, uploaded)
        if "title" not in columns:
            also = f" If this is WANDS, add {lacking} too." if lacking else ""
            if "key" in columns and not lacking:
                also = f" If they are in another file, add it too: both are joined by {columns['key']}."
            st.info(plain(f"Say which column holds the titles.{also}"), icon=":material/arrow_upward:")
            return
        options = options.with_columns(_order_of_grades(reading, columns, uploaded[-1].file_id))
        own = _read(columns, source, options)
        for sentence in own.says:
            st.text(sentence)
        if own.untrainable:
            st.caption(plain(f"It can be searched, but no model can be trained on it. {own.untrainable}"))
        name = st.text_input("Name", source.name.split(".")[0], max_chars=60)
        model = _model(own, columns)
        if st.button("Index and search", type="primary", icon=":material/manage_search:", disabled=not name):
            brought = collections.bring(source, name or "", columns, model, options)
            set_owner(home() / "catalogues" / brought, owner_mark())
            state.turn_to(brought)
            st.session_state.pop(READ, None)
            st.rerun()


def _model(own: UploadedCatalogue, columns: dict[str, str]) -> str:
    """What scores it at first: the shop's model where it knows most of the words."""
    if not has_start():
        return WORDS
    known: dict[tuple[tuple[str, str], ...], float] = st.session_state[READ]["known"]
    which = tuple(sorted(columns.items()))
    if which not in known:
        step = max(1, len(own.products) // LOOKED_AT)
        titles = [product.title for product in own.products[::step]]
        known[which] = share_known(search.searcher("en").encoder.vocabulary, titles)
    share = known[which]
    offered = list(MODELS) if share >= ENOUGH else list(reversed(MODELS))
    until = "Scored by" if own.untrainable else "Scored by, until a model is trained on it"
    model = st.radio(until, offered, format_func=MODELS.__getitem__)
    st.caption(known_words(share))
    return model or WORDS


def _lacking_of_wands(uploaded: Sequence[UploadedFile]) -> str:
    """Which of WANDS' three files is not there while another one is; empty where all or none are."""
    named = {Path(one.name).name for one in uploaded}
    lacking = [name for name in WANDS if name not in named]
    return " and ".join(lacking) if len(lacking) < len(WANDS) else ""


def _save(uploaded: Sequence[UploadedFile], folder: Path) -> Path:
    """The upload as a file under its own name, which messages then call it by; several as a folder of them."""
    named = {Path(one.name).name: one for one in uploaded}
    together = "WANDS" if set(WANDS) <= set(named) else Path(uploaded[0].name).name.split(".")[0] or "files"
    place = folder / together if len(named) > 1 else folder
    place.mkdir(exist_ok=True)
    for one in named.values():
        saved(one, place)
    return place if len(named) > 1 else place / next(iter(named))


def _columns(reading: Reading, uploaded: Sequence[UploadedFile]) -> dict[str, str]:
    """Which column is what: recognised by its name, and the person may say otherwise."""
    held = st.session_state.get(READ)
    files = [one.file_id for one in uploaded]
    mark = (files, reading.options.model_dump_json())
    if held is None or held["files"] != mark:
        st.session_state[READ] = {"files": mark, "own": {}, "known": {}}
    names, found = list(reading.types), columns_of(reading)
    asked = OF_TITLES
    if "query" in found:
        asked = OF_PAIRS if "label" in found else OF_LOG if "click" in found else OF_TITLES
    said = {what: found[what] for what in SIGNS if what in found}
    with st.container(horizontal=True):
        for what in asked:
            label, about = COLUMNS[what]
            place = names.index(found[what]) + 1 if what in found else 0
            said[what] = st.selectbox(label, [NONE, *names], place, help=about, key=f"{files[-1]}_{what}", width=150)
    return {what: name for what, name in said.items() if name != NONE}


def _order_of_grades(reading: Reading, columns: dict[str, str], key: str) -> dict[str, ColumnChoice]:
    """Words by which pairs are graded and that nobody knows are put in order; nothing where they are known."""
    place = st.container()  # always there: what follows stays where it is
    label = columns.get("label")
    words = () if label is None or "query" not in columns else reading.column(label).words
    if not words or is_known_scale(words):
        return {}
    with place:
        order = st.multiselect(
            "Grades: click the words, the worst first", words, key=f"{key}_grades",
            help="The first is a pair that does not fit; each word after it is a better grade.",
        )  # fmt: skip
    return {str(label): ColumnChoice(role="label", label="classes", classes=tuple(order))} if len(order) > 1 else {}


def _read(columns: dict[str, str], source: Path, options: ReaderOptions) -> UploadedCatalogue:
    """What the file holds, read once for each choice of columns."""
    known: dict[tuple[object, ...], UploadedCatalogue] = st.session_state[READ]["own"]
    which = (*sorted(columns.items()), options.model_dump_json())
    if which not in known:
        known[which] = read_confined(read_catalogue, source, columns, options)
    return known[which]
