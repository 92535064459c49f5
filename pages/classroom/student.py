"""What a student sees of a room: what the teacher sent and asks, the own run, and the one that is shown to all."""

from __future__ import annotations

import streamlit as st

from core.classroom import rules
from core.classroom.room import Room
from core.server.rooms import rooms, wall
from pages import navigation
from pages.classroom.wall_view import poll_html, tile_html
from pages.shared.click import click_train
from pages.shared.errors import show_errors, try_action
from pages.shared.markdown_escape import plain
from pages.shared.person import me, owner_mark
from pages.shared.repeating import repeating
from pages.shared.room_news import heard, vote


def student(room: Room) -> None:
    st.markdown(f"### {plain(room.title)}")
    mine = room.student(me().mark)
    if mine is None:
        _join(room)
        return
    _live(room.code)
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption(f"You are {plain(mine.name)} here.", width="content")
        if st.button("Leave the room", type="tertiary", key="leave"):
            try_action(lambda: _change(room.code, lambda now: rules.leave(now, me().mark)))
            st.rerun()


def _join(room: Room) -> None:
    with st.container(border=True, width=520), st.form("nickname", border=False):
        name = st.text_input("Your nickname", max_chars=rules.LONGEST_NAME, placeholder="as the class will see it")
        if st.form_submit_button("Join", type="primary", icon=":material/login:"):
            mark = owner_mark()
            if try_action(lambda: _change(room.code, lambda now: rules.join(now, mark, name))):
                st.rerun()
        st.caption(
            "The nickname and the runs that you start after joining stand on the class's wall; the teacher may pause, "
            "show, keep and erase them. Other runs of yours stay yours."
        )


def _change(code: str, change: rules.Change) -> None:
    rooms().change(code, change)


@repeating(2)
def _live(code: str) -> None:
    with show_errors():
        room, mark = rooms().room(code), me().mark
        mine = room.student(mark)
        if mine is None:
            st.rerun()
            return
        heard(room)
        if room.held:
            st.info("The teacher has paused everybody's run.", icon=":material/pause_circle:")
        left, right = st.columns(2)
        with left, st.container(border=True):
            _task(room, mark)
        with right:
            _question(room, mark)
            _spotlight(room)


def _task(room: Room, mark: str) -> None:
    """The settings that were sent, and how the own run is."""
    if room.preset is None:
        st.markdown("**Your teacher has sent no settings yet.** They appear here.")
    else:
        st.markdown("**Your teacher has sent settings to train.**")
        if st.button("Train them", type="primary", icon=":material/play_arrow:", key=f"train_{room.preset.sent}"):
            click_train()
            st.switch_page(navigation.LAB, query_params=rules.preset_of(room, mark))
    tile = next((tile for tile in wall().tiles(room) if tile.mark == mark), None)
    if tile is not None and tile.run_id:
        st.html(tile_html(tile))
        if tile.note:
            st.caption(plain(tile.note))
        st.page_link(navigation.LAB, label="Open my run", icon=":material/open_in_full:",
                     query_params={"run": tile.run_id})  # fmt: skip


def _question(room: Room, mark: str) -> None:
    poll = room.poll()
    if poll is None:
        return
    with st.container(border=True):
        st.markdown(f"**{plain(poll.question)}**")
        chosen = poll.votes.get(mark)
        if not poll.open:
            st.html(poll_html(poll, mine=chosen))
            return
        for at, answer in enumerate(poll.answers):
            pressed = st.button(plain(answer), key=f"vote_{poll.asked}_{at}", width="stretch",
                                type="primary" if at == chosen else "secondary")  # fmt: skip
            if pressed:
                try_action(lambda at=at: vote(room.code, mark, at))  # type: ignore[misc]
                st.rerun(scope="fragment")
        said = "You may change your answer until the teacher closes the question." if chosen is not None else ""
        st.caption(said or "Choose one: what do you expect?")


def _spotlight(room: Room) -> None:
    whose = room.whose(room.spotlight) if room.spotlight else None
    if whose is None:
        return
    with st.container(border=True):
        st.markdown(f"**The class looks at {plain(whose.name)}'s run.**")
        st.page_link(navigation.LAB, label="Watch it", icon=":material/visibility:",
                     query_params={"run": room.spotlight or "", "lesson": "1"})  # fmt: skip
