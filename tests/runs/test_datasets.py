import threading

import pytest

from core.data.source import DatasetChoice
from core.runs.workers.datasets import Datasets


@pytest.fixture
def read():
    return []


@pytest.fixture
def datasets(read):
    def load(choice):
        read.append(choice)
        if choice.name == "absent":
            raise ValueError("absent")
        return object()

    datasets = Datasets(load, most=2)
    yield datasets
    datasets.close()


def test_equal_choices_share_one_reading(datasets, read):
    first = datasets.get(DatasetChoice(name="shop")).result()
    assert datasets.get(DatasetChoice(name="shop")).result() is first
    assert datasets.get(DatasetChoice(name="shop", conflict=0.1)).result() is not first
    assert len(read) == 2


def test_only_the_last_few_are_kept(datasets, read):
    for conflict in (0.1, 0.2, 0.1, 0.3, 0.1, 0.2):  # 0.1 is asked for often enough to stay
        datasets.get(DatasetChoice(conflict=conflict)).result()
    assert [choice.conflict for choice in read] == [0.1, 0.2, 0.3, 0.2]


def test_a_failed_reading_is_tried_again(datasets, read):
    for _ in range(2):
        with pytest.raises(ValueError, match="absent"):
            datasets.get(DatasetChoice(name="absent")).result()
    assert len(read) == 2


def test_reading_happens_beside_the_caller():
    go_on = threading.Event()
    datasets = Datasets(lambda choice: go_on.wait(30))
    reading = datasets.get(DatasetChoice())
    assert not reading.done()
    go_on.set()
    assert reading.result(30)
    datasets.close()


def test_a_table_written_anew_is_read_anew(datasets, read, tmp_path):
    choice = DatasetChoice(name="own", path=str(tmp_path))
    (tmp_path / "table.parquet").write_bytes(b"one")
    datasets.get(choice).result()
    (tmp_path / "table.parquet").write_bytes(b"another")
    datasets.get(choice).result()
    assert len(read) == 2
