"""python -m core relevance search and explain: the best products for a query, and why a product has its score."""

from __future__ import annotations

import functools
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import click

from core.commands.options import Command, show
from core.errors import PrecedenceError
from core.home import home
from core.narration.reading import reading_sentences, step_sentence
from core.narration.relevance import difference, lifts, reasons
from core.relevance.explanation.explanation import Explanation, compare
from core.relevance.explanation.lift import Change
from core.relevance.overrides import OverrideLog, read_overrides
from core.relevance.reading.reader import Step
from core.relevance.searcher import Searcher
from core.relevance.stores.catalogue import language_searched, shop
from core.relevance.stores.index_store import take
from core.relevance.stores.shop_bags import shop_searcher
from core.relevance.stores.uploaded import folder_of_catalogues

KEPT = "kept"


def _searched(function: Callable[..., Any]) -> Callable[..., Any]:
    """Gives a command the query, and what is searched: the shop or an index, with the overrides asked for."""

    @click.argument("query")
    @click.option("--index", default="", help="Folder of an index; without it the shop in the query's language.")
    @click.option(
        "--overrides", default="", help=f"Changes by hand that hold: {KEPT}, or a JSON file as an export makes it."
    )
    @functools.wraps(function)
    def with_searcher(query: str, index: str, overrides: str, **given: Any) -> Any:
        return function(_searcher(query, index, overrides), query, **given)

    return with_searcher


def _searcher(query: str, index: str, overrides: str) -> Searcher:
    found = take(Path(index)) if index else shop_searcher(language_searched(query), progress)
    if overrides == KEPT:
        log, name = open_log_of(index)
        try:
            return found.with_overrides(log.active(name))
        finally:
            log.close()
    if overrides:
        file = Path(overrides)
        if not file.is_file():
            raise PrecedenceError(f"The file {file} does not exist; name {KEPT} or a file that an export made.")
        return found.with_overrides(read_overrides(file))
    return found


def catalogue_name(index: str) -> str:
    """The name under which overrides of this index are kept: a collection's own, else the index' whole path."""
    if not index:
        return shop("en").name
    place = Path(index).resolve()
    return place.name if place.parent == folder_of_catalogues().resolve() else str(place)


def open_log_of(index: str) -> tuple[OverrideLog, str]:
    """The overrides of this home, and the name of those of this index.

    Earlier versions kept them by the last part of the path alone: those are copied to each index that was meant by
    it, once.
    """
    log, name = open_log(), catalogue_name(index)
    old = Path(name).name
    if old != name and old != shop("en").name and not (folder_of_catalogues() / old).exists():
        log.inherit(old, name)
    return log, name


def open_log() -> OverrideLog:
    """The overrides of this home; refused while a server has them."""
    return OverrideLog(home() / "overrides.duckdb")


def nothing_found(query: str) -> str:
    """The sentence in place of hits."""
    if not any(map(str.isalnum, query)):
        return f"The query {query[:80]!r} holds no word that can be searched."
    return f"No title holds a word of {query[:80]!r}, nor can the model infer one."


def progress(done: int, count: int) -> None:
    """A counter on standard error, so that standard output stays for results."""
    if sys.stderr.isatty():
        print(f"\r{done:,} of {count:,} products", end="" if done < count else "\n", file=sys.stderr, flush=True)


@click.command(cls=Command)
@_searched
@click.option("--most", type=click.IntRange(1, 1000), default=10, help="Hits.")
def search(found: Searcher, query: str, most: int) -> dict[str, Any]:
    """The best products for QUERY, and what carries the first one's score."""
    found.search(query, 1)  # compiled, in memory
    began = time.perf_counter()
    hits = found.search(query, most)
    milliseconds = 1e3 * (time.perf_counter() - began)
    listed = []
    for rank, (row, score) in enumerate(zip(hits.rows.tolist(), hits.scores.tolist(), strict=True), start=1):
        product = found.index.product(row)
        listed.append({"rank": rank, "product": product.key, "title": product.title,
                       "category": product.attribute("category"), "score": score})  # fmt: skip
        show(f"{rank:4d}  {score:.4f}  {product.key:>10}  {product.title}")
        if rank == 1:
            explanation = found.explain(query, row)
            show(
                *(f"      {sentence}" for sentence in [reasons(explanation)[0], *reading_sentences(explanation.steps)])
            )
    if not listed:
        show(nothing_found(query))
    read = found.read(query)
    return {
        "query": query,
        "read_as": read.text,
        "steps": steps_of(read.steps),
        "model": found.encoder.title,
        "products": len(found.index),
        "milliseconds": round(milliseconds, 3),
        "hits": listed,
        "skipped_overrides": list(found.rules.skipped),
    }


