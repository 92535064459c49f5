"""What the tests of runs share: supervisors over real worker processes."""

from __future__ import annotations

import sys

import pytest

from core.runs.workers.supervisor import Supervisor
from tests.runs.support import DOUBLE, end_workers


@pytest.fixture
def make_supervisor(tmp_path):
    """Supervisors over one home whose workers run the double; every process is gone afterwards."""
    made = []

    def make(workers=1, start=True, command=(sys.executable, str(DOUBLE)), **fields):
        supervisor = Supervisor(tmp_path / "home", workers, command=command, **fields)
        if start:
            supervisor.start()
        made.append(supervisor)
        return supervisor

    yield make
    for supervisor in made:
        supervisor.close()
    end_workers(tmp_path / "home")


@pytest.fixture
def supervisor(make_supervisor):
    return make_supervisor()
