"""Where a browser finds what lies beside the pages, also behind a proxy that gives the program a folder of its own."""

from __future__ import annotations

from streamlit import config

GEOMETRY = "/api/geometry"


def under_base(path: str) -> str:
    """`path` (from the root, e.g. /api/geometry) below Streamlit's `server.baseUrlPath`."""
    base = str(config.get_option("server.baseUrlPath") or "").strip("/")
    return f"/{base}{path}" if base else path
