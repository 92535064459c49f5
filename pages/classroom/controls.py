"""What the teacher opens from the row of buttons: settings, a question, one run for all, the room itself."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

import streamlit as st

from core.classroom import rules
from core.classroom.export import zipped
from core.classroom.room import Room
from core.errors import PrecedenceError
from core.server.owners import share
from core.server.shared import supervisor
from core.server.starting import check_data, holder_of
from core.server.teaching import erase, recovery_word, teach
from core.settings.address import from_query, to_query
from pages import navigation
from pages.shared.errors import show_errors, try_action
from pages.shared.markdown_escape import plain
from pages.shared.person import me, owns_thing

PRESETS: dict[str, dict[str, str]] = {
    "Relevance above clicks, 1 %": {"priority": "relevance,click", "tolerances.relevance": "0.01"},
    "The same with 8 %": {"priority": "relevance,click", "tolerances.relevance": "0.08"},
    "The same tasks, fixed weights, no limit": {"priority": "relevance,click", "method.kind": "weighted_sum"},
    "All five tasks": {"priority": "relevance,click,cart,purchase,price_level"},
}
"""Settings of the simulated shop that tell the story of limits; further ones come as an address of the lab."""
FROM_ADDRESS = "From an address of the Priority lab"
QUESTION = "The tolerance goes from 1 % to 8 %. What does the multiplier do?"
ANSWERS = "It rises\nIt falls\nIt stays the same"


def send_settings(room: Room) -> None:
    with st.popover("Send settings", icon=":material/send:", key=f"send_{room.preset.sent if room.preset else 0}"):
        chosen = st.radio("Settings", [*PRESETS, FROM_ADDRESS], key="preset")
        link = st.text_input("Address", placeholder="http://…/priority_lab?…", key="preset_link",
                             disabled=chosen != FROM_ADDRESS)  # fmt: skip
        own = st.toggle(
            "Each student another seed",
            key="preset_seeds",
            help="Shows what is chance. Tasks are then not trained alone, to compare with: that would take a "
            "class three times as long.",
        )
        if st.button("Send to everybody", type="primary", key="send"):
            _do(lambda: _send(room, PRESETS.get(chosen), link, own))
        st.caption(
            "Nothing starts by itself: each student clicks *Train*. A table of your own that you send is shared with "
            "everybody."
        )


def _send(room: Room, query: dict[str, str] | None, link: str, own_seeds: bool) -> None:
    if query is None:
        query = {name: value for name, value in parse_qsl(urlsplit(link.strip()).query) if name not in _OF_THE_PAGE}
        if not query:
            raise PrecedenceError(
                f"{link[:60]!r} holds no settings; copy the whole address of the Priority lab, with what follows its ?."
            )
    config = from_query(query)
    check_data(config, me())
    if config.dataset.path and owns_thing(holder_of(Path(config.dataset.path))):
        share(holder_of(Path(config.dataset.path)), True)  # else the class could not train on them
    teach(room.code, me().mark, lambda now: rules.send(now, to_query(config), own_seeds))
    st.toast("Sent. Students see it on their Classroom page, and are told on the others.")


_OF_THE_PAGE = ("run", "key", "baseline", "lesson")


def ask(room: Room) -> None:
    with st.popover("Ask", icon=":material/ballot:", key=f"ask_{len(room.polls)}"):  # another once asked: it closes
        question = st.text_input("Question", QUESTION, max_chars=rules.LONGEST_QUESTION, key="question")
        answers = st.text_area("Answers, a line each", ANSWERS, key="answers", height=120)
        if st.button("Ask everybody", type="primary", key="ask"):
            _do(lambda: teach(room.code, me().mark, lambda now: rules.ask(now, question, answers.splitlines())))
        st.caption("Students see how the others answered once you close the question.")


def show_one(room: Room) -> None:
    """Opening it brings the page up to date: the wall knows of new runs, the page does not."""
    with st.popover("Spotlight", icon=":material/highlight:", on_change="rerun", key=f"spotlight_{room.spotlight}"):
        runs = {student.runs[-1]: student.name for student in room.students if student.runs}
        if room.spotlight:
            whose = room.whose(room.spotlight)
            st.markdown(f"All can watch **{plain(whose.name if whose else room.spotlight)}**.")
            st.page_link(navigation.LAB, label="Open it here", icon=":material/open_in_full:",
                         query_params={"run": room.spotlight, "lesson": "1"})  # fmt: skip
            if st.button("End the spotlight", key="end_spotlight"):
                _do(lambda: teach(room.code, me().mark, lambda now: rules.spotlight(now, None)))
        if not runs:
            st.caption("No run has started yet.")
            return
        chosen = st.selectbox("Whose run all may watch", list(runs), format_func=lambda run: runs.get(run, run))
        if st.button("Show to everybody", type="primary", key="spotlight"):
            _do(lambda: teach(room.code, me().mark, lambda now: rules.spotlight(now, chosen)))


def manage(room: Room) -> None:
    """Who may join, take it home, erase it."""
    with st.popover("Room", icon=":material/settings:", on_change="rerun", key="room_list"):

        def let_join() -> None:
            joinable = bool(st.session_state["joinable"])
            try_action(lambda: _teach(room, lambda now: rules.let_join(now, joinable)))

        st.toggle("Students may join", room.joinable, key="joinable", on_change=let_join)
        names = {student.mark: student.name for student in room.students}
        if names:
            gone = st.selectbox(
                "Take a student out", list(names), index=None, format_func=lambda mark: names.get(mark, "")
            )
            if gone and st.button(f"Take {plain(names[gone])} out", key="remove"):
                _do(lambda: teach(room.code, me().mark, lambda now: rules.remove(now, gone)))
        _recovery(room)
        supervised = supervisor()
        st.download_button("Take the room home (zip)", lambda: zipped(room, supervised.home, supervised.status),
                           f"classroom-{room.code}.zip", "application/zip", icon=":material/download:",
                           on_click="ignore", key="export")  # fmt: skip
        st.divider()
        runs = len(room.runs())
        sure = st.checkbox(f"Erase {len(names)} names, all answers and {runs} runs for good", key="sure")
        pressed = st.button("Erase the room", icon=":material/delete:", disabled=not sure, key="erase")
        if pressed and try_action(lambda: erase(room.code, me().mark)):
            st.query_params.clear()
            st.rerun()


def _recovery(room: Room) -> None:
    """A word with which another browser gets the controls: for a teacher whose browser forgets its cookies."""
    if st.button("Recovery word", icon=":material/key:", key="recovery",
                 help="Gives the controls of this room to another browser, once."):  # fmt: skip
        with show_errors():
            word = recovery_word(room.code, me().mark)
            st.code(word, language=None)
            st.caption("Write it down: it is shown once. One that was made before is void.")


def _teach(room: Room, change: Callable[[Room], Room]) -> None:
    teach(room.code, me().mark, change)


def _do(action: Callable[[], object]) -> None:
    """The whole page is brought up to date where it was done."""

    def act() -> None:
        action()

    if try_action(act):
        st.rerun()
