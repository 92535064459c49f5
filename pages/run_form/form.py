"""The settings of a run as a form: data set, model, method, ranking, and the rest behind one button.

A setting is not declared here: the form reads the fields of `core/settings/run.py` and of the configs it holds.
"""

from __future__ import annotations

from typing import Any

import streamlit as st

from core.data.description import DatasetCard
from core.data.registry import card, cards, source_of
from core.data.source import UPLOADED, DatasetChoice
from core.home import home
from core.models.config import LAYERED
from core.narration.at_most import at_most_before
from core.server.starting import data_of
from core.settings.address import parse
from core.settings.presets import default_run, uploaded_run
from core.settings.run import RunConfig
from core.settings_field import setting_of
from pages.run_form.advanced import advanced
from pages.run_form.method_menu import method_menu
from pages.run_form.ranking import ranking
from pages.shared.markdown_escape import plain
from pages.shared.person import me

MODELS = {
    "shared_bottom": "Shared bottom: one trunk for all tasks",
    "mmoe": "MMoE: each task mixes shared experts",
    "ple": "PLE: shared experts and own ones",
    "deepbow": "DeepBoW: relevance word by word",
    "dupn": "DUPN: attention over a user's history",
    "ranker": "Ranker: one score that all tasks share",
}

NAMED_BUTTON = """<style>
[data-testid="stExpandSidebarButton"] { width: auto; }
[data-testid="stExpandSidebarButton"]::after { content: "Settings"; font-size: .9rem; padding: 0 .4rem 0 .2rem; }
</style>"""
"""Where the settings are folded away, as on a phone, the button that brings them back says what it brings."""


def settings(shown: RunConfig, generation: int) -> RunConfig:
    """The form, filled from `shown`, and what it says now; raises PrecedenceError where that is no run.

    Another data set gives that data set's own default run.
    """
    chosen = _dataset(shown.dataset, generation)
    if not same_data(chosen, shown.dataset):
        return _default(chosen)
    about = card(chosen)
    fields = shown.model_dump()
    for name in source_of(chosen).options:
        fields["dataset"][name] = _option(name, getattr(shown.dataset, name), generation)
    method_menu(fields, shown, generation)
    ranking(fields, shown, about, generation)
    told = st.container()
    _model(fields, shown, generation)
    with st.popover("More settings", icon=":material/tune:", width="stretch"):
        advanced(fields, generation)
    config = parse(fields, "form")
    for sentence in at_most_before(home(), config):
        told.caption(f":material/info: {plain(sentence)}")
    return config


def _default(chosen: DatasetChoice) -> RunConfig:
    """A data set's default run; uploaded events and pairs of texts get the network that reads them."""
    if chosen.path:
        return uploaded_run(chosen.path, source_of(chosen).form)
    return default_run(chosen.name)


def same_data(one: DatasetChoice, other: DatasetChoice) -> bool:
    """True where both name the same table, however it is read."""
    return (one.name, one.path) == (other.name, other.path)


def _dataset(shown: DatasetChoice, generation: int) -> DatasetChoice:
    """Built-in data sets and those that were uploaded."""
    known: dict[tuple[str, str | None], DatasetCard] = {(name, None): built_in for name, built_in in cards().items()}
    known |= {(UPLOADED, path): uploaded for path, uploaded in data_of(me()).items()}
    known.setdefault((shown.name, shown.path), card(shown))
    options = list(known)
    name, path = st.selectbox(
        "Data set",
        options,
        options.index((shown.name, shown.path)),
        lambda option: known[option].title,
        key=f"dataset_{generation}",
    )
    chosen = known[name, path]
    with st.popover(f"About {plain(chosen.title)}", type="tertiary", icon=":material/info:"):
        st.markdown(plain(chosen.about) if path else chosen.about)
        st.markdown(f"Rows to train on, to keep promises on and to test on: {plain(chosen.split.says)}")
    if chosen.notice:
        st.caption(plain(chosen.notice) if path else chosen.notice)
    return DatasetChoice(name=name, path=path)


def _option(name: str, shown: Any, generation: int) -> Any:
    """A field of `DatasetChoice` that means something for the chosen data set alone."""
    asked = setting_of(DatasetChoice, name)
    if isinstance(shown, bool):
        return st.checkbox(asked.title, shown, key=f"{name}_{generation}", help=asked.description)
    return st.slider(
        asked.title, asked.low, asked.high, shown, asked.step, key=f"{name}_{generation}", help=asked.description
    )


def _model(fields: dict[str, Any], shown: RunConfig, generation: int) -> None:
    """The networks that run on every data set, and the one that this data set was made for."""
    own = _default(shown.dataset).model
    kinds = [kind for kind in MODELS if kind in (*LAYERED, own.kind, shown.model.kind)]
    kind = st.selectbox("Model", kinds, kinds.index(shown.model.kind), MODELS.__getitem__, key=f"model_{generation}")
    if kind in LAYERED and shown.model.kind in LAYERED:
        fields["model"]["kind"] = kind
    elif kind != shown.model.kind:
        fields["model"] = own.model_dump() if kind == own.kind else {"kind": kind}
