"""The frame of every page: the title, the width and the way from one page to another."""

from __future__ import annotations

import streamlit as st

from core.server.assets import FOLDER
from core.server.first_paint import SIDEBAR_PIXELS
from pages.navigation import HOME, PAGES, page_file
from pages.shared.url import arrive

st.set_page_config(
    page_title="Precedence", page_icon=str(FOLDER / "favicon.svg"), layout="wide", initial_sidebar_state=SIDEBAR_PIXELS
)
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
    ],
    position="top",
)
arrive(chosen.url_path)
chosen.run()
