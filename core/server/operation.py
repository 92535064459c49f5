"""What a person who runs the server asks of it: is it well, how busy is it, and who may administer it.

`/healthz` for a watchdog, `/metrics` for Prometheus: figures alone, nothing of anybody's. `/sign_in` takes the one-time
code of the console out of the address' fragment, which no server or log sees, and makes this browser an admin.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import time
from collections import Counter
from typing import Any

import psutil
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, PlainTextResponse, Response
from starlette.routing import BaseRoute, Route

from core import __version__
from core.runs.folder.run_folder import RunFolder, run_ids
from core.runs.workers.registry import worker_folders
from core.server import shared
from core.server.access import same_origin
from core.server.addresses import under_base
from core.server.people import COOKIE, accept_admin, person_of_cookie

LEAST_DISK = 200  # megabytes free; below that the server says that it is not well
KEPT_FOR = 5.0  # seconds that figures are told again before they are taken anew
LONGEST_CODE = 200
LOOPBACK = {"127.0.0.1", "::1", "localhost"}
FORWARDED = {"forwarded", "via", "x-forwarded-for", "x-forwarded-host", "x-forwarded-proto", "x-real-ip"}
"""Headers by which a proxy tells that it is one."""
_began = time.monotonic()
_taken: dict[str, tuple[float, Any]] = {}


def routes() -> list[BaseRoute]:
    return [
        Route(under_base("/healthz"), healthz),
        Route(under_base("/metrics"), metrics),
        Route(under_base("/sign_in"), sign_in_page),
        Route(under_base("/api/sign_in"), sign_in, methods=["POST"]),
    ]


async def healthz(request: Request) -> Response:
    """200 where everything that runs need is there, else 503. Whoever runs the server is told what is not; anybody else
    what a load balancer asks for, and neither version nor process."""
    found = await asyncio.to_thread(_kept, "health", health)
    told = found if _is_operator(request) else {"status": found["status"]}
    return JSONResponse(
        told, status_code=200 if found["status"] == "ok" else 503, headers={"Cache-Control": "no-store"}
    )


def _is_operator(request: Request) -> bool:
    """An admin's browser, or a program on this machine that asks the server itself and not by a proxy."""
    if person_of_cookie(request.cookies).role == "admin":
        return True
    ends = {request.client.host if request.client else "", request.url.hostname or ""}
    return ends <= LOOPBACK and FORWARDED.isdisjoint(request.headers.keys())


async def metrics(request: Request) -> Response:
    """The text format of Prometheus."""
    text = await asyncio.to_thread(_kept, "metrics", _metrics_text)
    return PlainTextResponse(text, media_type="text/plain; version=0.0.4")


def _kept(name: str, take: Any) -> Any:
    now = time.monotonic()
    at, found = _taken.get(name, (-KEPT_FOR, None))
    if now - at >= KEPT_FOR:
        found = take()
        _taken[name] = now, found
    return found


def health() -> dict[str, Any]:
    """Server, workers, queue and disk, each with what is wrong there."""
    supervisor = shared.supervisor()
    statuses = [status for folder in worker_folders(supervisor.home) if (status := folder.status()) is not None]
    alive = [status for status in statuses if status.alive()]
    waiting = supervisor.waiting()
    free = shutil.disk_usage(supervisor.home).free >> 20
    problems = []
    if not alive:
        problems.append("no worker is alive")
    if free < LEAST_DISK:
        problems.append(f"{free} MB are free where runs are kept")
    if supervisor.trouble():
        problems.append("the home cannot be written, or workers do not start")
    return {
        "status": "ok" if not problems else "unwell",
        "problems": problems,
        "server": {"version": __version__, "pid": os.getpid(), "seconds": round(time.monotonic() - _began)},
        "workers": {
            "alive": len(alive),
            "silent": len(statuses) - len(alive),
            "ready": sum(status.ready for status in alive),
            "most": supervisor.pool.most,
            "runs": sum(status.runs for status in alive),
        },
        "queue": {"waiting": len(waiting)},
        "disk": {"free_mb": free},
    }


def _metrics_text() -> str:
    found, states = health(), Counter[str]()
    home = shared.supervisor().home
    for run_id in run_ids(home):
        try:
            states[RunFolder(home, run_id).status().state] += 1
        except Exception:  # damaged, or deleted meanwhile
            states["unreadable"] += 1
    rows = [
        ("up", "gauge", "1 where the server is well.", {"": float(found["status"] == "ok")}),
        ("uptime_seconds", "counter", "Since the server began.", {"": found["server"]["seconds"]}),
        ("memory_bytes", "gauge", "Resident memory of the server.", {"": psutil.Process().memory_info().rss}),
        ("workers", "gauge", "Worker processes.", {
            f'{{state="{name}"}}': found["workers"][name] for name in ("alive", "silent", "ready")
        }),
        ("runs_training", "gauge", "Runs that workers hold.", {"": found["workers"]["runs"]}),
        ("queue_length", "gauge", "Runs that wait.", {"": found["queue"]["waiting"]}),
        ("runs", "gauge", "Runs by state.", {f'{{state="{name}"}}': count for name, count in sorted(states.items())}),
        ("viewers", "gauge", "Open live pictures.", {"": shared.viewers()}),
        ("disk_free_bytes", "gauge", "Free where runs are kept.", {"": found["disk"]["free_mb"] << 20}),
    ]  # fmt: skip
    lines = []
    for name, kind, said, samples in rows:
        lines += [f"# HELP precedence_{name} {said}", f"# TYPE precedence_{name} {kind}"]
        lines += [f"precedence_{name}{label} {value:g}" for label, value in samples.items()]
    return "\n".join(lines) + "\n"


_PAGE = """<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Precedence</title></head>
<body><p id="said">Signing in as the admin …</p><script>
const code = location.hash.slice(1); history.replaceState(null, '', location.pathname)
fetch('__POST__', { method: 'POST', body: code }).then(async answer => {
  if (answer.ok) location.replace('__HOME__')
  else document.getElementById('said').textContent = await answer.text()
})
</script></body></html>"""


async def sign_in_page(request: Request) -> Response:
    """Sends the fragment of its own address to `/api/sign_in`."""
    page = _PAGE.replace("__POST__", under_base("/api/sign_in")).replace("__HOME__", under_base("/"))
    return HTMLResponse(page)


async def sign_in(request: Request) -> Response:
    """Makes this browser an admin where the code is the console's and nobody has used it."""
    if not same_origin(request.headers):
        return PlainTextResponse("Another site asked.", status_code=403)
    code = (await request.body())[:LONGEST_CODE].decode("ascii", "replace")
    if not code or not accept_admin(code, request.cookies.get(COOKIE, "")):
        return PlainTextResponse(
            "This address was used already, or is not this server's; start the server again for another.",
            status_code=403,
        )
    return PlainTextResponse("ok")
