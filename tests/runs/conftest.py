"""What the tests of runs share: supervisors over real worker processes."""

from __future__ import annotations

import sys

import psutil
import pytest

from core.runs.registry import worker_folders
from core.runs.supervisor import Supervisor
from tests.runs.support import DOUBLE


@pytest.fixture
def make_supervisor(tmp_path):
    """Supervisors over one home whose workers run the double; every process is gone afterwards."""
    made = []

    def make(workers=1, **fields):
        supervisor = Supervisor(tmp_path / "home", workers, command=(sys.executable, str(DOUBLE)), **fields)
        supervisor.start()
        made.append(supervisor)
        return supervisor

    yield make
    for supervisor in made:
        supervisor.close()
    for folder in worker_folders(tmp_path / "home"):
        status = folder.status()
        if status is not None and status.process_exists():
            psutil.Process(status.pid).kill()
            psutil.Process(status.pid).wait(10)


@pytest.fixture
def supervisor(make_supervisor):
    return make_supervisor()
