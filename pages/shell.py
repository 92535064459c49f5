"""The frame of every page: the title, the width and the way from one page to another."""

from __future__ import annotations

import streamlit as st

from pages.parts.assets import FOLDER
from pages.parts.url import arrive

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
        st.Page("home.py", title="Home", icon=":material/home:", url_path="home", default=True),
        st.Page("priority_lab.py", title="Priority lab", icon=":material/stacked_line_chart:", url_path="priority_lab"),
        st.Page("what_if.py", title="What-if", icon=":material/balance:", url_path="what_if"),
        st.Page("conflict.py", title="Gradient conflict", icon=":material/explore:", url_path="conflict"),
        st.Page("relevance.py", title="Relevance", icon=":material/manage_search:", url_path="relevance"),
        st.Page("users.py", title="Users", icon=":material/group:", url_path="users"),
    ],
    position="top",
)
st.html(STYLE)
arrive(chosen.url_path)
chosen.run()
