"""A person's own table: upload it, say what is to be predicted, and train on it."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import streamlit as st

from core.data.sources.uploaded.look import columns_of_table
from core.data.sources.uploaded.places import table_folder
from core.data.sources.uploaded.table import check_file, prepare
from core.errors import PrecedenceError
from core.files import safe_name
from core.server.owners import set_owner
from core.settings.presets import uploaded_run
from core.settings.run import RunConfig
from pages.shared.errors import show_errors
from pages.shared.markdown_escape import plain
from pages.shared.person import owner_mark
from pages.shared.reading import LONGER, read_confined

if TYPE_CHECKING:
    from streamlit.runtime.uploaded_file_manager import UploadedFile

READ = "uploaded_table_columns"  # of the file in the dialog
NO_TIME = "none: at random"


@st.dialog("Bring your own table", width="medium")
def upload_table(then: Callable[[RunConfig], None]) -> None:
    """Asks for a file, its labels and its time; `then` gets the run on the table that was made of it."""
    st.markdown(
        "A CSV, TSV or Parquet file with a row for each case and a column for each thing to predict. "
        "Words and ids become categories, numbers stay numbers; a missing label is left out for its task alone. "
        "The file stays on this server."
    )
    uploaded = st.file_uploader("Table", type=["csv", "tsv", "parquet"])
    if uploaded is None:
        return
    with show_errors(), TemporaryDirectory() as folder:
        file = _save(uploaded, Path(folder))
        columns = _columns(uploaded.file_id, file)
        name = st.text_input("Name", Path(uploaded.name).stem)
        labels = st.multiselect(
            "What is to be predicted", columns, help="A yes-or-no column becomes a ranking task, a number a regression."
        )
        time = st.selectbox(
            "Column of the time",
            [NO_TIME, *columns],
            help="With a time, the newest rows are kept for the promise and the test, as it would be in use.",
        )
        if st.button("Check and train", type="primary", disabled=not labels):
            _use(file, name or "", labels, None if time == NO_TIME else time, then)


def _columns(file_id: str, file: Path) -> list[str]:
    """Read once for each upload."""
    held: tuple[str, list[str]] | None = st.session_state.get(READ)
    if held is None or held[0] != file_id:
        held = st.session_state[READ] = file_id, read_confined(columns_of_table, file)
    return held[1]


def _save(uploaded: UploadedFile, folder: Path) -> Path:
    """The upload as a file under its own name, which messages then call it by."""
    file = folder / Path(uploaded.name).name
    with file.open("wb") as target:
        uploaded.seek(0)
        shutil.copyfileobj(uploaded, target)
    return file


def _use(file: Path, name: str, labels: list[str], time: str | None, then: Callable[[RunConfig], None]) -> None:
    if table_folder(name).exists():
        raise PrecedenceError(f"There is a table called {safe_name(name)} already; give this one another name.")
    kinds = dict.fromkeys(labels)
    report = read_confined(check_file, file, kinds, time, seconds=LONGER)
    if report.problems:
        st.error("\n".join(f"- {plain(problem)}" for problem in report.problems))
        return
    folder = read_confined(prepare, file, name, kinds, time, seconds=LONGER)
    set_owner(folder, owner_mark())
    then(uploaded_run(str(folder), rows=report.rows))
