"""The application's start and end, and its routes: `app.py` hands both to Streamlit.

No torch here: training lives in worker processes, so a class's pages never wait for a step.
"""

from __future__ import annotations

import asyncio
import contextlib
import ctypes
import gc
import importlib
import importlib.util
import socket
import sys
import webbrowser
from collections.abc import AsyncIterator

from starlette.routing import BaseRoute
from streamlit import config
from streamlit.logger import get_logger
from streamlit.runtime.secrets import secrets_singleton
from streamlit.starlette import App

from core.charts.palette import OKABE_ITO
from core.errors import PrecedenceError
from core.home import home
from core.logs import wants_json, write_json_where_wanted
from core.runs.limits import limits
from core.runs.workers.pool import wanted_workers
from core.server import assets, example, geometry, live, operation, shared
from core.server.addresses import under_base
from core.server.people import invite_admin, roles_of_accounts
from core.server.quota import Keeper
from core.temporary import remove_left_over

__all__ = ["lifespan", "routes"]

_log = get_logger(__name__)  # Streamlit's, which a person at the console sees

HEAVY = ("pandas", "pyarrow", "duckdb")
"""What the pages import at their first run; imported before it, so that the first visitor does not wait."""
COLLECT_EVERY = 30.0  # seconds: everybody waits for a collection, a tenth of a second where a class has its runs open


def routes() -> list[BaseRoute]:
    """The application's own routes. What the environment says is checked here, at import, where one sentence can
    still end the program; later it would come with a traceback."""
    try:
        home()
        wanted_workers()
        limits()
        wants_json()
        roles_of_accounts()
        _check_sign_in()
    except PrecedenceError as error:
        raise SystemExit(str(error)) from None
    config.set_option("theme.chartCategoricalColors", list(OKABE_ITO))
    return [*live.routes(), *example.routes(), *geometry.routes(), *assets.routes(), *operation.routes()]


def _check_sign_in() -> None:
    """Refuses to start where people are to sign in and what it takes is not installed."""
    asked = secrets_singleton.load_if_toml_exists() and secrets_singleton.get("auth")
    if asked and not all(map(importlib.util.find_spec, ("authlib", "httpx"))):
        raise PrecedenceError(
            "secrets.toml names a provider to sign in with, but authlib and httpx are not installed; install them "
            "(pip install -r requirements-oidc.txt) or remove its [auth]."
        )


@contextlib.asynccontextmanager
async def lifespan(app: App) -> AsyncIterator[None]:
    """Starts the workers, imports what is heavy, then takes everything so far out of garbage collection's sight."""
    write_json_where_wanted()
    if gone := await asyncio.to_thread(remove_left_over):
        _log.info("%d temporary folders of processes that were killed are removed", gone)
    await asyncio.to_thread(shared.supervisor)  # first: the workers warm up while the rest is imported
    for name in HEAVY:
        with contextlib.suppress(ImportError):
            importlib.import_module(name)
    await asyncio.to_thread(shared.sweeps)
    keeper = Keeper(home())
    keeper.start()
    try:
        await asyncio.to_thread(shared.library)
    except PrecedenceError as error:  # training needs no library; the pages that do say the same sentence
        _log.error("%s", error)
    gc.collect()
    gc.freeze()
    host, port = _address()
    _log.info("Precedence is at http://%s:%d%s", host, port, under_base("/"))
    code = invite_admin()
    _log.info("Once, to administer it: http://%s:%d%s#%s", host, port, under_base("/sign_in"), code)
    if not config.get_option("server.headless"):
        opening = asyncio.create_task(asyncio.to_thread(_open_browser, host, port, code))
    else:
        opening = None
    collecting = asyncio.create_task(_collect())
    try:
        yield
    finally:
        collecting.cancel()
        if opening is not None:
            opening.cancel()
        keeper.close()
        await shared.close()
        gc.unfreeze()  # else what is frozen counts as leaked when the interpreter ends


async def _collect() -> None:
    """Lets go of what only refers to itself. Streamlit would do it after every rerun, a class's fragments included,
    which took six sevenths of the server's time (docs/decisions/0017): `runner.postScriptGC` is off."""
    while True:
        await asyncio.sleep(COLLECT_EVERY)
        gc.collect()
        await asyncio.to_thread(_give_back)


def _give_back() -> None:
    """Hands memory that is free again back to the system, where the C library can (glibc): else a server only grows."""
    if sys.platform == "linux" and (trim := getattr(ctypes.CDLL(None), "malloc_trim", None)):
        trim(0)


def _address() -> tuple[str, int]:
    """Host and port as a browser on this machine reaches them."""
    host = config.get_option("server.address") or "localhost"
    return "localhost" if host in ("0.0.0.0", "::") else host, int(config.get_option("server.port"))


def _open_browser(host: str, port: int, code: str) -> None:
    """Opens the first page once the port answers, as the admin: Streamlit itself does not for an `st.App`."""
    with contextlib.suppress(OSError):
        socket.create_connection((host, port), timeout=10).close()
        webbrowser.open(f"http://{host}:{port}{under_base('/sign_in')}#{code}")
