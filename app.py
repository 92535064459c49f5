"""Precedence: `make run`, or `streamlit run app.py`. The pages are in pages/, everything else in core/."""

import streamlit as st

from core.server.application import lifespan, routes
from core.server.first_paint import middleware
from pages.navigation import PAGES

app = st.App(
    "pages/shell.py",
    lifespan=lifespan,
    routes=routes(),
    middleware=middleware([page.url_path for page in PAGES.values() if page.has_sidebar]),
)
