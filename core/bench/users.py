"""python -m core bench users: sequences a second, embedding of many users, neighbours among many."""

from __future__ import annotations

from typing import Any

from core.bench.users_neighbours import neighbours
from core.bench.users_sequences import embedding, sequences


def measure(rounds: int, embed: int, sizes: tuple[int, ...], device: str) -> dict[str, Any]:
    """`batches`, and where they are asked for `embedding` of so many users and `neighbours` at each of the sizes."""
    import torch

    torch.set_num_threads(1)
    result = sequences(rounds, device)
    if embed:
        result["embedding"] = embedding(embed)
    if sizes:
        result["neighbours"] = neighbours(sizes)
    return result
