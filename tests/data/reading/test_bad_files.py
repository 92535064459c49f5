"""Two thousand bad files: each is a data set or one clear sentence, and nothing else changes.

A share of them here; all with PRECEDENCE_BAD_FILES=2000 in the environment.
"""

from __future__ import annotations

import os
import resource
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from core.data.reading.options import options_of
from core.data.reading.reader import read_profile
from core.data.sources.uploaded.event_file import read_events
from core.data.sources.uploaded.pairs import prepare_pairs
from core.data.sources.uploaded.table import prepare
from core.errors import PrecedenceError
from core.relevance.stores.uploaded import read_catalogue
from tests.data.reading.bad_files import bad_file
from tests.data.reading.bad_shapes import bad_shape

COUNT = int(os.environ.get("PRECEDENCE_BAD_FILES", "40"))
MOST_SECONDS, MOST_MEMORY = 20.0, 2 << 30
DROP = options_of(["bad_rows=drop"])


def peak() -> int:
    """Most bytes that this process ever held: other tests of it count too."""
    return 1024 * resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


def outcome(work: Callable[[], object]) -> str:
    """`read`, or the sentence; anything else is a defect."""
    began, said = time.process_time(), "read"
    try:
        work()
    except PrecedenceError as error:
        said = str(error)
    assert time.process_time() - began < MOST_SECONDS
    assert "\n" not in said
    assert said == "read" or len(said) > 20
    return said


def test_each_is_a_data_set_or_a_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PRECEDENCE_HOME", str(tmp_path / "home"))
    found: Counter[str] = Counter()
    before = peak()
    for number in range(COUNT):
        name, content = bad_shape(number) if number % 2 else bad_file(number)
        file = tmp_path / name
        file.write_bytes(content)
        outcome(lambda file=file: read_profile(file))  # type: ignore[misc]
        with_rows = outcome(lambda file=file: read_profile(file, DROP))  # type: ignore[misc]
        found["read" if with_rows == "read" else "refused"] += 1
        if with_rows == "read":
            labels = {column.name: None for column in read_profile(file, DROP, "table").columns[-1:]}
            outcome(lambda file=file, labels=labels: prepare(file, file.stem, labels, None, DROP))  # type: ignore[misc]
            outcome(lambda file=file: read_events(file, options=DROP))  # type: ignore[misc]
            outcome(lambda file=file: read_catalogue(file, options=DROP))  # type: ignore[misc]
            outcome(lambda file=file: prepare_pairs(file, options=DROP))  # type: ignore[misc]
        assert file.read_bytes() == content
        file.unlink()
        left = [path for path in tmp_path.iterdir() if path.name != "home"]
        assert not left, left
        half = [path for path in (tmp_path / "home").rglob(".*") if path.is_dir()]
        assert not half, half
    assert peak() <= max(MOST_MEMORY, before)
    print(dict(found))
    assert found["read"] > 0.1 * COUNT
    assert found["refused"] > 0.1 * COUNT
