"""python -m core run, or `precedence run`: opens the app, as `make run` does."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

import core
from core.errors import PrecedenceError

APP = Path(core.__file__).resolve().parents[1] / "app.py"


def add(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--port", type=int, default=8501, help="where the app listens (default 8501)")
    parser.add_argument(
        "--host", default="localhost", help="the address it listens at: localhost (default) or, for a class, 0.0.0.0"
    )
    parser.add_argument("--base-path", default="", help="the path below which a proxy serves the app, such as /lab")
    parser.add_argument("--headless", action="store_true", help="open no browser on this machine")


def run(arguments: argparse.Namespace) -> dict[str, Any]:
    """Serves until it is interrupted; in this process, so that whoever stops it stops the server."""
    if not 1 <= arguments.port <= 65535:
        raise PrecedenceError(f"The port is {arguments.port}; expected a whole number from 1 to 65535.")
    from streamlit.web import cli

    cli.main(["run", str(APP), *options(arguments)], prog_name="streamlit")
    return {}


def options(arguments: argparse.Namespace) -> list[str]:
    """The same, in Streamlit's flags; .streamlit/config.toml beside app.py has the rest."""
    given = [f"--server.port={arguments.port}", f"--server.address={arguments.host}"]
    if arguments.base_path.strip("/"):
        given.append(f"--server.baseUrlPath={arguments.base_path.strip('/')}")
    if arguments.headless:
        given.append("--server.headless=true")
    return given
