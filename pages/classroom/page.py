"""Classroom: whoever opened the room finds the teacher's view, everybody else the students'."""

from __future__ import annotations

import streamlit as st

from core.classroom import rules
from core.classroom.room import read_code, shown_code
from core.errors import PrecedenceError
from core.server.rooms import rooms
from pages.classroom.address import LARGE, ROOM, VIEW, go_to_room
from pages.classroom.student import student
from pages.classroom.teacher import teacher
from pages.shared.errors import show_errors, try_action, warn_missing
from pages.shared.markdown_escape import plain
from pages.shared.person import me, owner_mark


def page() -> None:
    asked = st.query_params.get(ROOM, "")
    if not asked:
        _entrance()
        return
    try:
        room = rooms().room(read_code(asked))
    except PrecedenceError as error:
        warn_missing(error)
        _entrance()
        return
    if room.taught_by(me().mark):
        teacher(room, large=st.query_params.get(VIEW) == LARGE)
    else:
        student(room)


def _entrance() -> None:
    """Open a room, come back to one, or join one by its code."""
    st.title("Classroom", anchor=False)
    left, right = st.columns(2)
    with left, st.container(border=True, height="stretch"):
        st.subheader("For teachers: open a room", anchor=False)
        st.markdown(
            "Students join by a link or a QR code and a nickname. You see all their runs on one wall, send them "
            "settings, ask for predictions, pause everybody and show one run to all."
        )
        with st.form("open_room", border=False):
            title = st.text_input("Name of the room", "My class", max_chars=60)
            if st.form_submit_button("Open a room", type="primary", icon=":material/school:"):
                try_action(lambda: go_to_room(rooms().open(title, owner_mark()).code))
        st.caption("This browser then holds the controls; a student's link never does.")
        _mine()
        _recover()
    with right, st.container(border=True, height="stretch"):
        st.subheader("For students: join a room", anchor=False)
        with st.form("join_room", border=False):
            code = st.text_input("Code, as the teacher shows it", max_chars=40, placeholder="k7mp2-xq9rt")
            if st.form_submit_button("Go to the room", icon=":material/login:"):
                try_action(lambda: go_to_room(rooms().room(read_code(code)).code))
        for room in rooms().joined_by(me().mark):
            if st.button(f"Back to {plain(room.title)}", key=f"back_{room.code}", icon=":material/arrow_forward:"):
                go_to_room(room.code)


def _recover() -> None:
    """For a teacher whose browser has forgotten who he is."""
    with st.expander("Your room is not listed?"), st.form("recover_room", border=False):
        code = st.text_input("Code of the room", max_chars=40)
        word = st.text_input("Recovery word", max_chars=40, help="From the room's own menu, as written down.")
        if st.form_submit_button("Take the room over", icon=":material/key:"):
            mark = owner_mark()

            def take() -> None:
                go_to_room(rooms().change(read_code(code), lambda now: rules.recover(now, mark, word)).code)

            try_action(take)


def _mine() -> None:
    found, problems = rooms().taught_by(me().mark)
    if found:
        st.markdown("**Your rooms**")
    for room in found:
        label = f"{plain(room.title)} ({shown_code(room.code)}), {len(room.students)} joined"
        if st.button(label, key=f"mine_{room.code}", icon=":material/meeting_room:"):
            go_to_room(room.code)
    for problem in problems:
        warn_missing(problem)


with show_errors():
    page()
