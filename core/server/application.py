"""The application's start and end, and its routes: `app.py` hands both to Streamlit.

No torch here: training lives in worker processes, so a class's pages never wait for a step.
"""

from __future__ import annotations

import asyncio
import contextlib
import gc
import importlib
import logging
import socket
import webbrowser
from collections.abc import AsyncIterator

from streamlit import config
from streamlit.starlette import App

from core.errors import PrecedenceError
from core.server import shared
from core.server.live import routes

__all__ = ["lifespan", "routes"]

_log = logging.getLogger(__name__)

HEAVY = ("pandas", "pyarrow", "duckdb", "altair", "plotly.graph_objects")
"""What the pages import at their first run; imported before it, so that the first visitor does not wait."""


@contextlib.asynccontextmanager
async def lifespan(app: App) -> AsyncIterator[None]:
    """Starts the workers, imports what is heavy, then takes everything so far out of garbage collection's sight.

    Streamlit collects after every rerun; without the freeze each costs about 0.1 s, which 30 browsers at one rerun a
    second cannot afford.
    """
    await asyncio.to_thread(shared.supervisor)  # first: the workers warm up while the rest is imported
    for name in HEAVY:
        with contextlib.suppress(ImportError):
            importlib.import_module(name)
    try:
        await asyncio.to_thread(shared.library)
    except PrecedenceError as error:  # training needs no library; the pages that do say the same sentence
        _log.error("%s", error)
    gc.collect()
    gc.freeze()
    opening = (
        asyncio.create_task(asyncio.to_thread(_open_browser)) if not config.get_option("server.headless") else None
    )
    try:
        yield
    finally:
        if opening is not None:
            opening.cancel()
        await shared.close()


def _open_browser() -> None:
    """Opens the first page once the port answers: Streamlit itself does not for an `st.App`."""
    address, port = config.get_option("server.address") or "localhost", int(config.get_option("server.port"))
    shown = "localhost" if address in ("0.0.0.0", "::") else address
    with contextlib.suppress(OSError):
        socket.create_connection((shown, port), timeout=10).close()
        webbrowser.open(f"http://{shown}:{port}")
