"""python -m core relevance index: a catalogue as an index in a folder."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from core.commands.relevance_source import progress
from core.errors import PrecedenceError
from core.home import home
from core.relevance.catalogue import LANGUAGES, shop
from core.relevance.encoders import has_start
from core.relevance.shelf import STARTED, WORDS, build, encoder_of, products_of, put, stamp, take
from core.relevance.stock import SHIPPED, keep_bags, shop_encoder


def add(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--products", default="", help="CSV, TSV or Parquet with title and, if any, product_id, category"
    )
    parser.add_argument(
        "--language", choices=LANGUAGES, default="en", help="without --products: which of the shop's titles"
    )
    parser.add_argument("--model", default="", help=f"{STARTED}, {WORDS}, or a folder of `relevance train --out`")
    parser.add_argument("--out", default="", help="folder of the index")
    parser.add_argument("--add", action="store_true", help="add --products to the index in --out")
    parser.add_argument("--remove", default="", help="keys to take out of the index in --out, separated by commas")
    parser.add_argument("--keep", action="store_true", help="keep the shop's bags by --model in the home folder")
    parser.add_argument("--ship", action="store_true", help="the same, in sample_data")


def run(arguments: argparse.Namespace) -> dict[str, Any]:
    if arguments.keep or arguments.ship:
        return _keep(arguments.model, arguments.ship, arguments.json)
    if not arguments.out:
        raise PrecedenceError("No folder is named for the index; give one with --out.")
    folder = Path(arguments.out)
    if arguments.add or arguments.remove:
        searcher = take(folder)
        removed = searcher.index.remove([key.strip() for key in arguments.remove.split(",") if key.strip()])
        if arguments.add:
            products = products_of(Path(arguments.products))
            searcher.index.add(searcher.encoder.products([product.title for product in products]), products)
        searcher.index.save(folder)
    else:
        removed = 0
        if (folder / "index.json").exists():
            raise PrecedenceError(f"{folder} holds an index already; name another folder, or change it with --add.")
        products = (
            products_of(Path(arguments.products)) if arguments.products else list(shop(arguments.language).products)
        )
        model = arguments.model or (STARTED if has_start() else WORDS)
        searcher = build(encoder_of(model, [product.title for product in products]), products, progress)
        put(searcher, folder)
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


def _keep(model: str, ship: bool, quiet: bool) -> dict[str, Any]:
    """The shop's bags of both languages, where a server finds them."""
    encoder = shop_encoder(model or None)
    mark = stamp(encoder)
    folder = SHIPPED if ship else home() / "relevance" / mark
    written = {}
    for language in LANGUAGES:
        bags = encoder.products([product.title for product in shop(language).products], progress)
        file = keep_bags(folder, language, bags, encoder.vocabulary.size, mark)
        written[file.name] = file.stat().st_size
    if not quiet:
        print(f"{sum(written.values()) / 1e6:.1f} MB in {folder}")
    return {"files": written, "model": encoder.title}
