"""The frame of every page: the title, the width and the way from one page to another."""

from __future__ import annotations

import streamlit as st

from core.server.assets import FOLDER
from core.server.first_paint import SIDEBAR_PIXELS
from core.server.rights import may
from pages.navigation import HOME, PAGES, page_file
from pages.shared.person import me, refuse_too_many_tabs, signs_in
from pages.shared.repeating import keep_pace
from pages.shared.room_news import bell
from pages.shared.url import arrive

st.set_page_config(
    page_title="Precedence", page_icon=str(FOLDER / "favicon.svg"), layout="wide", initial_sidebar_state=SIDEBAR_PIXELS
)
keep_pace()
person = me()
refuse_too_many_tabs(person)
chosen = st.navigation(
    [
        st.Page(
            page_file(folder),
            title=page.title,
            icon=page.icon,
            url_path=page.url_path,
            default=page_file(folder) == HOME,
        )
        for folder, page in PAGES.items()
        if may(person, page.right)
    ],
    position="top",
)
if signs_in() and not st.user.is_logged_in and st.button("Sign in", icon=":material/login:", key="sign_in"):
    st.login()
arrive(chosen.url_path)
chosen.run()
bell(chosen.url_path)
