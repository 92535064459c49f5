"""New rows scored by a run's model, and boosted trees on its rows: both in a process apart."""

from __future__ import annotations

from typing import Any

import streamlit as st

from core.data.reading.container import ENDINGS
from core.data.registry import card
from core.errors import PrecedenceError
from core.runs.folder.run_folder import RunFolder
from core.runs.listing.overview import RunRow
from core.runs.scoring.apart import boosted_apart, predict_apart
from core.runs.sidecar.confined import confined
from core.server.shared import supervisor
from core.temporary import temporary_folder
from pages.shared.errors import show_errors, try_action
from pages.shared.markdown_escape import plain
from pages.shared.person import me
from pages.shared.reading import saved

MEGABYTES, SECONDS = 4096, 120.0
OF_TABLE = "Rows to score, with the columns of the training table"
ASKED = {
    "deepbow": "Pairs to score, with a column for the query and one for the title",
    "dupn": "Events of the users to score: user, item, time; their last and the most frequent items are scored",
}
"""What a network scores, where it does not read a table."""


def score(row: RunRow) -> None:
    """A file of rows in, the same rows with predictions out."""
    st.markdown("**Score new rows**")
    if row.state != "finished":
        st.caption("When the run is finished, its model scores rows that it has not seen.")
        return
    if not row.has_model:
        st.caption(
            "This run was trained before models were kept with how their rows are read; train it again to score."
        )
        return
    file = st.file_uploader(ASKED.get(row.network, OF_TABLE), list(ENDINGS), key=f"runs_score_{row.run}")
    if file is None:
        return
    kind = st.segmented_control("As", ["CSV", "Parquet"], default="CSV", required=True, key=f"runs_as_{row.run}")
    of_table = row.network not in ASKED
    fill = of_table and st.checkbox("Take absent columns as missing", key=f"runs_fill_{row.run}")
    kept = f"runs_scored_{row.run}"
    if st.button("Score", type="primary", icon=":material/play_arrow:"):
        st.session_state.pop(kept, None)
        with show_errors(), st.spinner("Scoring"):
            st.session_state[kept] = _scored(row.run, file, str(kind).lower(), fill)
    if kept in st.session_state:
        said, name, content = st.session_state[kept]
        st.markdown(f"{said['rows']:,} rows in {said['seconds']:.1f} s.")
        for sentence in said["sentences"]:
            st.caption(plain(sentence))
        st.download_button("Take the scored rows", content, name, on_click="ignore", icon=":material/download:")


def _scored(run: str, file: Any, kind: str, fill: bool) -> tuple[dict[str, Any], str, bytes]:
    with temporary_folder() as place:
        source = saved(file, place)
        out = place / f"{source.stem}-predicted.{kind}"
        said = confined(
            predict_apart, run, str(source), str(out), fill, person=me().mark, seconds=SECONDS, megabytes=MEGABYTES
        )
        return said, out.name, out.read_bytes()


def boosted(row: RunRow) -> dict[str, float | None]:
    """Metrics of boosted trees on the run's rows, once somebody asked for them."""
    kept = st.session_state.setdefault("runs_boosted", {})
    config = RunFolder(supervisor().home, row.run).config()
    data = config.dataset.model_dump_json()
    if data in kept:
        found: dict[str, float | None] = kept[data]
        return found
    if not _is_table(config):
        return {}
    help_ = "scikit-learn's HistGradientBoosting, one model a task, on the same training rows"
    if st.button("Boosted trees on the same rows", icon=":material/park:", help=help_, key=f"runs_trees_{row.run}"):

        def ask() -> None:
            kept[data] = confined(
                boosted_apart, config.model_dump_json(), person=me().mark, seconds=SECONDS, megabytes=MEGABYTES
            )

        with st.spinner("Growing trees"):
            done = try_action(ask)
        if done:
            st.rerun()
    return {}


def _is_table(config: Any) -> bool:
    from core.data.registry import source_of

    try:
        card(config.dataset)
        return source_of(config.dataset).form == "rows"
    except PrecedenceError:  # its data are not here
        return False
