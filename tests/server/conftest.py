"""A real server process over a home in a temporary folder; its workers run the trainer double."""

from __future__ import annotations

import os
import subprocess
import sys
import tomllib
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from core.runs.folder.run_folder import RunFolder
from core.runs.workers.registry import Queue
from tests.conftest import MOST_SECONDS, free_port
from tests.runs.support import DOUBLE, end_workers, wait_until

ROOT = Path(__file__).parents[2]
OURS = tomllib.loads((ROOT / ".streamlit" / "config.toml").read_text(encoding="utf-8"))
APP = """
import streamlit as st
from core.runs.workers import pool
from core.server import access
from core.server.application import lifespan, routes
pool.WORKER = {worker!r}
app = st.App("shell.py", lifespan=lifespan, routes=routes(), middleware=access.middleware())
"""
SHELL = """
import sys
import streamlit as st
st.write("torch" in sys.modules)
"""


@dataclass
class Server:
    home: Path
    folder: Path
    port: int
    process: subprocess.Popen | None = None
    options: tuple[str, ...] = ()  # further ones of Streamlit
    environment: dict[str, str] = field(default_factory=dict)
    path: str = ""  # below which it answers

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self.port}"

    def start(self) -> None:
        environment = {**os.environ, "PRECEDENCE_HOME": str(self.home), "PYTHONPATH": str(ROOT), **self.environment}
        options = [f"--server.port={self.port}", "--server.headless=true", "--server.address=127.0.0.1", *self.options]
        options.append(f"--server.maxMessageSize={OURS['server']['maxMessageSize']}")
        with (self.folder / "server.log").open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "streamlit", "run", "app.py", *options],
                cwd=self.folder,
                env=environment,
                stdout=log,
                stderr=log,
            )
        wait_until(self.answers)

    def answers(self) -> bool:
        assert self.process.poll() is None, (self.folder / "server.log").read_text()
        try:
            return urllib.request.urlopen(f"http://{self.address}{self.path}/_stcore/health", timeout=5).status == 200
        except (urllib.error.URLError, OSError):
            return False

    def submit(self, config) -> RunFolder:
        """As another process would: through the files."""
        folder = RunFolder.create(self.home, config)
        Queue(self.home).put(folder.run_id)
        return folder


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    yield from serve(tmp_path_factory.mktemp("server"))


def serve(folder: Path, shell: str = SHELL, **more) -> Iterator[Server]:
    """A server over a home in the folder, until the test is over; `more` are fields of Server."""
    (folder / "app.py").write_text(APP.format(worker=(sys.executable, str(DOUBLE))))
    (folder / "shell.py").write_text(shell)
    server = Server(folder / "home", folder, **{"port": free_port(), **more})
    server.start()
    yield server
    server.process.terminate()
    server.process.wait(MOST_SECONDS)
    end_workers(server.home)
