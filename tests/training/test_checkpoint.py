"""A checkpoint is read as it was written, or refused in a sentence; those of earlier versions still load."""

from __future__ import annotations

import errno
import io
import os
import random

import pytest
import torch

from core.bench.synthetic import synthetic_dataset
from core.errors import PrecedenceError
from core.settings.run import RunConfig
from core.training.checkpoint import load, save
from core.training.loop import Trainer

FLIPS = 200


@pytest.fixture(scope="module")
def data():
    return synthetic_dataset()


def trainer(data, steps=0):
    made = Trainer(RunConfig(batch_size=64, stage_steps=40, probe_every=0, seed=1), data, device="cpu")
    for _ in zip(range(steps + 1), made.run(), strict=False):
        pass
    return made


@pytest.fixture
def saved(data, tmp_path):
    file = tmp_path / "checkpoint.pt"
    save(file, trainer(data, 10).state, 123)
    return file


def test_every_flipped_bit_is_noticed(data, saved):
    whole, chance = saved.read_bytes(), random.Random(7)
    into = trainer(data)
    assert load(saved, into.state) == 123
    places = [chance.randrange(len(whole)) for _ in range(FLIPS - 40)] + list(range(len(whole) - 40, len(whole)))
    passed = []
    for place in places:
        changed = bytearray(whole)
        changed[place] ^= 1 << chance.randrange(8)
        saved.write_bytes(changed)
        try:
            load(saved, into.state)
            passed.append(place)
        except PrecedenceError as error:
            assert "checkpoint.pt cannot be used" in str(error)  # noqa: PT017
    assert passed == []
    for cut in (0, 1, 100, len(whole) // 2, len(whole) - 1, len(whole) - 20):
        saved.write_bytes(whole[:cut])
        with pytest.raises(PrecedenceError, match="cannot be used"):
            load(saved, into.state)


def test_a_checkpoint_of_an_earlier_version_loads_and_its_weights_are_checked(data, tmp_path):
    file, run = tmp_path / "checkpoint.pt", trainer(data, 10).state
    torch.save({"version": 2, "offset": 5, "run": run.state_dict()}, file)
    into = trainer(data)
    assert load(file, into.state) == 5
    weights = next(iter(run.weights().values())).numpy().tobytes()
    whole = file.read_bytes()
    changed = bytearray(whole)
    changed[whole.index(weights) + 2] ^= 1
    file.write_bytes(changed)
    with pytest.raises(PrecedenceError, match="have changed since it was written"):
        load(file, into.state)


def test_one_that_cannot_be_written_leaves_the_one_before(data, saved, monkeypatch):
    before = saved.read_bytes()

    def full(file):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space left"):
        save(saved, trainer(data, 12).state, 200)
    assert saved.read_bytes() == before
    assert [path.name for path in saved.parent.iterdir()] == [saved.name]


def test_other_programs_read_it_too(saved):
    assert torch.load(saved, weights_only=True)["offset"] == 123
    assert torch.load(io.BytesIO(saved.read_bytes()), weights_only=True)["offset"] == 123
