"""The settings of a run as a form: data set, model, method, ranking, and the rest behind one button."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import streamlit as st

from core.data.prepared import read_description
from core.data.registry import card, cards, own_cards
from core.data.source import DatasetChoice
from core.methods.registry import METHODS as REGISTRY
from core.models.config import LAYERED
from core.training.address import parse
from core.training.config import RunConfig
from core.training.presets import default_run, own_histories_run, own_pairs_run
from pages.parts.advanced import advanced
from pages.parts.method_menu import method_menu
from pages.parts.ranking import ranking

MODELS = {
    "shared_bottom": "Shared bottom: one trunk for all tasks",
    "mmoe": "MMoE: each task mixes shared experts",
    "ple": "PLE: shared experts and own ones",
    "deepbow": "DeepBoW: relevance word by word",
    "dupn": "DUPN: attention over a user's history",
}
METHODS = {kind: card.title for kind, card in REGISTRY.items()}

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
    if chosen.name == "shop":
        fields["dataset"]["conflict"] = _conflict(shown.dataset.conflict, generation)
    method_menu(fields, shown, generation)
    ranking(fields, shown, about, generation)
    _model(fields, shown, generation)
    with st.popover("More settings", icon=":material/tune:", width="stretch"):
        advanced(fields, generation)
    return parse(fields, "form")


def _default(chosen: DatasetChoice) -> RunConfig:
    """A data set's default run; own events and own pairs of texts get the network that reads them."""
    form = read_description(Path(chosen.path)).form if chosen.path else "rows"
    if chosen.path and form == "histories":
        return own_histories_run(chosen.path)
    if chosen.path and form == "pairs":
        return own_pairs_run(chosen.path)
    return default_run(chosen.name).model_copy(update={"dataset": chosen})


def same_data(one: DatasetChoice, other: DatasetChoice) -> bool:
    """True where both name the same table, however it is read."""
    return (one.name, one.path) == (other.name, other.path)


def _dataset(shown: DatasetChoice, generation: int) -> DatasetChoice:
    """Built-in data sets and the person's own tables."""
    known = {(name, None): built_in for name, built_in in cards().items()}
    known |= {("own", path): own for path, own in own_cards().items()}
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
    with st.popover(f"About {chosen.title}", type="tertiary", icon=":material/info:"):
        st.markdown(chosen.about)
        st.markdown(f"Rows to train on, to keep promises on and to test on: {chosen.split.says}")
    if chosen.notice:
        st.caption(chosen.notice)
    return DatasetChoice(name=name, path=path)


def _conflict(shown: float, generation: int) -> float:
    return st.slider(
        "Conflict between relevance and clicks",
        0.0,
        1.0,
        shown,
        0.05,
        key=f"conflict_{generation}",
        help="How strongly tempting products that are off the topic draw clicks. 0: the two tasks agree.",
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
