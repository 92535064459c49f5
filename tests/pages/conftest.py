"""What every test of a page may rely on: the ones before it have left no run behind."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from core.runs.folder.run_folder import RunFolder, run_ids


@pytest.fixture(autouse=True)
def no_run_is_left(request: pytest.FixtureRequest) -> Iterator[None]:
    """The runs of a test do not slow the next one down; those of a sweep end by themselves, and others look at it."""
    apps = [request.getfixturevalue(name) for name in ("app", "own_app") if name in request.fixturenames]
    yield
    for used in apps:
        for run_id in run_ids(used.home):
            folder = RunFolder(used.home, run_id)
            if not folder.about().sweep:
                folder.write_control(folder.control().changed(mode="stop"))
