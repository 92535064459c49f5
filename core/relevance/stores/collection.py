"""A collection of the Relevance page on disk: an index with its model, and what is known of it.

catalogues/NAME/index.json, segment-…, model/   the index and what encodes for it, see `shelf`
                about.json                      its title, where it comes from, how a model is trained on its pairs
                judged.json                     judged queries, see `own`
                quality.json                    figures on the test queries, once they were measured
                aims.npz, order.json            what its order may serve beside relevance, and the trained points of it
"""

from __future__ import annotations

import os
import shutil
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from core.data.prepared import read_description
from core.data.sources import shop_pairs
from core.errors import PrecedenceError
from core.files import safe_name, write_text
from core.home import home
from core.progress import Report
from core.records import read_record
from core.relevance.aims import KeptAims, keep_aims
from core.relevance.index import Index
from core.relevance.index.index import MANIFEST
from core.relevance.overrides import OverrideLog
from core.relevance.stores.catalogue import LANGUAGES, Catalogue, shop
from core.relevance.stores.index_store import AnyEncoder, build, put
from core.relevance.stores.uploaded import (
    CHINESE,
    UploadedCatalogue,
    examples_of,
    folder_of_catalogues,
    keep_judged,
    own_catalogue,
)
from core.settings.run import RunConfig

ABOUT = "about.json"
SHOP = "shop"  # the name under which the shop's overrides are kept: no collection may have it


class About(BaseModel):
    """`train` is the run that learns from its judged pairs; None where there are none that teach, `untrainable` says
    why. `run` is the run that trained its model, empty where none of this home did."""

    model_config = ConfigDict(frozen=True, extra="ignore")
    title: str = ""
    says: tuple[str, ...] = ()
    train: RunConfig | None = None
    untrainable: str = ""
    run: str = ""
    examples: tuple[str, ...] = ()  # of titles that came without queries


def folder_of(name: str) -> Path:
    """The folder of a collection that is there."""
    folder = folder_of_catalogues() / safe_name(name)
    if name != folder.name or not (folder / MANIFEST).is_file():
        raise PrecedenceError(f"There is no catalogue named {name[:40]!r}; there are {', '.join(names()) or 'none'}.")
    return folder


def names() -> list[str]:
    """All collections but the shop."""
    return sorted(file.parent.name for file in folder_of_catalogues().glob(f"[!.]*/{MANIFEST}"))


def progress_file(name: str) -> Path:
    """Where the process that makes or measures a collection says how far it is."""
    return folder_of_catalogues() / f".{name}.progress.json"


def read_about(folder: Path) -> About:
    """What is known of it; of an index that the command line made, its folder's name."""
    try:
        return read_record(About, folder / ABOUT, "bring the catalogue again")
    except FileNotFoundError:
        return About(title=folder.name)


def write_collection(name: str, about: About, own: UploadedCatalogue, encoder: AnyEncoder, report: Report) -> Path:
    """Encodes and indexes it; the folder appears whole or not at all."""
    folder = folder_of_catalogues() / name
    if not own.queries:
        about = about.model_copy(update={"examples": examples_of([product.title for product in own.products])})
    folder.parent.mkdir(parents=True, exist_ok=True)
    for stale in folder.parent.glob(f".{name}.unfinished-*"):  # of a process that was ended over it
        shutil.rmtree(stale, ignore_errors=True)
    unfinished = _unfinished(folder)
    try:
        report("encoding titles", 0, len(own.products))
        searcher = build(
            encoder,
            own.products,
            lambda done, count: report("encoding titles", done, count),
            lambda: report("building the index", 0, 0),
        )
        report("writing the index", 0, 0)
        put(searcher, unfinished)
        keep_judged(unfinished, own.queries)
        keep_aims(unfinished, KeptAims([product.key for product in own.products], own.aims, own.gains))
        write_text(unfinished / ABOUT, about.model_dump_json(indent=1))
        os.replace(unfinished, folder)
    except OSError as error:
        if (folder / MANIFEST).is_file():
            raise PrecedenceError(f"There is a catalogue called {name} already; give this one another name.") from error
        raise
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)
    return folder


def refuse_taken(name: str) -> None:
    """Refuses the name of a collection that is there already, or that is the shop's; nothing is touched."""
    if name == SHOP or (folder_of_catalogues() / name).exists():
        raise PrecedenceError(f"There is a catalogue called {name} already; give this one another name.")


def table_of(about: About) -> Path | None:
    """The prepared pairs that are the collection's own; None where it has none, or they are those of a run."""
    path = about.train.dataset.path if about.train is not None and not about.run else None
    return Path(path) if path else None


def discard_table(table: Path, name: str) -> None:
    """Takes a collection's own pairs away, unless the collection `name` is there and has just these.

    Never anything else that may lie under the same name: a table that a person brought stays.
    """
    with suppress(PrecedenceError):
        held = table_of(read_about(folder_of(name)))
        if held is not None and held.resolve() == table.resolve():
            return
    if table.resolve().parent == (home() / "judged").resolve() or _was_made_for(table, name):
        shutil.rmtree(table, ignore_errors=True)


def _was_made_for(table: Path, name: str) -> bool:
    """Collections of earlier versions kept their pairs among the tables, under their own name."""
    if table.resolve() != (home() / "tables" / name).resolve():
        return False
    try:
        return read_description(table).form == "pairs"
    except PrecedenceError:
        return False


def remove_collection(name: str, overrides: OverrideLog) -> None:
    """Takes away all there is of it: index, model, judged pairs, the table made of them, its overrides and their log.

    What runs learnt from it is theirs and stays.
    """
    folder = folder_of(name)
    try:
        about = read_about(folder)
    except PrecedenceError:  # damaged: all the more reason to let it go
        about = About()
    overrides.forget(name)  # first: should the rest fail, it can be removed again, and no later one inherits them
    gone = _unfinished(folder)
    os.replace(folder, gone)
    shutil.rmtree(gone, ignore_errors=True)
    if (table := table_of(about)) is not None:
        discard_table(table, name)


def _unfinished(folder: Path) -> Path:
    """A folder beside it that nobody takes for a collection; what is left in such a one goes with the next making."""
    return folder.with_name(f".{folder.name}.unfinished-{os.getpid()}")


def catalogue_of(folder: Path, index: Index) -> Catalogue:
    """What the page shows of it."""
    about, catalogue = read_about(folder), own_catalogue(folder, index)
    catalogue = replace(catalogue, title=about.title or folder.name, examples=about.examples or catalogue.examples)
    if about.train is None or about.train.dataset.name != shop_pairs.CARD.name:
        return catalogue
    parts = {language: shop(language) for language in LANGUAGES}
    details = {**parts["en"].details, **{key + CHINESE: said for key, said in parts["zh"].details.items()}}
    examples = (*parts["en"].examples[:5], *parts["zh"].examples[:3])
    return replace(catalogue, details=details, examples=examples)
