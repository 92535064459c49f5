"""A person's own table: upload it, see what each column was taken for, say what is to be predicted, and train on it."""

from __future__ import annotations

from collections.abc import Callable
from itertools import chain, count
from pathlib import Path

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from core.data.reading.allowed import allowed_file, allowed_files
from core.data.reading.container import ENDINGS
from core.data.reading.options import ReaderOptions
from core.data.sources.uploaded.checks import Report
from core.data.sources.uploaded.look import look
from core.data.sources.uploaded.places import table_folder
from core.data.sources.uploaded.table import check_file, prepare
from core.errors import PrecedenceError
from core.files import safe_name
from core.server.owners import set_owner
from core.settings.presets import uploaded_run
from core.settings.run import RunConfig
from core.temporary import temporary_folder
from pages.shared.column_form import columns_by_form, labels_by_form
from pages.shared.errors import show_errors
from pages.shared.markdown_escape import plain
from pages.shared.person import owner_mark
from pages.shared.reading import LONGER, read_confined, saved
from pages.shared.reading_form import read_by_form

NO_TIME, NO_FILE = "none: at random", "none"
CHECKED = "uploaded_table_checked"
LONGEST = 50  # letters of a name that is proposed


@st.dialog("Bring your own table", width="large")
def upload_table(then: Callable[[RunConfig], None]) -> None:
    """Asks for a file, its labels and its time; `then` gets the run on the table that was made of it."""
    st.markdown(
        "A file with a row for each case and a column for each thing to predict: CSV, TSV, Excel, JSON lines or "
        "Parquet, also packed. Several files of one set are joined by their ids. A missing label is left out for its "
        "task alone. The files stay on this server."
    )
    uploaded = st.file_uploader("Table", type=list(ENDINGS), accept_multiple_files=True)
    offered = list(allowed_files())
    chosen = st.selectbox("Or a file of this server", [NO_FILE, *offered]) if offered else NO_FILE
    if not uploaded and chosen == NO_FILE:
        return
    with show_errors(), temporary_folder() as folder:
        if uploaded:
            files = [saved(one, folder) for one in uploaded]
            key = f"table_{uploaded[-1].file_id}_{len(uploaded)}"
        else:
            files = [allowed_file(chosen)]
            key = f"table_{chosen}_{files[0].stat().st_mtime_ns}"
        reading, options = read_by_form(key, lambda chosen: read_confined(look, files, chosen, "table"))
        if reading is None:
            return
        left, right = st.columns(2)
        labels = labels_by_form(key, reading, left)
        time = right.selectbox(
            "Column of the time",
            [NO_TIME, *reading.types],
            help="With a time, the newest rows are kept for the promise and the test, as it would be in use.",
            key=f"{key}_time",
        )
        options = options.with_columns(columns_by_form(key, reading, labels))
        name = st.text_input("Name", _free(files[0].name.split(".")[0]), key=f"{key}_name")
        chosen_time = None if time == NO_TIME else time
        told, bar = st.container(), st.empty()  # always there: what is shown stays where it is
        with told:
            report = _checked(key, files, labels, chosen_time, options, bar) if labels else None
            if report is not None:
                for sentence in [one for one in report.warnings if one not in reading.warnings]:
                    st.warning(plain(sentence), icon=":material/lightbulb:")
                if report.problems:
                    st.error("\n".join(f"- {plain(problem)}" for problem in report.problems))
        if st.button("Check and train", type="primary", disabled=not labels) and report is not None:
            _use(report, files, name or "", labels, chosen_time, options, then, bar)


def _free(name: str) -> str:
    """A name for a table: that of the file where it can be one, with a number where there is such a table already."""
    try:
        short = name if len(safe_name(name)) <= LONGEST else name[:LONGEST]
    except PrecedenceError:  # no letter that a folder could be called by
        short = "table"
    return next(one for one in chain([short], (f"{short} {at}" for at in count(2))) if not table_folder(one).exists())


def _checked(
    key: str, files: list[Path], labels: list[str], time: str | None, options: ReaderOptions, bar: DeltaGenerator
) -> Report:
    """Once for each file, by its `key`, and each choice, however often the dialog is drawn."""
    mark = (key, tuple(labels), time, options.model_dump_json())
    held: tuple[object, Report] | None = st.session_state.get(CHECKED)
    if held is None or held[0] != mark:
        report = read_confined(
            check_file, files, dict.fromkeys(labels), time, options, seconds=LONGER, doing="Checking", place=bar
        )
        held = st.session_state[CHECKED] = (mark, report)
    return held[1]


def _use(
    report: Report,
    files: list[Path],
    name: str,
    labels: list[str],
    time: str | None,
    options: ReaderOptions,
    then: Callable[[RunConfig], None],
    bar: DeltaGenerator,
) -> None:
    if table_folder(name).exists():
        raise PrecedenceError(f"There is a table called {safe_name(name)} already; give this one another name.")
    if report.problems:
        return  # they stand above
    folder = read_confined(
        prepare, files, name, dict.fromkeys(labels), time, options, seconds=LONGER, doing="Making the table", place=bar
    )
    set_owner(folder, owner_mark())
    st.session_state.pop(CHECKED, None)
    then(uploaded_run(str(folder), rows=report.rows))
