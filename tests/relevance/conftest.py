"""One thread, and a small set of judged pairs."""

import torch

from tests.small_pairs import pairs, pairs_folder, vocabulary

__all__ = ["pairs", "pairs_folder", "vocabulary"]

torch.set_num_threads(1)
