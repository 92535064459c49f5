"""python -m core relevance train: a relevance model from judged pairs, into a folder."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from core.data.registry import names_of
from core.errors import PrecedenceError

if TYPE_CHECKING:
    from core.relevance.training import Trained


def add(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--dataset", default="shop_pairs", help=" or ".join(names_of("pairs")))
    parser.add_argument(
        "--pairs", type=Path, help="own file instead: CSV, TSV or Parquet with query, title, label; or WANDS' folder"
    )
    parser.add_argument("--run", default="", help="take a finished run of the app by its name instead of training")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--dense", action="store_true", help="the dense two-tower peer of the same size")
    parser.add_argument("--set", action="append", default=[], metavar="FIELD=VALUE", help="e.g. model.gate=false")
    parser.add_argument("--out", type=Path, help="folder that takes the model")
    parser.add_argument("--start", action="store_true", help="write the trained start that comes with the program")
    parser.add_argument("--threads", type=int, default=1, help="CPU threads; 1 gives the same bits on every machine")


def run(arguments: argparse.Namespace) -> dict[str, Any]:
    import torch

    from core.relevance.stores.model_store import START
    from core.relevance.training import pairs_run, train
    from core.training.address import from_query, pairs

    torch.set_num_threads(arguments.threads)
    out = START if arguments.start else arguments.out
    if arguments.run:
        if out is None:
            raise PrecedenceError(f"There is no folder for the model of run {arguments.run}; name one with --out.")
        return model_of_run(arguments.run, out).model_dump()
    base = pairs_run(arguments.dataset, arguments.pairs)
    fields = {"seed": str(arguments.seed)}
    if arguments.dense:
        fields["model.score"] = "vectors"
    config = from_query(fields | pairs(arguments.set), base)
    result = train(config, out, _bar)
    return result.model_dump() | {"config": config.model_dump(mode="json")}


def model_of_run(name: str, out: Path) -> Trained:
    """The model of a finished run, in the folder `out`."""
    from safetensors.torch import load_file

    from core.home import home
    from core.relevance.training import keep
    from core.runs.folder.run_folder import RunFolder
    from core.runs.folder.weights import weights

    folder = RunFolder(home(), name)
    file = weights({"home": str(home()), "run": name})
    finished = folder.result()
    assert finished is not None  # else there were no weights
    return keep(folder.config(), load_file(file), finished, out)


def _bar(step: int, most: int, measures: dict[str, float]) -> None:
    """Progress on standard error, so that standard output stays for the result."""
    if not sys.stderr.isatty() and step % 50:
        return
    filled = 30 * step // max(1, most)
    shown = "".join(f"  {name} {value:.4g}" for name, value in measures.items())
    end = "" if sys.stderr.isatty() and step < most else "\n"
    print(f"\r[{'#' * filled}{' ' * (30 - filled)}] {step}/{most}{shown}", end=end, file=sys.stderr, flush=True)
