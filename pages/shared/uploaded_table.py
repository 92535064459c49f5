"""A person's own table: upload it, say what is to be predicted, and train on it."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import streamlit as st

from core.data import parquet
from core.data.reading.reader import open_source
from core.data.sources.uploaded.places import table_folder
from core.data.sources.uploaded.table import check_file, prepare
from core.errors import PrecedenceError
from core.files import safe_name
from core.settings.presets import uploaded_run
from core.settings.run import RunConfig
from pages.shared.errors import show_errors

if TYPE_CHECKING:
    from streamlit.runtime.uploaded_file_manager import UploadedFile

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
        with parquet.connect() as database:
            columns = list(open_source(database, file, purpose="table").types)
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
    report = check_file(file, kinds, time)
    if report.problems:
        st.error("\n".join(f"- {problem}" for problem in report.problems))
        return
    folder = prepare(file, name, kinds, time)
    then(uploaded_run(str(folder), rows=report.rows))
