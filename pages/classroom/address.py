"""The address of a room, and what its link and its QR code are."""

from __future__ import annotations

from urllib.parse import urlsplit

import segno
import streamlit as st

from core.server.addresses import under_base
from pages.classroom import PAGE

ROOM, VIEW, LARGE = "room", "view", "large"


def go_to_room(code: str, large: bool = False) -> None:
    """Shows a room of this page."""
    st.query_params.from_dict({ROOM: code, **({VIEW: LARGE} if large else {})})
    st.rerun()


def student_link(origin: str, code: str) -> str:
    """The address that students open; it says which room, and nothing that opens more."""
    return f"{origin}{under_base('/' + PAGE.url_path)}?{ROOM}={code}"


def short(link: str) -> str:
    """Without http://, as one reads it from a wall."""
    parts = urlsplit(link)
    return f"{parts.netloc}{parts.path}?{parts.query}" if parts.scheme == "http" else link


def qr_image(link: str) -> str:
    """The QR code as an address of an image, dark on white in either theme, with the margin that scanners need."""
    return str(segno.make(link, error="m", micro=False).svg_data_uri(scale=5, border=3, dark="#000", light="#fff"))
