"""Reading what somebody uploads: in a process with limits, with the time so far, and ended when the dialog closes."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from core.home import home
from core.runs.sidecar.confined import MEGABYTES, SECONDS, confined
from core.server.quota import check_room
from pages.shared.person import owner_mark

if TYPE_CHECKING:
    from streamlit.runtime.uploaded_file_manager import UploadedFile

Answer = TypeVar("Answer")

LONGER = 120.0  # seconds for making a data set of a file that was looked at before
SMALL = 20.0  # MB of files that the plain limits are for; larger ones, up to what may be uploaded, are given more
MORE_SECONDS, MORE_MEMORY = 0.03, 12.0  # a MB above that: share of the plain time, and MB of memory


def read_confined(
    work: Callable[..., Answer],
    *arguments: Any,
    seconds: float = SECONDS,
    doing: str = "Reading",
    place: DeltaGenerator | None = None,
) -> Answer:
    """What `work(*arguments)` returns; raises PrecedenceError where the file asks for too much.

    `place`: an empty one where it says how long that it is `doing` takes; by default below what is drawn so far.
    """
    mark, above = owner_mark(), max(0.0, size_of(arguments) - SMALL)
    seconds *= 1 + MORE_SECONDS * above
    megabytes = MEGABYTES + round(MORE_MEMORY * above)
    check_room(home(), mark)
    bar = st.empty() if place is None else place

    def waiting(since: float) -> None:
        """Whatever a person does meanwhile, such as closing the dialog, ends the script here and the child with it."""
        if since > 0.5:
            bar.progress(min(1.0, since / seconds), f"{doing}, {since:.0f} s; close this dialog to cancel.")

    try:
        return confined(work, *arguments, person=mark, seconds=seconds, megabytes=megabytes, waiting=waiting)
    finally:
        bar.empty()


def size_of(arguments: Iterable[Any]) -> float:
    """MB of the files among some arguments, at most what may be uploaded: larger ones are read where they lie."""
    found = 0
    for one in arguments:
        for path in one if isinstance(one, list | tuple) else (one,):
            if isinstance(path, Path) and path.is_dir():
                found += sum(file.stat().st_size for file in path.iterdir() if file.is_file())
            elif isinstance(path, Path) and path.is_file():
                found += path.stat().st_size
    return min(found / 1e6, float(st.get_option("server.maxUploadSize")))


def saved(uploaded: UploadedFile, folder: Path) -> Path:
    """An upload as a file under its own name, which messages then call it by; it is not held in memory twice."""
    file = folder / Path(uploaded.name).name
    with file.open("wb") as target:
        uploaded.seek(0)
        shutil.copyfileobj(uploaded, target)
    return file