@click.command(cls=Command)
@_searched
@click.option("--product", default="", help="The product's key; without it the first hit.")
@click.option("--against", default="", help="A second product's key: why one is above the other.")
def explain(found: Searcher, query: str, product: str, against: str) -> dict[str, Any]:
    """Why a product has its score, or is above another."""
    hits = found.search(query, 1).rows.tolist()
    if not product and not hits:
        raise PrecedenceError(f"{nothing_found(query)} Name a product with --product to see what it lacks.")
    row = found.index.row(product) if product else int(hits[0])
    explanation = found.explain(query, row)
    lift = found.lift(query, row)
    names = explanation.names()
    result = {
        "query": query,
        "product": found.index.product(row).key,
        "title": explanation.title,
        "rank": lift.rank,
        "steps": steps_of(explanation.steps),
        "matches": explanation.matches(),
        **_figures(explanation),
        "reasons": reasons(explanation),
        "lift": {
            "gap": lift.gap,
            "in_product": _change(lift.in_product, names),
            "words": [_change(change, names) for change in lift.words],
            "in_query": _change(lift.in_query, names),
            "sentences": lifts(lift, names),
        },
    }
    if against:
        result["against"] = _against(found, query, against, explanation)
    _show(explanation, result)
    return result


def steps_of(steps: Sequence[Step]) -> list[dict[str, str]]:
    """How the query was read: each step's kind, what was typed, as what it was read, and the sentence."""
    return [
        {"kind": one.kind, "typed": one.typed, "read": one.read, "sentence": step_sentence(one)} for one in steps
    ]  # fmt: skip


def _figures(explanation: Explanation) -> dict[str, Any]:
    """The names that the command promises."""
    return {
        "score": explanation.score,
        "contributions": [
            {"word": one.word, "query_weight": one.query_weight, "product_weight": one.product_weight,
             "contribution": one.contribution, "kind": one.kind, "source": one.source}
            for one in explanation.contributions
        ],
        "unmatched": [{"word": one.word, "query_weight": one.query_weight} for one in explanation.unmatched],
        "unmatched_query_mass": explanation.unmatched_query_mass,
    }  # fmt: skip


def _against(found: Searcher, query: str, against: str, first: Explanation) -> dict[str, Any]:
    second = found.explain(query, found.index.row(against))
    differences = compare(first, second)
    return {
        "product": against,
        "title": second.title,
        "score": second.score,
        "differences": [
            {
                "word": one.word,
                "in_first": one.in_first,
                "in_second": one.in_second,
                "amount": one.amount,
                "why": one.why,
            }
            for one in differences
        ],
        "sentence": difference("the first", "the second", differences),
    }


def _change(change: Change | None, names: dict[int, str]) -> dict[str, Any] | None:
    return None if change is None else {"word": names[change.term], "old": change.old, "new": change.new}


def _show(explanation: Explanation, result: dict[str, Any]) -> None:
    show(f"{explanation.title}: {explanation.score:.4f}, rank {result['rank']}")
    for one in explanation.contributions:
        show(f"  {one.query_weight:.3f} × {one.product_weight:.3f} = {one.contribution:.4f}  {one.word} ({one.kind}, "
              f"from {one.source})")  # fmt: skip
    show("\n".join([*result["reasons"], *result["lift"]["sentences"]]))
    if "against" in result:
        show(result["against"]["sentence"])
