"""The teacher's view of a room: how students come in, the wall, and the controls. Nobody else's page calls this."""

from __future__ import annotations

import time

import streamlit as st

from core.classroom import rules
from core.classroom.room import Room, shown_code
from core.runs.limits import limits
from core.server.rooms import rooms, wall
from core.server.shared import supervisor
from core.server.teaching import hold_all, teach
from pages.classroom.address import go_to_room, qr_image, short, student_link
from pages.classroom.controls import ask, manage, send_settings, show_one
from pages.classroom.wall_view import poll_html, wall_html
from pages.shared.errors import show_errors, try_action
from pages.shared.headline import STATES
from pages.shared.markdown_escape import plain
from pages.shared.person import me
from pages.shared.repeating import repeating
from pages.shared.share_link import reach_of_server

LAB_PATH = "priority_lab"  # beside this page, whatever folder a proxy gives the program


def teacher(room: Room, large: bool) -> None:
    st.markdown(f"### {plain(room.title)}")
    with st.container(horizontal=True, gap="small", vertical_alignment="center"):
        _hold(room)
        send_settings(room)
        ask(room)
        show_one(room)
        if st.button("Normal size" if large else "For the projector", icon=":material/present_to_all:", key="large"):
            go_to_room(room.code, large=not large)
        manage(room)
    if room.held:
        st.warning("Everybody is paused; runs that start now wait as well.", icon=":material/pause_circle:")
    if large:
        left, right = st.columns([1, 4])
    else:
        left, right = st.columns([1, 3.8])
    with left:
        _way_in(room, large)
    with right:
        _live(room.code, large)


def _hold(room: Room) -> None:
    label, icon = ("Let all go on", ":material/play_arrow:") if room.held else ("Pause all", ":material/pause:")
    if st.button(label, icon=icon, type="primary", key="hold"):
        try_action(lambda: _say_held(room, hold_all(room.code, me().mark, not room.held)))
        st.rerun()


def _say_held(room: Room, count: int) -> None:
    st.toast(f"{count} run{'' if count == 1 else 's'} {'go on' if room.held else 'paused'}.")


def _way_in(room: Room, large: bool) -> None:
    """Link, code and QR code, with a warning where others cannot come here."""
    found = reach_of_server()
    link = student_link(found.origin, room.code)
    if found.problem:
        st.warning(found.problem, icon=":material/wifi_off:")
    st.html(
        f'<img src="{qr_image(link)}" alt="QR code of the link below" '
        'style="width: min(100%, 13rem); aspect-ratio: 1; display: block; border-radius: .5rem">'
    )
    st.code(link, language=None, wrap_lines=True)
    st.markdown("or open *Classroom* and type")
    st.markdown(f"### {shown_code(room.code)}" if large else f"**{shown_code(room.code)}**")
    if not room.joinable:
        st.caption("Nobody else can join now.")
    if found.others:
        with st.expander("The link does not open?"):
            st.markdown("This machine has other addresses; students' devices must be in the same network.")
            for origin in found.others:
                st.code(short(student_link(origin, room.code)), language=None, wrap_lines=True)


@repeating(1)
def _live(code: str, large: bool) -> None:
    """Poll and wall, once a second; one reading of the runs serves all who look."""
    with show_errors():
        room = rooms().room(code)
        tiles = wall().tiles(room)
        for tile in tiles:
            if tile.run_id:
                supervisor().watched(tile.run_id)
        _poll(room, large)
        states: list[str | None] = [tile.state for tile in tiles]
        counted = {word.lower(): states.count(state) for state, word in STATES.items()}
        said = ", ".join([f"**{len(tiles)} joined**", *(f"{count} {word}" for word, count in counted.items() if count)])
        st.markdown(f"#### {said}" if large else said)
        if not tiles:
            st.info("Nobody has joined yet. Show the QR code or the link.", icon=":material/group_add:")
        st.html(wall_html(tiles, room.spotlight, large, LAB_PATH))
        minutes = limits().unwatched_minutes
        ends = f" A run that nobody watches for {minutes} minutes is suspended." if minutes else ""
        st.caption(f"λ is the multiplier of the most important task, with its course above.{ends}")


def _poll(room: Room, large: bool) -> None:
    poll = room.poll()
    if poll is None or (not poll.open and time.time() - poll.asked > 3600):
        return
    with st.container(border=True, gap="small"):
        with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
            answered = f"{len(poll.votes)} of {len(room.students)} answered"
            st.markdown(f"#### {plain(poll.question)} :gray[{answered}]" if large
                        else f"**{plain(poll.question)}**  {answered}")  # fmt: skip
            if poll.open and st.button("Close, and show the answers", key="close_poll"):
                try_action(lambda: _close(room))
                st.rerun(scope="fragment")
        if not poll.open:  # before that it would lead those who have yet to say what they expect
            st.html(poll_html(poll, large))


def _close(room: Room) -> None:
    teach(room.code, me().mark, rules.close_poll)
