"""python -m core run, or `precedence run`: opens the app, as `make run` does."""

from __future__ import annotations

from typing import Any

import click

from core.commands.options import Command
from core.home import PROGRAM

APP = PROGRAM / "app.py"


@click.command(cls=Command)
@click.option("--port", type=click.IntRange(1, 65535), default=8501, help="Where the app listens.")
@click.option("--host", default="localhost", help="The address it listens at: localhost or, for a class, 0.0.0.0.")
@click.option("--base-path", default="", help="The path below which a proxy serves the app, such as /lab.")
@click.option("--headless", is_flag=True, help="Open no browser on this machine.")
def run(port: int, host: str, base_path: str, headless: bool) -> dict[str, Any]:
    """Open the app in the browser, and serve it until it is interrupted."""
    from streamlit.web import cli

    # in this process, so that whoever stops it stops the server; .streamlit/config.toml beside app.py has the rest
    given = [f"--server.port={port}", f"--server.address={host}"]
    if base_path.strip("/"):
        given.append(f"--server.baseUrlPath={base_path.strip('/')}")
    if headless:
        given.append("--server.headless=true")
    cli.main(["run", str(APP), *given], prog_name="streamlit", standalone_mode=False)
    return {}
