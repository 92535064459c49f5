"""python -m core relevance train and evaluate: relevance models from judged pairs, beside BM25 and word overlap."""

from __future__ import annotations

import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from core.commands.options import FILE, Command, any_field, config_flag, reader_flags, show, threads, with_files
from core.data.reading.options import ReaderOptions
from core.data.registry import card, names_of
from core.errors import PrecedenceError
from core.settings.address import from_query, pairs
from core.settings.run import RunConfig

if TYPE_CHECKING:
    from core.relevance.evaluation.evaluate import Test
    from core.relevance.training import Trained

_dataset = click.option("--dataset", default="shop_pairs", help=f"{' or '.join(names_of('pairs'))}.")


@click.command(cls=Command)
@_dataset
@click.option(
    "--pairs",
    "file",
    type=FILE,
    help="Own file instead: CSV, TSV or Parquet with query, title, label; a search log with query, title, position, "
    "click; or WANDS' folder.",
)
@with_files
@reader_flags
@click.option("--run", default="", help="Take a finished run of the app by its name instead of training.")
@config_flag("--seed", RunConfig, "seed", default="0")
@click.option("--dense", is_flag=True, help="The dense two-tower peer of the same size.")
@any_field
@click.option("--out", type=FILE, help="Folder that takes the model.")
@click.option("--start", is_flag=True, help="Write the trained start that comes with the program.")
@threads
def train(
    dataset: str,
    file: Path | None,
    more: tuple[Path, ...],
    columns: dict[str, str] | None,
    options: ReaderOptions,
    run: str,
    seed: str,
    dense: bool,
    settings: tuple[str, ...],
    out: Path | None,
    start: bool,
    threads: int,
) -> dict[str, Any]:
    """A relevance model from judged pairs, into a folder."""
    import torch

    from core.relevance.encoding.model_store import START
    from core.relevance.training import pairs_run
    from core.relevance.training import train as run_training

    torch.set_num_threads(threads)
    out = START if start else out
    if run:
        if out is None:
            raise PrecedenceError(f"There is no folder for the model of run {run}; name one with --out.")
        return model_of_run(run, out).model_dump()
    base = pairs_run(dataset, [file, *more] if file else None, columns=columns, options=options)
    fields = {"seed": seed, **({"model.score": "vectors"} if dense else {}), **pairs(settings)}
    config = from_query(fields, base, {} if "seed" in pairs(settings) else {"seed": "--seed"})
    result = run_training(config, out, _bar)
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


