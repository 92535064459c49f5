"""On every other page: a student in a room answers what the teacher asks, and is told what is sent, shown or paused."""

from __future__ import annotations

import time

import streamlit as st

from core.classroom import rules
from core.classroom.room import Room
from core.errors import PrecedenceError
from core.server.rooms import rooms
from pages.navigation import PAGES
from pages.shared.errors import try_action
from pages.shared.markdown_escape import plain
from pages.shared.person import me
from pages.shared.repeating import repeating

A_DAY = 24 * 3600  # seconds
_ROOM, _HEARD = "room_of_this_tab", "heard_of_the_room"


def heard(room: Room) -> None:
    """This tab is a student's of the room, and shows it as it is now: that is no news."""
    st.session_state[_ROOM] = room.code
    st.session_state[_HEARD] = _news(room)


def bell(page: str) -> None:
    """To be called after a page's script; shows passing notes, and a question until it is answered."""
    if _ROOM not in st.session_state:  # a tab that was opened, or loaded again, in the middle of the class
        st.session_state[_ROOM] = _room_of_today(me().mark)
    if page != PAGES["classroom"].url_path and st.session_state[_ROOM]:
        _listen(str(st.session_state[_ROOM]))


def _room_of_today(mark: str) -> str:
    """The code of the newest room in which somebody is a student; empty where there is none of this day."""
    recent = [room for room in rooms().joined_by(mark) if time.time() - room.created < A_DAY] if mark else []
    return max(recent, key=lambda room: room.created).code if recent else ""


@repeating(6)
def _listen(code: str) -> None:
    try:
        room = rooms().room(code)
    except PrecedenceError:  # the room was erased
        return
    news = _news(room)
    before = st.session_state.get(_HEARD, news)
    st.session_state[_HEARD] = news
    for about, (mark, words) in news.items():
        if words and mark != before[about][0]:
            st.toast(f"{words} Open *Classroom*.", icon=":material/school:")
    _question(room)


def _question(room: Room) -> None:
    """Above whatever the page shows, since a toast is gone before it is read."""
    poll, mark = room.poll(), me().mark
    if poll is None or not poll.open or mark in poll.votes or room.student(mark) is None:
        return
    with st.container(key="room_question", border=True, gap="small"):
        st.caption("Your teacher asks")
        st.markdown(f"**{plain(poll.question)}**")
        with st.container(horizontal=True, gap="small"):
            for at, answer in enumerate(poll.answers):
                if st.button(plain(answer), key=f"answer_{poll.asked}_{at}"):
                    try_action(lambda at=at: vote(room.code, mark, at))  # type: ignore[misc]
                    st.rerun(scope="fragment")


def vote(code: str, mark: str, answer: int) -> None:
    """A student's answer to the open question; refused where there is none."""
    rooms().change(code, lambda now: rules.vote(now, mark, answer))


def _news(room: Room) -> dict[str, tuple[object, str]]:
    """Subject → what changes when there is something new, and the sentence about it; empty where there is none."""
    poll, preset = room.poll(), room.preset
    shows = poll is not None and not poll.open
    return {
        "poll": (poll.asked if poll and shows else None, "Your teacher shows the answers." if shows else ""),
        "preset": (preset.sent if preset else None, "Your teacher has sent settings." if preset else ""),
        "spotlight": (room.spotlight, "The class looks at one run." if room.spotlight else ""),
        "held": (room.held, "The teacher has paused everybody's run." if room.held else ""),
    }
