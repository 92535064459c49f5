"""python -m core relevance index: a catalogue as an index in a folder."""

from __future__ import annotations

import argparse
from dataclasses import asdict
from pathlib import Path
from typing import Any

from core.commands.relevance_source import progress
from core.data.registry import SOURCES, names_of
from core.data.source import DatasetChoice
from core.errors import PrecedenceError
from core.home import home
from core.relevance.encoding.encoders import has_start
from core.relevance.evaluation.quality import keep_quality
from core.relevance.stores.catalogue import LANGUAGES, shop
from core.relevance.stores.index_store import STARTED, WORDS, build, encoder_of, put, stamp, take
from core.relevance.stores.model_store import START
from core.relevance.stores.shop_bags import SHIPPED, keep_bags, shop_encoder
from core.relevance.stores.uploaded import UploadedCatalogue, keep_judged, of_judged, read_catalogue

PAIRS = {SOURCES[name].part_of or name: name for name in names_of("pairs")}
"""The data sets of pairs by what a person knows them as."""


def add(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--products",
        default="",
        help="file with title, product_id, category; or with query, title, label",
    )
    parser.add_argument(
        "--language", choices=LANGUAGES, default="en", help="without --products: which of the shop's titles"
    )
    parser.add_argument("--dataset", choices=list(PAIRS), default="shop", help="without --products: what to index")
    parser.add_argument("--model", default="", help=f"{STARTED}, {WORDS}, or a folder of `relevance train --out`")
    parser.add_argument("--out", default="", help="folder of the index")
    parser.add_argument("--add", action="store_true", help="add --products to the index in --out")
    parser.add_argument("--remove", default="", help="keys to take out of the index in --out, separated by commas")
    parser.add_argument("--keep", action="store_true", help="keep the shop's bags by --model in the home folder")
    parser.add_argument("--ship", action="store_true", help="the same in sample_data, with figures on test queries")
    parser.add_argument(
        "--beside", action="append", default=[], help="--ship: another model in the figures, e.g. dense"
    )


def run(arguments: argparse.Namespace) -> dict[str, Any]:
    if arguments.keep or arguments.ship:
        return _keep(arguments)
    if not arguments.out:
        raise PrecedenceError("No folder is named for the index; give one with --out.")
    folder = Path(arguments.out)
    if arguments.add or arguments.remove:
        searcher = take(folder)
        removed = searcher.index.remove([key.strip() for key in arguments.remove.split(",") if key.strip()])
        if arguments.add:
            products = read_catalogue(Path(arguments.products)).products
            searcher.index.add(searcher.encoder.products([product.title for product in products]), products)
        searcher.index.save(folder)
    else:
        removed = 0
        if (folder / "index.json").exists():
            raise PrecedenceError(f"{folder} holds an index already; name another folder, or change it with --add.")
        own = _catalogue(arguments)
        products = own.products
        model = arguments.model or (STARTED if has_start() else WORDS)
        searcher = build(encoder_of(model, [product.title for product in products]), products, progress)
        put(searcher, folder)
        keep_judged(folder, own.queries)
    sizes = searcher.index.bytes_a_product()
    if not arguments.json:
        print(f"{len(searcher.index):,} products by {searcher.encoder.title}; {sizes['postings']:.0f} bytes each")
    return {
        "index": str(folder),
        "products": len(searcher.index),
        "removed": removed,
        "terms": searcher.index.terms,
        "bytes_per_product": round(sizes["postings"], 1),
        "bytes_per_product_for_explanations": round(sizes["bags"], 1),
        "model": searcher.encoder.title,
    }


def _catalogue(arguments: argparse.Namespace) -> UploadedCatalogue:
    if arguments.products:
        return read_catalogue(Path(arguments.products))
    read = SOURCES[PAIRS[arguments.dataset]].read_pairs
    if read is not None and arguments.dataset != "shop":
        return of_judged(read())
    catalogue = shop(arguments.language)
    return UploadedCatalogue(list(catalogue.products), list(catalogue.queries))


def _keep(arguments: argparse.Namespace) -> dict[str, Any]:
    """The shop's bags of both languages, where a server finds them; shipped ones with the model's figures."""
    encoder = shop_encoder(arguments.model or None)
    mark = stamp(encoder)
    folder = SHIPPED if arguments.ship else home() / "relevance" / mark
    written = {}
    for language in LANGUAGES:
        bags = encoder.products([product.title for product in shop(language).products], progress)
        file = keep_bags(folder, language, bags, encoder.vocabulary.size, mark)
        written[file.name] = file.stat().st_size
    if arguments.ship:
        from core.relevance.evaluation.evaluate import evaluate, read_test

        rows = evaluate(read_test(DatasetChoice(name="shop_pairs")), [START, *map(Path, arguments.beside)])
        written[keep_quality(folder, mark, [asdict(row) for row in rows]).name] = 0
    if not arguments.json:
        print(f"{sum(written.values()) / 1e6:.1f} MB in {folder}")
    return {"files": written, "model": encoder.title}
