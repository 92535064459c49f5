"""The address at which others open a page, and what keeps them from it."""

from __future__ import annotations

from urllib.parse import urlsplit

import streamlit as st
from streamlit import config

from core.classroom.reach import Reach, reach


def reach_of_server() -> Reach:
    """Where other machines find this server, as far as it knows."""
    # unset, Streamlit listens everywhere
    listens = str(config.get_option("server.address") or "")
    return reach(listens, int(config.get_option("server.port")), st.context.url or "")


def page_for_others() -> str:
    """The address of the page that is shown, without its parameters, as other machines open it."""
    return f"{reach_of_server().origin}{urlsplit(st.context.url or '').path}"


def warn_alone() -> None:
    """Beside a link: that no other machine can open it, where the server listens on its own alone."""
    if problem := reach_of_server().problem:
        st.caption(f":material/wifi_off: {problem}")
