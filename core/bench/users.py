"""python -m core bench users: sequences a second, embedding of many users, neighbours among many."""

from __future__ import annotations

import argparse
from typing import Any

from core.bench.users_neighbours import SIZES, neighbours
from core.bench.users_sequences import embedding, sequences


def add(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--rounds", type=int, default=5, help="interleaved rounds of each sequence network")
    parser.add_argument("--embed", type=int, default=100_000, help="users to embed; 0: none")
    parser.add_argument("--sizes", default=",".join(map(str, SIZES)), help="users in the index; empty: none")
    parser.add_argument("--device", default="cpu", help="cpu or cuda, for the sequences")


def run(arguments: argparse.Namespace) -> dict[str, Any]:
    import torch

    torch.set_num_threads(1)
    sizes = tuple(int(size) for size in arguments.sizes.split(",") if size)
    result = sequences(arguments.rounds, arguments.device)
    if arguments.embed:
        result["embedding"] = embedding(arguments.embed)
    if sizes:
        result["neighbours"] = neighbours(sizes)
    if not arguments.json:
        for row in result["batches"]:
            print(
                f"{row['histories']} histories: {row['sequences_per_second']} a second, {row['loop_ratio']} × the "
                f"loop, {row['lstm_ratio']} × the plain LSTM"
            )
        print(*result.get("neighbours", []), sep="\n")
    return result