class Split(click.Choice[str]):
    """Understands what validation was called before."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        return super().convert("validation" if value == "slice" else value, param, ctx)


@click.command(cls=Command)
@_dataset
@click.option("--pairs", type=FILE, help="Own file of judged pairs instead.")
@with_files
@reader_flags
@click.option(
    "--model", "models", type=FILE, multiple=True, metavar="FOLDER", help="Again for each: seeds make one row."
)
@click.option("--split", type=Split(("validation", "test")), default="test", help="validation: to choose by.")
@click.option(
    "--catalogue",
    is_flag=True,
    help="Search all titles: of queries that some title answers in full, how many first hits lack a word.",
)
@click.option("--folds", type=click.IntRange(0, 20), default=0, help="Cross-validate by query instead: trains anew.")
@click.option("--seeds", default="0", help="Of the models of a cross-validation, like 0,1,2.")
@click.option("--dense", is_flag=True, help="The dense tower in the cross-validation, too.")
@click.option("--ablate", is_flag=True, help="The untrained start without each of its parts; with --folds too.")
@any_field
def evaluate(
    dataset: str,
    pairs: Path | None,
    more: tuple[Path, ...],
    columns: dict[str, str] | None,
    options: ReaderOptions,
    models: tuple[Path, ...],
    split: str,
    catalogue: bool,
    folds: int,
    seeds: str,
    dense: bool,
    ablate: bool,
    settings: tuple[str, ...],
) -> dict[str, Any]:
    """Saved models beside BM25 and word overlap, on the same judged queries."""
    if ablate:
        return _ablated(dataset, folds, settings)
    if folds:
        return _cross_validated(dataset, folds, seeds, dense, settings)
    from core.data.source import UPLOADED, DatasetChoice
    from core.data.sources.uploaded.pairs import prepare_pairs
    from core.relevance.encoding.model_store import START
    from core.relevance.evaluation.evaluate import evaluate as figures
    from core.relevance.evaluation.evaluate import read_test

    choice = DatasetChoice(name=dataset)
    if pairs:
        folder = prepare_pairs([pairs, *more], columns=columns, options=options)
        choice = DatasetChoice(name=UPLOADED, path=str(folder))
        show(card(choice).about)
    folders = list(models) or ([START] if choice.name == "shop_pairs" and START.is_dir() else [])
    test = read_test(choice, split)
    if catalogue:
        return {"catalogue": [_checked(test, folder) for folder in folders]}
    rows = [asdict(row) for row in figures(test, folders)]
    show(*("  ".join(f"{name} {value}" for name, value in row.items() if value not in (None, [])) for row in rows))
    return {"rows": rows}


def _checked(test: Test, folder: Path) -> dict[str, Any]:
    """The first hits of every judged query over all titles of its language."""
    from core.relevance.encoding.encoders import DeepBoWEncoder
    from core.relevance.evaluation.catalogue_check import check_catalogue, queries_of

    encoder = DeepBoWEncoder(folder)
    checks = [check_catalogue(*part) for part in queries_of(test, encoder)]
    lacking = [hit for check in checks for hit in check.lacking]
    answered = sum(check.answered for check in checks)
    without = sum(check.without_reason for check in checks)
    found = {
        "dataset": test.name,
        "model": str(folder),
        "queries": sum(check.queries for check in checks),
        "answered_in_full": answered,
        "first_hit_lacks_a_word": len(lacking),
        "without_a_reason": without,
        "share_without_a_reason": round(without / answered, 5) if answered else 0.0,
    }
    show("  ".join(f"{name} {value}" for name, value in found.items()))
    show(
        *(f"{hit.query!r}: {hit.first!r} lacks {', '.join(hit.lacks)}; {hit.reason or 'no reason'}" for hit in lacking)
    )
    return found | {"lacking": [asdict(hit) for hit in lacking]}


def _cross_validated(dataset: str, folds: int, seeds: str, dense: bool, settings: tuple[str, ...]) -> dict[str, Any]:
    """Every query judged by a model that has not seen it, beside tuned BM25 and what else is installed."""
    from core.relevance.evaluation.cross_validation import cross_validate
    from core.relevance.training import pairs_run

    if not all(seed.strip().isdigit() for seed in seeds.split(",")):
        raise PrecedenceError(f"--seeds {seeds} are no seeds; give whole numbers like 0,1,2.")
    numbers = [int(seed) for seed in seeds.split(",")]
    config = from_query(pairs(settings), pairs_run(dataset), {})
    found = cross_validate(config, folds, numbers, dense, lambda said: print(said, file=sys.stderr))
    rows = [asdict(row) for row in found]
    show(*("  ".join(f"{name} {value}" for name, value in row.items() if value is not None) for row in rows))
    return {"rows": rows}


def _ablated(dataset: str, folds: int, settings: tuple[str, ...]) -> dict[str, Any]:
    """What each part of the start is worth on test queries."""
    from core.relevance.evaluation.ablations import ablate
    from core.relevance.training import pairs_run

    config = from_query(pairs(settings), pairs_run(dataset), {})
    rows = [asdict(row) for row in ablate(config, folds, lambda said: print(said, file=sys.stderr))]
    show(*("  ".join(f"{name} {value}" for name, value in row.items() if value is not None) for row in rows))
    return {"rows": rows}
