"""One thing that was brought: its columns, a check, the way home, and its end."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

import streamlit as st

from core.data.prepared import read_description
from core.data.reading.reader import read_profile
from core.data.sources.uploaded.event_options import options_for
from core.data.sources.uploaded.kept import profile_of, read_kept
from core.errors import PrecedenceError
from core.home import home
from core.runs.brought import CATALOGUES, EVENTS, Brought, recheck, remove
from core.server import collections
from core.server.owners import forget_owner, is_shared, owner_of, share
from core.settings.address import to_query
from core.settings.presets import uploaded_run
from pages import navigation
from pages.data.words import bytes_in_words
from pages.shared.column_form import called
from pages.shared.errors import try_action
from pages.shared.markdown_escape import plain
from pages.shared.person import owns_thing
from pages.shared.reading import read_confined
from pages.shared.reading_form import described

LARGEST_DOWNLOAD = 200_000_000  # bytes
COUNTS = {"missing": "Missing", "distinct": "Different", "converted": "Converted", "failed": "Could not be read"}
HEIGHT = 388  # pixels: ten columns


def details(thing: Brought) -> None:
    """What can be seen of it, and done with it."""
    st.subheader(plain(thing.name), anchor=False)
    if thing.depends():
        st.caption(plain(thing.depends()))
    if thing.part_of:
        st.caption(plain(f"It goes with the catalogue {thing.part_of}."))
    _profile(thing)
    with st.container(horizontal=True, vertical_alignment="center"):
        if st.button("Check again", icon=":material/fact_check:", key="data_check"):
            problem = read_confined(recheck, thing)
            if problem:
                st.error(plain(problem))
            else:
                st.success("It can be read as it should.")
        _download(thing)
        if thing.kind == CATALOGUES:
            st.page_link(navigation.RELEVANCE, label="Search it", icon=":material/manage_search:",
                         query_params={"catalogue": thing.name})  # fmt: skip
        elif thing.kind == EVENTS:
            st.page_link(navigation.USERS, label="Look at its users", icon=":material/group:",
                         query_params={"source": f"own:{thing.name}"})  # fmt: skip
        elif not thing.part_of:
            _train(thing)
        _share(thing)
        _delete(thing)


def held_by(thing: Brought) -> Path:
    """The thing whose owner it has: what goes with a catalogue is the catalogue's."""
    return home() / "catalogues" / thing.part_of if thing.part_of else thing.path


def _share(thing: Brought) -> None:
    """Its owner lets everybody use it, or nobody else."""
    if thing.part_of or not owner_of(thing.path) or not owns_thing(thing.path):
        return
    now = st.toggle("Everybody may use it", is_shared(thing.path), key=f"data_share_{thing.path.name}")
    if now != is_shared(thing.path):
        share(thing.path, now)


def _profile(thing: Brought) -> None:
    """Its columns, as they were taken when it was brought; of events as they are now."""
    kept = read_kept(thing.path) if thing.path.is_dir() else {}
    if thing.kind == EVENTS:
        kept = profile_of(read_confined(read_profile, thing.path, options_for(thing.path), "events"))
    if not kept.get("columns"):
        return
    rows = [
        {"Column": column["name"], "Taken as": called(column["role"], column["kind"])}
        | {title: column.get(name) for name, title in COUNTS.items()}
        | {"Examples": ", ".join(column["examples"])}
        for column in kept["columns"]
    ]
    number = st.column_config.NumberColumn(format="localized")
    st.dataframe(rows, hide_index=True, width="stretch", height=min(38 + 35 * len(rows), HEIGHT),
                 column_config=dict.fromkeys(COUNTS.values(), number))  # fmt: skip
    st.caption(plain(described(kept["options"])))
    for sentence in kept["warnings"]:
        st.caption(plain(sentence))


def _train(thing: Brought) -> None:
    with suppress(PrecedenceError):  # damaged, as Check again says
        run = uploaded_run(str(thing.path), read_description(thing.path).form, thing.rows)
        st.page_link(navigation.LAB, label="Train on it", icon=":material/play_arrow:", query_params=to_query(run))


def _download(thing: Brought) -> None:
    file = thing.path if thing.path.is_file() else thing.path / "table.parquet"
    if not file.is_file():
        return
    size = file.stat().st_size
    if size > LARGEST_DOWNLOAD:
        st.caption(f"{bytes_in_words(size)} are too large for a browser; copy it on the server.")
        return

    def content(path: Path = file) -> bytes:
        return path.read_bytes()

    name = file.name if thing.path.is_file() else f"{thing.name}.parquet"
    st.download_button("Download", content, name, icon=":material/download:", key="data_download")


def _delete(thing: Brought) -> None:
    if thing.part_of:
        return
    allowed = owns_thing(thing.path)
    with st.popover("Delete", icon=":material/delete:", disabled=not allowed,
                    help=None if allowed else "Only who brought it, or an administrator, may delete it."):  # fmt: skip
        st.markdown(plain(thing.depends() or "Nothing was made of it that needs it."))
        if st.button("Delete it for everybody", type="primary", key="data_delete") and try_action(lambda: _gone(thing)):
            st.rerun()


def _gone(thing: Brought) -> None:
    if not owns_thing(thing.path):
        raise PrecedenceError(f"{thing.name} is not yours; ask who brought it.")
    if thing.kind == CATALOGUES:
        collections.remove(thing.name)
    else:
        remove(thing)
    forget_owner(thing.path)
