"""The route of the front end: the ES modules of `assets/`, under one address that changes when any of them does.

`/assets/HASH/live/charts.js`: the hash is that of all files together, so what a module imports by a relative path lies
under the same hash, and a browser may keep every file for ever.
"""

from __future__ import annotations

import functools
import gzip
import hashlib
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import BaseRoute, Route

from core.home import PROGRAM
from core.server.addresses import under_base

FOLDER = PROGRAM / "assets"
A_YEAR = "public, max-age=31536000, immutable"
MEDIA_TYPES = {".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml", ".json": "application/json"}
OF_TOOLS = "package.json"
TESTS = ".test.js"
HASH_DIGITS = 16


@dataclass(frozen=True)
class _File:
    media_type: str
    plain: bytes
    packed: bytes  # compressed once, not for every browser of a class


def routes() -> list[BaseRoute]:
    return [Route(under_base("/assets/{version}/{path:path}"), _served)]


def asset_address(path: str) -> str:
    """Where a browser finds the file `path` of `assets/`, from the root of this host."""
    return under_base(f"/assets/{_version()}/{path}")


def asset_text(*paths: str) -> str:
    """The text of the named files of `assets/`, one after the other."""
    return "\n".join(_files()[path].plain.decode() for path in paths)


async def _served(request: Request) -> Response:
    """A file as it was when the server started. Only what was found then is served, so no path leads out of it."""
    file = _files().get(request.path_params["path"])
    if file is None or request.path_params["version"] != _version():
        return PlainTextResponse("There is no such file; reload the page.", status_code=404)
    headers = {"Cache-Control": A_YEAR, "X-Content-Type-Options": "nosniff", "Vary": "Accept-Encoding"}
    if "gzip" in request.headers.get("accept-encoding", ""):
        return Response(file.packed, media_type=file.media_type, headers={**headers, "Content-Encoding": "gzip"})
    return Response(file.plain, media_type=file.media_type, headers=headers)


@functools.cache
def _files() -> dict[str, _File]:
    """Every file that a browser may ask for, by its path; the tests beside the modules are not among them."""
    found = {}
    for path in sorted(FOLDER.rglob("*")):
        if path.suffix in MEDIA_TYPES and not path.name.endswith(TESTS) and path.name != OF_TOOLS:
            plain = path.read_bytes()
            name = path.relative_to(FOLDER).as_posix()
            found[name] = _File(MEDIA_TYPES[path.suffix], plain, gzip.compress(plain, mtime=0))
    return found


@functools.cache
def _version() -> str:
    digest = hashlib.sha256()
    for name, file in _files().items():
        digest.update(f"{name}\0{len(file.plain)}\0".encode() + file.plain)
    return digest.hexdigest()[:HASH_DIGITS]
