"""python -m core relevance evaluate: saved models beside BM25 and word overlap, on the same judged queries."""

from __future__ import annotations

import argparse
from dataclasses import asdict
from pathlib import Path
from typing import Any

from core.data.registry import names_of


def add(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--dataset", default="shop_pairs", help=" or ".join(names_of("pairs")))
    parser.add_argument("--pairs", type=Path, help="own file of judged pairs instead")
    parser.add_argument(
        "--model", type=Path, action="append", default=[], metavar="FOLDER", help="again for each: seeds make one row"
    )
    parser.add_argument("--split", default="test", choices=("slice", "test"), help="slice: to choose by")


def run(arguments: argparse.Namespace) -> dict[str, Any]:
    from core.data.source import UPLOADED, DatasetChoice
    from core.data.sources.uploaded.pairs import prepare_pairs
    from core.relevance.evaluation.evaluate import evaluate, read_test
    from core.relevance.stores.model_store import START

    choice = DatasetChoice(name=arguments.dataset)
    if arguments.pairs:
        choice = DatasetChoice(name=UPLOADED, path=str(prepare_pairs(arguments.pairs)))
    folders = arguments.model or ([START] if choice.name == "shop_pairs" and START.is_dir() else [])
    rows = [asdict(row) for row in evaluate(read_test(choice, arguments.split), folders)]
    if not arguments.json:
        for row in rows:
            print("  ".join(f"{name} {value}" for name, value in row.items() if value not in (None, [])))
    return {"rows": rows}
