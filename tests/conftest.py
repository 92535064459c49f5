"""What several tests share: a real server with its own home folder, and a browser that looks at it."""

from __future__ import annotations

import contextlib
import importlib.util
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING

import psutil
import pytest
from hypothesis import settings

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, Page

ROOT = Path(__file__).resolve().parents[1]
LAST_SECONDS = 10
"""What a process that was told to end may take for it."""
MOST_SECONDS = 180
"""How long a test waits for what must come: no measure of speed, but the end of all hope on the slowest machine."""
SWITCHES = ["--no-sandbox", "--disable-gpu", "--js-flags=--no-enable-lazy-source-positions"]
"""The last: a browser with a debugger attached, as here, parses plotly.js twice (0.5 s); nobody else's does."""

# what a test makes outside its own folder stays beside the code, never among the user's own runs
os.environ.setdefault("PRECEDENCE_HOME", str(ROOT / ".precedence"))
settings.load_profile(
    "ci"
)  # the same inputs each time, and no clock: a test fails by what the program does, not by chance


def _browser_module() -> ModuleType:
    spec = importlib.util.spec_from_file_location("find_browser", ROOT / "tests" / "browser.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


@dataclass
class App:
    """The real application as `make run` starts it, in a process of its own, with an empty home folder."""

    home: Path
    command: tuple[str, ...] = (sys.executable, "-m", "core", "run")
    folder: Path = ROOT  # where it is started
    port: int = field(default_factory=free_port)
    process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"http://localhost:{self.port}"

    def start(self) -> None:
        log = (self.home.parent / "server.log").open("ab")
        self.process = subprocess.Popen(
            [*self.command, "--port", str(self.port), "--headless"],
            cwd=self.folder,
            env={**os.environ, "PRECEDENCE_HOME": str(self.home)},
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
        deadline = time.monotonic() + MOST_SECONDS
        while time.monotonic() < deadline:
            assert self.process.poll() is None, f"the server ended: {self.log()}"
            try:
                urllib.request.urlopen(f"{self.url}/_stcore/health", timeout=2).close()
                return
            except (urllib.error.URLError, OSError):
                time.sleep(0.3)
        raise TimeoutError(f"the server did not answer in {MOST_SECONDS} s: {self.log()}")

    def log(self) -> str:
        return (self.home.parent / "server.log").read_text(errors="replace")[-3000:]

    def kill(self) -> None:
        """As a power cut would: no time to say good-bye."""
        assert self.process is not None
        self.process.send_signal(signal.SIGKILL)
        self.process.wait(timeout=MOST_SECONDS)

    def stop(self) -> None:
        """Ends the server and whatever it leaves at work: workers go on when a server ends."""
        if self.process is not None and self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(timeout=20)
            except subprocess.TimeoutExpired:
                self.kill()
        end_all(processes_of(self.home))

    def wait_for_worker(self) -> None:
        """Until a worker process of this home is there and ready."""
        deadline = time.monotonic() + MOST_SECONDS
        while not any((self.home / "workers").glob("*/status.json")):
            assert time.monotonic() < deadline, f"no worker came in {MOST_SECONDS} s: {self.log()}"
            time.sleep(0.3)

    def workers(self) -> list[psutil.Process]:
        """The living worker processes of this home."""
        found = []
        for process in psutil.process_iter(["cmdline"]):
            command = process.info["cmdline"] or []
            if "core.runs.workers.worker" in command and str(self.home.resolve()) in command:
                found.append(process)
        return found


def processes_of(folder: Path) -> list[psutil.Process]:
    """Living processes whose home or whose command line lies in `folder`, this one and its parents left out."""
    own = {os.getpid(), *(parent.pid for parent in psutil.Process().parents())}
    place, found = str(folder.resolve()), []
    for process in psutil.process_iter():
        try:
            told = [process.environ().get("PRECEDENCE_HOME", ""), *process.cmdline()]
        except psutil.Error:  # it ended meanwhile, or is another user's
            continue
        if process.pid not in own and any(place in text for text in told):
            found.append(process)
    return found


def end_all(processes: list[psutil.Process]) -> None:
    """Kills them and waits for their end."""
    for process in processes:
        with contextlib.suppress(psutil.Error):
            process.kill()
    psutil.wait_procs(processes, timeout=MOST_SECONDS)


def pytest_sessionfinish(session: pytest.Session) -> None:
    """No test leaves a process behind: one that is still there some seconds after the last test fails the run."""
    if hasattr(session.config, "workerinput"):  # of several test processes the one that leads them looks
        return
    factory: pytest.TempPathFactory = session.config._tmp_path_factory  # type: ignore[attr-defined]
    left = processes_of(factory.getbasetemp())
    _, left = psutil.wait_procs(left, timeout=LAST_SECONDS)
    if left:
        told = [" ".join(process.cmdline()) for process in left if process.is_running()]
        end_all(left)
        print("\nProcesses that tests left behind:", *told, sep="\n  ")
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """One chromium a module; skips with the reason where there is none, fails where CI=true.

    Not for the whole session: Playwright holds the main thread's event loop, which other tests want.
    """
    from playwright.sync_api import expect, sync_playwright

    expect.set_options(timeout=1000 * MOST_SECONDS)
    module = _browser_module()
    executable = module.find()
    if executable is None:
        reason = f"no browser: install one of {', '.join(module.NAMES)}, or run tests/browser.py"
        if module.is_required():
            pytest.fail(reason)
        pytest.skip(reason)
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=executable, args=SWITCHES)
        yield launched
        launched.close()


def new_context(browser: Browser) -> BrowserContext:
    """A visitor of one's own, 1440 × 900, who is as patient as `expect`."""
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    context.set_default_timeout(1000 * MOST_SECONDS)
    return context


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A fresh tab, 1440 × 900; an error in the page's script fails the test."""
    context = new_context(browser)
    opened = context.new_page()
    errors: list[str] = []
    opened.on("pageerror", lambda error: errors.append(str(error)))
    yield opened
    context.close()
    assert not errors, errors


@pytest.fixture(scope="session")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[App]:
    """The real server; shared, so a test must not kill it (see `own_app`)."""
    started = App(tmp_path_factory.mktemp("app") / "home")
    started.start()
    yield started
    started.stop()


@pytest.fixture
def own_app(tmp_path: Path) -> Iterator[App]:
    """A server of the test's own, to be killed and started again."""
    started = App(tmp_path / "home")
    started.start()
    yield started
    started.stop()
