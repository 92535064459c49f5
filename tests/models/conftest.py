"""One thread: these networks are too small to share, and the cores are busy with other tests."""

import torch

from tests.small_pairs import pairs, pairs_folder, vocabulary

__all__ = ["pairs", "pairs_folder", "vocabulary"]

torch.set_num_threads(1)
