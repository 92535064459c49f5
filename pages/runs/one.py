"""One run: its figures, what a person wrote on it, its files, new rows scored by it, and its end."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from core.charts.palette import task_colours
from core.runs.folder.run_folder import RunFolder
from core.runs.folder.status import RESUMABLE, UNDER_WAY
from core.runs.listing.notebook import command_line, notebook
from core.runs.listing.notes import change_about
from core.runs.listing.overview import RunRow
from core.runs.listing.take_home import ENDING, run_as_zip
from core.runs.scoring.apart import weights_apart
from core.runs.sidecar.confined import confined
from core.server.rooms import check_not_held
from core.server.runs import delete_run
from core.server.shared import library, supervisor
from pages import navigation
from pages.runs.score import boosted, score
from pages.shared.errors import show_errors, try_action
from pages.shared.markdown_escape import plain
from pages.shared.person import owns_run
from pages.shared.task_table import figure, task_table

MEGABYTES, SECONDS = 3072, 60.0  # torch itself takes most of the first


def one_run(row: RunRow) -> None:
    st.subheader(plain(row.name or row.run), anchor=False)
    if row.error:
        st.error(plain(row.error), icon=":material/error:")
    owned = owns_run(row.run)
    bar = st.container(horizontal=True, vertical_alignment="center")
    with bar:
        st.page_link(navigation.LAB, label="Open in the lab", icon=":material/open_in_full:",
                     query_params={"run": row.run})  # fmt: skip
        _files(row)
        if owned and row.state in RESUMABLE and st.button("Resume", icon=":material/resume:"):
            try_action(lambda: _resume(row.run))
        if owned:
            _notes(row)
            _deletion(row)
    left, right = st.columns(2)
    with left:
        _figures(row)
    with right, st.container(border=True):
        score(row)


def _resume(run_id: str) -> None:
    check_not_held(run_id)
    supervisor().resume(run_id)


def _figures(row: RunRow) -> None:
    if not row.tasks:
        st.caption("Its figures come with its end.")
        return
    colours = task_colours([one.task for one in row.tasks])
    trees = boosted(row)
    heads = [
        "Task, test rows",
        "Metric",
        "Loss",
        "Outside its bound, validation rows",
        "Trained alone",
        *(["Boosted trees"] if trees else []),
    ]
    task_table(
        heads,
        [
            (
                colours[one.task],
                one.task,
                [
                    f"{one.metric_name} {figure(one.metric)}",
                    figure(one.loss),
                    figure(one.violation, "+.4f"),
                    figure(one.single_task_metric),
                    *([figure(trees.get(one.task))] if trees else []),
                ],
            )
            for one in row.tasks
        ],
    )


def _files(row: RunRow) -> None:
    with st.popover("Take home", icon=":material/download:"), show_errors():
        folder = RunFolder(supervisor().home, row.run)
        config = folder.config()
        if row.state == "finished":
            whole = "Settings, log, result, model and a notebook; another Precedence can bring it."
            _file("The run as one file", lambda: run_as_zip(folder.home, row.run), f"{row.run}{ENDING}", whole)
            if row.has_model:
                ready = "Weights with how rows are read: precedence predict model.zip FILE"
                _file("The model, ready to predict", folder.model.read_bytes, "model.zip", ready)
            _file("Weights (safetensors)", lambda: _weights(row.run), f"{row.run}.safetensors")
        _file("Settings (JSON)", lambda: config.without_place().model_dump_json(indent=1), f"{row.run}.json")
        _file("Notebook", lambda: notebook(config, row.name or row.run), f"{row.run}.ipynb")
        st.caption("The same run from a command line:")
        st.code(command_line(config), language="bash", wrap_lines=True)


def _file(label: str, content: Callable[[], bytes | str], name: str, more: str | None = None) -> None:
    """A download that is made when it is asked for."""
    icon = ":material/download:"
    st.download_button(label, content, name, icon=icon, on_click="ignore", width="stretch", help=more)


def _weights(run: str) -> bytes:
    found: bytes = confined(weights_apart, run, seconds=SECONDS, megabytes=MEGABYTES)
    return found


def _notes(row: RunRow) -> None:
    with st.popover("Name and notes", icon=":material/edit_note:"), st.form(f"runs_notes_{row.run}", border=False):
        name = st.text_input("Name", row.name, placeholder=row.run, max_chars=60)
        tags = st.text_input("Tags, with commas", ", ".join(row.tags), max_chars=200)
        notes = st.text_area("Notes", row.notes, max_chars=4000)
        first = st.toggle("First in the lists", row.pinned)
        if st.form_submit_button("Keep", type="primary") and try_action(lambda: _keep(row, name, tags, notes, first)):
            st.rerun()


def _keep(row: RunRow, name: str | None, tags: str | None, notes: str | None, first: bool) -> None:
    change_about(supervisor().home, row.run, name=name or "", tags=(tags or "").split(","), notes=notes or "")
    if row.state == "finished":
        library().pin(row.run, first)


def _deletion(row: RunRow) -> None:
    active = row.state in UNDER_WAY
    with st.popover("Delete", icon=":material/delete:", disabled=active, help="Stop it first." if active else None):
        st.caption("The run goes with its curves and its model; a search that uses it goes too.")
        if st.button("Delete this run", type="primary", key=f"runs_delete_{row.run}") and try_action(
            lambda: delete_run(row.run)
        ):
            st.rerun()
