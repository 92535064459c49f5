"""python -m core relevance index: a catalogue as an index in a folder."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

from core.commands.options import Command, Names, reader_flags, show, with_files
from core.commands.relevance_search import progress
from core.data.reading.options import ReaderOptions
from core.data.registry import SOURCES, names_of
from core.data.source import DatasetChoice
from core.errors import PrecedenceError
from core.home import home
from core.relevance.encoding.encoders import has_start
from core.relevance.encoding.model_store import START
from core.relevance.evaluation.quality import keep_quality
from core.relevance.searcher import Searcher
from core.relevance.stores.catalogue import LANGUAGES, shop
from core.relevance.stores.index_store import STARTED, WORDS, build, encoder_of, put, stamp, take
from core.relevance.stores.shop_bags import SHIPPED, keep_bags, shop_encoder
from core.relevance.stores.uploaded import UploadedCatalogue, keep_judged, of_judged, read_catalogue

PAIRS = {SOURCES[name].part_of or name: name for name in names_of("pairs")}
"""The data sets of pairs by what a person knows them as."""


@click.command(cls=Command)
@click.option("--products", default="", help="File with title, product_id, category; or with query, title, label.")
@with_files
@reader_flags
@click.option(
    "--language", type=click.Choice(LANGUAGES), default="en", help="Without --products: which of the shop's titles."
)
@click.option("--dataset", type=click.Choice(list(PAIRS)), default="shop", help="Without --products: what to index.")
@click.option("--model", default="", help=f"{STARTED}, {WORDS}, or a folder of `relevance train --out`.")
@click.option("--out", default="", help="Folder of the index.")
@click.option("--add", is_flag=True, help="Add --products to the index in --out.")
@click.option("--remove", type=Names(), default="", help="Keys to take out of the index in --out, with commas.")
@click.option("--keep", is_flag=True, help="Keep the shop's bags by --model in the home folder.")
@click.option("--ship", is_flag=True, help="The same in sample_data, with figures on test queries.")
@click.option("--beside", multiple=True, help="--ship: another model in the figures, e.g. dense; again for each.")
def index(
    products: str,
    more: tuple[Path, ...],
    columns: dict[str, str] | None,
    options: ReaderOptions,
    language: str,
    dataset: str,
    model: str,
    out: str,
    add: bool,
    remove: tuple[str, ...],
    keep: bool,
    ship: bool,
    beside: tuple[str, ...],
) -> dict[str, Any]:
    """A catalogue as an index in a folder; products added to it or taken out."""
    if keep or ship:
        return _keep(model, ship, beside)
    if not out:
        raise PrecedenceError("No folder is named for the index; give one with --out.")
    removed = 0
    if add or remove:
        added = read_catalogue([Path(products), *more], columns, options) if add else None
        searcher, removed = _changed(Path(out), added, remove)
    else:
        searcher = _made(
            Path(out),
            _catalogue([Path(products), *more] if products else [], columns, options, language, dataset),
            model,
        )
    sizes = searcher.index.bytes_a_product()
    show(f"{len(searcher.index):,} products by {searcher.encoder.title}; {sizes['postings']:.0f} bytes each")
    return {
        "index": out,
        "products": len(searcher.index),
        "removed": removed,
        "terms": searcher.index.terms,
        "bytes_per_product": round(sizes["postings"], 1),
        "bytes_per_product_for_explanations": round(sizes["bags"], 1),
        "model": searcher.encoder.title,
    }


def _changed(folder: Path, added: UploadedCatalogue | None, remove: Sequence[str]) -> tuple[Searcher, int]:
    """The index in `folder` with the products of a file more and some keys less, and how many went."""
    searcher = take(folder)
    removed = searcher.index.remove(list(remove))
    if added is not None:
        products = added.products
        searcher.index.add(searcher.encoder.products([product.text for product in products]), products)
    searcher.index.save(folder)
    return searcher, removed


def _made(folder: Path, catalogue: UploadedCatalogue, model: str) -> Searcher:
    if (folder / "index.json").exists():
        raise PrecedenceError(f"{folder} holds an index already; name another folder, or change it with --add.")
    texts = [product.text for product in catalogue.products]
    encoder = encoder_of(model or (STARTED if has_start() else WORDS), texts)
    searcher = build(encoder, catalogue.products, progress)
    put(searcher, folder)
    keep_judged(folder, catalogue.queries)
    return searcher


def _catalogue(
    products: Sequence[Path], columns: dict[str, str] | None, options: ReaderOptions, language: str, dataset: str
) -> UploadedCatalogue:
    if products:
        own = read_catalogue(products, columns, options)
        show(*own.says)
        return own
    read = SOURCES[PAIRS[dataset]].read_pairs
    if read is not None and dataset != "shop":
        return of_judged(read())
    catalogue = shop(language)
    return UploadedCatalogue(list(catalogue.products), list(catalogue.queries))


def _keep(model: str, ship: bool, beside: Sequence[str]) -> dict[str, Any]:
    """The shop's bags of both languages, where a server finds them; shipped ones with the model's figures."""
    encoder = shop_encoder(model or None)
    mark = stamp(encoder)
    folder = SHIPPED if ship else home() / "relevance" / mark
    written = {}
    for language in LANGUAGES:
        bags = encoder.products([product.title for product in shop(language).products], progress)
        file = keep_bags(folder, language, bags, encoder.vocabulary.size, mark)
        written[file.name] = file.stat().st_size
    if ship:
        from core.relevance.evaluation.evaluate import evaluate, read_test

        rows = evaluate(read_test(DatasetChoice(name="shop_pairs")), [START, *map(Path, beside)])
        written[keep_quality(folder, mark, [asdict(row) for row in rows]).name] = 0
    show(f"{sum(written.values()) / 1e6:.1f} MB in {folder}")
    return {"files": written, "model": encoder.title}
