"""Precedence: `make run`, or `streamlit run app.py`. The pages are in pages/, everything else in core/."""

import streamlit as st

from core.server import access, first_paint
from core.server.application import lifespan, routes
from pages.navigation import PAGES

WITH_SIDEBAR = [page.url_path for page in PAGES.values() if page.has_sidebar]

app = st.App(
    "pages/shell.py",
    lifespan=lifespan,
    routes=routes(),
    middleware=[
        *access.middleware(),
        *first_paint.middleware(WITH_SIDEBAR),
    ],
)
