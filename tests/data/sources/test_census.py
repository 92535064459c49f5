"""Census-Income: labels, left-out columns and the split; needs the UCI file, which is not shipped."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.data.prepared import read_folder
from core.data.source import external_files
from core.data.sources import census
from core.errors import PrecedenceError


def present() -> bool:
    try:
        external_files(census.SOURCE)
    except PrecedenceError:
        return False
    return True


@pytest.mark.skipif(not present(), reason="the Census-Income file is not on this machine (PRECEDENCE_DATA)")
def test_shares_of_the_labels_and_of_the_split(tmp_path: Path) -> None:
    census.make(external_files(census.SOURCE)[0], tmp_path / "census")
    data = read_folder(tmp_path / "census")
    assert data.labels.shape == (99_762, 3)
    # as counted in the file: 6.20 %, 43.25 % and 14.72 %
    assert (data.labels.mean(0) * 100).tolist() == pytest.approx([6.20, 43.25, 14.72], abs=0.01)
    shares = [len(data.rows[name]) / 99_762 for name in ("train", "validation", "test")]
    assert shares == pytest.approx([0.70, 0.15, 0.15], abs=0.006)
    names = {feature.name for feature in (*data.description.sparse, *data.description.dense)}
    assert not names & set(census.LEFT_OUT)
    assert len(names) == len(census.COLUMNS) - len(census.LEFT_OUT)
    assert data.dense.isfinite().all()


def test_a_missing_file_is_one_sentence(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PRECEDENCE_DATA", str(tmp_path))
    with pytest.raises(PrecedenceError, match=r"data set census is not here: .* PRECEDENCE_DATA\.$"):
        external_files(census.SOURCE)
