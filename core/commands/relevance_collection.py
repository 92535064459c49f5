"""python -m core relevance collection: what the Relevance page searches, made of a file or a run, or removed."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

from core.commands.options import FILE, Command, plain_stem, reader_flags, show, with_files
from core.commands.relevance_search import open_log, progress
from core.data.reading.container import ENDINGS
from core.data.reading.options import ReaderOptions
from core.data.sources.uploaded.kept import content_mark_of
from core.data.sources.uploaded.places import judged_folder
from core.errors import PrecedenceError
from core.files import safe_name
from core.home import home
from core.narration.relevance import known_words
from core.progress import Report, telling
from core.relevance.encoding.encoders import DeepBoWEncoder, has_start
from core.relevance.encoding.model_store import CARD
from core.relevance.evaluation.quality import keep_quality
from core.relevance.index import Index
from core.relevance.stores.collection import (
    About,
    discard_table,
    folder_of,
    progress_file,
    read_about,
    refuse_taken,
    remove_collection,
    write_collection,
)
from core.relevance.stores.index_store import MODEL, STARTED, WORDS, encoder_of, share_known
from core.relevance.stores.uploaded import of_prepared, read_catalogue
from core.runs.folder.run_folder import is_run
from core.temporary import temporary_folder


@click.command(cls=Command)
@click.argument("file", required=False, type=FILE)
@click.option("--run", default="", help="A finished DeepBoW run of this home instead of a file.")
@click.option("--measure", default="", metavar="NAME", help="Only take the figures of one that is there.")
@click.option("--remove", default="", metavar="NAME", help="Take one away, its changes by hand included.")
@click.option("--name", default="", help="What the collection is called; by default as the file or the run.")
@with_files
@reader_flags
@click.option("--model", default="", help=f"{STARTED}, {WORDS}, or a folder of `relevance train --out`.")
@click.option("--take", is_flag=True, help="Delete the file's folder afterwards: it was an upload.")
def collection(
    file: Path | None,
    run: str,
    measure: str,
    remove: str,
    name: str,
    more: tuple[Path, ...],
    columns: dict[str, str] | None,
    options: ReaderOptions,
    model: str,
    take: bool,
) -> dict[str, Any]:
    """What the Relevance page searches, made of a file or a run, or removed.

    FILE holds titles, or pairs of query, title and label; or it is WANDS' folder.
    """
    import torch

    torch.set_num_threads(1)
    if sum(map(bool, (file, run, measure, remove))) != 1:
        raise PrecedenceError("Name a file, --run RUN, --measure NAME or --remove NAME, and only one of them.")
    if remove:
        return _remove(remove)
    called = safe_name(name or run or measure or (plain_stem(file) if file else ""))
    if not measure:
        _refuse_taken(called, run)
    read = [*_files_of(file), *more] if file and take else []
    made = False
    try:
        with telling(progress_file(called), _counted) as report:
            if run:
                folder = _of_run(called, run, report)
            elif file:
                folder = _of_file(called, [file, *more], columns, options, model, name or plain_stem(file), report)
            else:
                folder = folder_of(called)
                _measure(folder, report)
        made = True
    finally:
        if file and (made or _is_upload(file)):  # a person's own file stays where nothing was made of it
            _take(read, file)
    show(f"{called} is ready: open /relevance?catalogue={called}")
    return {"collection": called, "folder": str(folder)}


def _refuse_taken(called: str, run: str) -> None:
    """Refuses a name that stands for something, before anything is read or written."""
    refuse_taken(called)
    if called != run and is_run(home(), called):
        raise PrecedenceError(f"There is a run called {called}; give this catalogue another name.")


def _files_of(file: Path) -> list[Path]:
    """What of `file` is read: itself, or of a folder all tables in it."""
    if not file.is_dir():
        return [file]
    return [one for one in file.iterdir() if one.is_file() and one.suffix.lower().lstrip(".") in ENDINGS]


def _is_upload(file: Path) -> bool:
    return (home() / "uploads").resolve() in file.resolve().parents


def _take(read: list[Path], file: Path) -> None:
    """Deletes what was read; of the folders only those that the server made for the upload, once they are empty."""
    for one in read:
        one.unlink(missing_ok=True)
    if read and _is_upload(file):
        for folder in (file, file.parent):
            with suppress(OSError):  # it is the file, or there is more in it
                folder.rmdir()


def _remove(name: str) -> dict[str, Any]:
    overrides = open_log()
    try:
        remove_collection(name, overrides)
    finally:
        overrides.close()
    show(f"{name} is removed.")
    return {"removed": name}


def _counted(stage: str, done: int, total: int) -> None:
    if total:
        progress(done, total)


def _of_file(
    name: str,
    files: Sequence[Path],
    columns: dict[str, str] | None,
    options: ReaderOptions,
    model: str,
    title: str,
    report: Report,
) -> Path:
    from core.relevance.training import pairs_run

    report("reading the file", 0, 0)
    source = files[0] if len(files) == 1 else files
    own = read_catalogue(source, columns, options)
    show(*own.says)
    if own.untrainable:
        show(f"No model can be trained on it. {own.untrainable}")
    titles = [product.title for product in own.products]
    encoder = encoder_of(model or (STARTED if has_start() else WORDS), [product.text for product in own.products])
    if isinstance(encoder, DeepBoWEncoder):
        show(known_words(share_known(encoder.vocabulary, titles[:: max(1, len(titles) // 1000)])))
    table = judged_folder(name, content_mark_of(files, columns, options))
    about = About(title=title, says=own.says, untrainable=own.untrainable)
    try:
        if not own.untrainable:
            report("counting words and phrases of the judged pairs", 0, 0)
            about = about.model_copy(update={"train": pairs_run("", source, name, columns, table, options)})
        folder = write_collection(name, about, own, encoder, report)
    except BaseException:  # nobody would ever find the pairs alone
        discard_table(table, name)
        raise
    _measure(folder, report)
    return folder


def _of_run(name: str, run_id: str, report: Report) -> Path:
    from core.commands.relevance_models import model_of_run
    from core.data.registry import card
    from core.runs.folder.run_folder import RunFolder

    report("taking the run's model", 0, 0)
    config = RunFolder(home(), run_id).config()
    if not config.makes_bags:
        raise PrecedenceError(
            f"Run {run_id} trains no bags of words, so nothing can be searched by it; choose another."
        )
    with temporary_folder() as place:
        model_of_run(run_id, place / "model")
        title = config.name or f"{card(config.dataset).title}: model {run_id}"
        encoder = DeepBoWEncoder(place / "model")
        about = About(title=title, train=config, run=run_id)
        folder = write_collection(name, about, of_prepared(config.dataset), encoder, report)
        _measure(folder, report)
    return folder


def _measure(folder: Path, report: Report) -> None:
    """Its model beside BM25 and word overlap, on the test queries of its judged pairs, and what its order may serve
    beside relevance; nothing where it has none."""
    from core.relevance.evaluation.evaluate import evaluate, read_test
    from core.relevance.order.make import make_collection

    about = read_about(folder)
    if about.train is None:
        return
    report("measuring it on the test queries", 0, 0)
    models = [folder / MODEL] if (folder / MODEL / CARD).is_file() else []
    rows = evaluate(read_test(about.train.dataset), models)
    keep_quality(folder, Index.opened(folder).vocabulary, [asdict(row) for row in rows])
    make_collection(folder, report)
