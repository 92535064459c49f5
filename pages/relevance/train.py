"""Training a model on what is open: live, on this page; then it is searched by here."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

import streamlit as st

from core.data.pairs.budget import passes_of, training_pairs
from core.data.prepared import TABLE
from core.data.sources import shop_pairs
from core.server import collections
from core.settings.address import to_query
from core.settings.presets import default_run
from core.settings.run import RunConfig
from pages import navigation
from pages.relevance.search import SearchSession
from pages.relevance.state import RelevanceState
from pages.shared.markdown_escape import plain
from pages.shared.person import starter

LOOKS = 5  # readings of the order that a run has at least


def training(state: RelevanceState, session: SearchSession) -> None:
    """What there is to learn from, and the button."""
    st.markdown("**Train it yourself**")
    config, whose = _run(session)
    if config is None:
        st.caption(
            "A model is trained on judged pairs, which this catalogue does not have. Bring a file with the columns "
            "query, title and label."
        )
        return
    st.caption(
        f"Watch a DeepBoW learn from {whose}: its loss, the order on unseen queries, and how many words a title needs. "
        f"Then search by it here. {_budget(config)}"
    )
    if st.button("Train live", icon=":material/play_arrow:", type="primary", key="relevance_train"):
        train_on(state, session)
    if st.button("With other settings", icon=":material/tune:", type="tertiary", key="relevance_settings"):
        st.switch_page(navigation.LAB, query_params=to_query(config))


def _budget(config: RunConfig) -> str:
    """How often each pair will be seen; "" where that is not known before the pairs are prepared."""
    pairs = _training_pairs(config.dataset.path)
    if not pairs:
        return ""
    passes = passes_of(config.stage_steps, pairs, config.batch_size)
    return f"{config.stage_steps} steps: {passes:.1f} passes over {pairs:,} training pairs."


@lru_cache(maxsize=64)
def _training_pairs(folder: str | None) -> int:
    """Of the shop, or of a prepared folder: a page prepares nothing."""
    if folder is None:
        return shop_pairs.training_pairs()
    return training_pairs(Path(folder)) if (Path(folder) / TABLE).is_file() else 0


def untrained(session: SearchSession) -> bool:
    """Somebody's own judged pairs, searched by a model that has not seen them."""
    return session.about is not None and session.about.train is not None and not session.about.run


def train_on(state: RelevanceState, session: SearchSession) -> None:
    """Begins the run and turns the page to it."""
    config, _ = _run(session)
    assert config is not None
    run_id = collections.train(watched(config), starter())
    state.turn_to(run_id)
    st.rerun()


def watched(config: RunConfig) -> RunConfig:
    """The same run, its order read often enough to be watched; patience is as long in steps as it was."""
    every = max(1, min(config.evaluate_every, config.stage_steps // LOOKS))
    patience = -(-config.patience * config.evaluate_every // every)
    return config.model_copy(update={"evaluate_every": every, "patience": patience})


def _run(session: SearchSession) -> tuple[RunConfig | None, str]:
    """The run that is offered; of a model that was trained here the same again with another seed."""
    if session.about is None:
        return default_run("shop_pairs"), "the shop's judged pairs"
    config = session.about.train
    if config is not None and session.about.run:
        return config.model_copy(update={"seed": config.seed + 1, "name": ""}), "the same pairs again with another seed"
    return config, plain(f"the judged pairs of {session.about.title}")
