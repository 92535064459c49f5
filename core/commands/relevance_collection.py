"""python -m core relevance collection: what the Relevance page searches, made of a file or a run, or removed."""

from __future__ import annotations

import argparse
import shutil
from dataclasses import asdict
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from core.commands.relevance_source import open_log, progress
from core.data.sources.uploaded.pair_columns import chosen
from core.errors import PrecedenceError
from core.files import safe_name
from core.home import home
from core.progress import Report, telling
from core.relevance.encoding.encoders import DeepBoWEncoder, has_start
from core.relevance.evaluation.quality import keep_quality
from core.relevance.index import Index
from core.relevance.stores.collection import (
    About,
    folder_of,
    progress_file,
    read_about,
    remove_collection,
    table_of,
    write_collection,
)
from core.relevance.stores.index_store import MODEL, STARTED, WORDS, encoder_of
from core.relevance.stores.model_store import CARD
from core.relevance.stores.uploaded import of_prepared, read_catalogue


def add(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", nargs="?", type=Path, help="titles, or pairs of query, title and label; WANDS' folder")
    parser.add_argument("--run", default="", help="a finished DeepBoW run of this home instead of a file")
    parser.add_argument("--measure", default="", metavar="NAME", help="only take the figures of one that is there")
    parser.add_argument("--remove", default="", metavar="NAME", help="take one away, its changes by hand included")
    parser.add_argument("--name", default="", help="what the collection is called; default: as the file or the run")
    parser.add_argument(
        "--column", action="append", default=[], metavar="WHAT=COLUMN", help="which holds title, query, label; again"
    )
    parser.add_argument("--model", default="", help=f"{STARTED}, {WORDS}, or a folder of `relevance train --out`")
    parser.add_argument("--take", action="store_true", help="delete the file's folder afterwards: it was an upload")


def run(arguments: argparse.Namespace) -> dict[str, Any]:
    import torch

    torch.set_num_threads(1)
    if sum(map(bool, (arguments.file, arguments.run, arguments.measure, arguments.remove))) != 1:
        raise PrecedenceError("Name a file, --run RUN, --measure NAME or --remove NAME, and only one of them.")
    if arguments.remove:
        return _remove(arguments.remove, arguments.json)
    name = safe_name(arguments.name or arguments.run or arguments.measure or arguments.file.stem)
    try:
        with telling(progress_file(name), _counted) as report:
            if arguments.run:
                folder = _of_run(name, arguments.run, report)
            elif arguments.measure:
                folder = folder_of(name)
                _measure(folder, report)
            else:
                folder = _of_file(name, arguments, report)
    finally:
        if arguments.take:
            shutil.rmtree(arguments.file.parent, ignore_errors=True)
    if not arguments.json:
        print(f"{name} is ready: open /relevance?catalogue={name}")
    return {"collection": name, "folder": str(folder)}


def _remove(name: str, silent: bool) -> dict[str, Any]:
    overrides = open_log()
    try:
        remove_collection(name, overrides)
    finally:
        overrides.close()
    if not silent:
        print(f"{name} is removed.")
    return {"removed": name}


def _counted(stage: str, done: int, total: int) -> None:
    if total:
        progress(done, total)


def _of_file(name: str, arguments: argparse.Namespace, report: Report) -> Path:
    from core.relevance.training import pairs_run

    file, columns = arguments.file, chosen(arguments.column) or None
    report("reading the file", 0, 0)
    own = read_catalogue(file, columns)
    model = arguments.model or (STARTED if has_start() else WORDS)
    encoder = encoder_of(model, [product.title for product in own.products])
    about = About(title=arguments.name or file.stem, says=own.says, untrainable=own.untrainable)
    try:
        if not own.untrainable:
            report("counting words and phrases of the judged pairs", 0, 0)
            about = about.model_copy(update={"train": pairs_run("", file, name, columns)})
        folder = write_collection(name, about, own, encoder, report)
    except BaseException:  # the table alone would only be in the way of the next try
        shutil.rmtree(table_of(name), ignore_errors=True)
        raise
    _measure(folder, report)
    return folder


def _of_run(name: str, run_id: str, report: Report) -> Path:
    from core.commands.relevance_train import model_of_run
    from core.data.registry import card
    from core.runs.folder.run_folder import RunFolder

    report("taking the run's model", 0, 0)
    config = RunFolder(home(), run_id).config()
    if not config.makes_bags:
        raise PrecedenceError(
            f"Run {run_id} trains no bags of words, so nothing can be searched by it; choose another."
        )
    with TemporaryDirectory() as place:
        model_of_run(run_id, Path(place) / "model")
        title = config.name or f"{card(config.dataset).title}: model {run_id}"
        encoder = DeepBoWEncoder(Path(place) / "model")
        about = About(title=title, train=config, run=run_id)
        folder = write_collection(name, about, of_prepared(config.dataset), encoder, report)
        _measure(folder, report)
    return folder


def _measure(folder: Path, report: Report) -> None:
    """Its model beside BM25 and word overlap, on the test queries of its judged pairs; nothing where it has none."""
    from core.relevance.evaluation.evaluate import evaluate, read_test

    about = read_about(folder)
    if about.train is None:
        return
    report("measuring it on the test queries", 0, 0)
    models = [folder / MODEL] if (folder / MODEL / CARD).is_file() else []
    rows = evaluate(read_test(about.train.dataset), models)
    keep_quality(folder, Index.opened(folder).vocabulary, [asdict(row) for row in rows])
