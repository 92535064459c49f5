"""python -m core relevance search QUERY: the best products, and what carries the first one's score."""

from __future__ import annotations

import argparse
import time
from typing import Any

from core.commands.relevance_source import searcher, where
from core.errors import PrecedenceError
from core.narration.relevance import reasons


def add(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("query")
    parser.add_argument("--most", type=int, default=10, help="hits")
    where(parser)


def run(arguments: argparse.Namespace) -> dict[str, Any]:
    if not 1 <= arguments.most <= 1000:
        raise PrecedenceError(f"--most {arguments.most} is out of range; ask for 1 to 1,000 hits.")
    found = searcher(arguments, arguments.query)
    found.search(arguments.query, 1)  # compiled, in memory
    began = time.perf_counter()
    hits = found.search(arguments.query, arguments.most)
    milliseconds = 1e3 * (time.perf_counter() - began)
    listed = []
    for rank, (row, score) in enumerate(zip(hits.rows.tolist(), hits.scores.tolist(), strict=True), start=1):
        product = found.index.product(row)
        listed.append({"rank": rank, "product": product.key, "title": product.title, "category": product.category,
                       "score": score})  # fmt: skip
        if not arguments.json:
            print(f"{rank:4d}  {score:.4f}  {product.key:>10}  {product.title}")
            if rank == 1:
                print(f"      {reasons(found.explain(arguments.query, row))[0]}")
    return {
        "query": arguments.query,
        "model": found.encoder.title,
        "products": len(found.index),
        "milliseconds": round(milliseconds, 3),
        "hits": listed,
        "skipped_overrides": list(found.rules.skipped),
    }
