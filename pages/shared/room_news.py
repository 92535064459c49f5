"""On every other page: a student in a room is told in passing when the teacher asks, sends, shows or pauses."""

from __future__ import annotations

import streamlit as st

from core.classroom.room import Room
from core.errors import PrecedenceError
from core.server.rooms import rooms
from pages.navigation import PAGES
from pages.shared.repeating import repeating

_ROOM, _HEARD = "room_of_this_tab", "heard_of_the_room"


def listen_from_now(code: str) -> None:
    """This tab is a student's of the room; what stands there now is no news."""
    st.session_state[_ROOM] = code
    st.session_state.pop(_HEARD, None)


def bell(page: str) -> None:
    """To be called after a page's script; shows nothing but passing notes."""
    if page != PAGES["classroom"].url_path and st.session_state.get(_ROOM):
        _listen(str(st.session_state[_ROOM]))


@repeating(6)
def _listen(code: str) -> None:
    try:
        news = _news(rooms().room(code))
    except PrecedenceError:  # the room was erased
        return
    before = st.session_state.get(_HEARD, news)
    st.session_state[_HEARD] = news
    for about, (mark, words) in news.items():
        if words and mark != before[about][0]:
            st.toast(f"{words} Open *Classroom*.", icon=":material/school:")


def _news(room: Room) -> dict[str, tuple[object, str]]:
    """Subject → what changes when there is something new, and the sentence about it; empty where there is none."""
    poll, preset = room.poll(), room.preset
    asks = poll is not None and poll.open
    return {
        "poll": (poll.asked if poll and asks else None, "Your teacher asks a question." if asks else ""),
        "preset": (preset.sent if preset else None, "Your teacher has sent settings." if preset else ""),
        "spotlight": (room.spotlight, "The class looks at one run." if room.spotlight else ""),
        "held": (room.held, "The teacher has paused everybody's run." if room.held else ""),
    }
