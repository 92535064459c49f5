"""The frame of every page: the title, the width and the way from one page to another."""

from __future__ import annotations

import streamlit as st

from core.server.assets import FOLDER
from pages.navigation import HOME, PAGES
from pages.shared.url import arrive

STYLE = """<style>
[data-testid="stMainBlockContainer"] { padding: 3.6rem 1.5rem 1.5rem; }
[data-testid="stSidebarUserContent"] { padding-bottom: 1.5rem; }
[data-testid="stSidebarHeader"] { height: 2.6rem; margin-bottom: 0; padding-bottom: 0; }
.stApp button[kind^="primary"]:not(:disabled) { color: light-dark(#FFFFFF, #14171B); }
</style>"""

st.set_page_config(
    page_title="Precedence", page_icon=str(FOLDER / "favicon.svg"), layout="wide", initial_sidebar_state=330
)
chosen = st.navigation(
    [
        st.Page(page.file, title=page.title, icon=page.icon, url_path=page.url_path, default=page is HOME)
        for page in PAGES
    ],
    position="top",
)
st.html(STYLE)
arrive(chosen.url_path)
chosen.run()
