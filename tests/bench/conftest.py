"""One thread: these networks are too small to share, and the cores are busy with other tests."""

import torch

torch.set_num_threads(1)
