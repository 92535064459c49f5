"""What the tests of sweeps share: supervisors over real worker processes that train the double."""

from __future__ import annotations

import sys

import pytest

from core.runs.workers.supervisor import Supervisor
from tests.runs.support import DOUBLE, end_workers


@pytest.fixture
def home(tmp_path):
    """A home whose worker processes are all gone afterwards."""
    yield tmp_path / "home"
    end_workers(tmp_path / "home")


@pytest.fixture
def make_supervisor(home):
    made = []

    def make(workers=2):
        supervisor = Supervisor(home, workers, command=(sys.executable, str(DOUBLE)))
        supervisor.start()
        made.append(supervisor)
        return supervisor

    yield make
    for supervisor in made:
        supervisor.close()
