"""python -m core bench users: sequences a second, serving, embedding of many users, neighbours among many."""

from __future__ import annotations

from typing import Any

from core.bench.users_neighbours import neighbours
from core.bench.users_sequences import embedding, sequences
from core.bench.users_serving import serving


def measure(rounds: int, embed: int, sizes: tuple[int, ...], device: str, serve: int) -> dict[str, Any]:
    """`batches`, `serve` rounds of serving, `embedding` of so many users, `neighbours` at each size; 0: left out."""
    import torch

    torch.set_num_threads(1)
    result = sequences(rounds, device)
    if serve:
        result |= serving(serve)
    if embed:
        result["embedding"] = embedding(embed)
    if sizes:
        result["neighbours"] = neighbours(sizes)
    return result
