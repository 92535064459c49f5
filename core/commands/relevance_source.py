"""What every relevance command searches: the shop, or an index in a folder; with the overrides that are asked for."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from core.errors import PrecedenceError
from core.home import home
from core.relevance.overrides import OverrideLog, from_json
from core.relevance.searcher import Searcher
from core.relevance.stores.catalogue import language_of, shop
from core.relevance.stores.index_store import take
from core.relevance.stores.shop_bags import shop_searcher

KEPT = "kept"


def where(parser: argparse.ArgumentParser) -> None:
    """The flags that `searcher` reads."""
    parser.add_argument("--index", default="", help="folder of an index; without it the shop in the query's language")
    parser.add_argument(
        "--overrides", default="", help=f"changes by hand that hold: {KEPT}, or a JSON file as an export makes it"
    )


def searcher(arguments: argparse.Namespace, query: str) -> Searcher:
    """The searcher that the flags name."""
    found = take(Path(arguments.index)) if arguments.index else shop_searcher(language_of(query), progress)
    if arguments.overrides == KEPT:
        log = open_log()
        try:
            return found.with_overrides(log.active(catalogue(arguments)))
        finally:
            log.close()
    if arguments.overrides:
        file = Path(arguments.overrides)
        if not file.is_file():
            raise PrecedenceError(f"The file {file} does not exist; name {KEPT} or a file that an export made.")
        return found.with_overrides(from_json(file.read_text(encoding="utf-8")))
    return found


def catalogue(arguments: argparse.Namespace) -> str:
    """The name under which overrides of this index are kept."""
    return Path(arguments.index).resolve().name if arguments.index else shop("en").name


def open_log() -> OverrideLog:
    """The overrides of this home; refused while a server has them."""
    return OverrideLog(home() / "overrides.duckdb")


def progress(done: int, count: int) -> None:
    """A counter on standard error, so that standard output stays for results."""
    if sys.stderr.isatty():
        print(f"\r{done:,} of {count:,} products", end="" if done < count else "\n", file=sys.stderr, flush=True)
