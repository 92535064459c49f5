"""Steps and passes are one budget."""

from pathlib import Path

from core.data.pairs.budget import LEAST_STEPS, MOST_STEPS, passes_of, steps_of, training_pairs
from core.data.prepared import read_folder
from core.data.sources import shop_pairs
from tests.small_pairs import pairs_folder

__all__ = ["pairs_folder"]


def test_steps_are_passes_within_what_one_can_watch() -> None:
    assert steps_of(2, 20_800, 208) == 200
    assert passes_of(200, 20_800, 208) == 2
    assert steps_of(2, 10, 208) == LEAST_STEPS
    assert steps_of(2, 10**6, 208) == MOST_STEPS
    assert passes_of(100, 0, 208) > 0


def test_training_pairs_are_those_of_the_split(pairs_folder: Path) -> None:
    assert training_pairs(pairs_folder) == len(read_folder(pairs_folder).rows["train"])


def test_the_shop_s_training_pairs_are_counted_without_preparing() -> None:
    judged = shop_pairs.read()[0]
    assert shop_pairs.training_pairs() == int((judged.split == 0).sum())
