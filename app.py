"""Precedence: `make run`, or `streamlit run app.py`. The pages are in pages/, everything else in core/."""

import streamlit as st

from core.server.application import lifespan, routes

app = st.App("pages/shell.py", lifespan=lifespan, routes=routes())
