"""python -m core relevance explain QUERY --product KEY: why a product has its score, or is above another."""

from __future__ import annotations

import argparse
from typing import Any

from core.commands.relevance_source import searcher, where
from core.narration.relevance import difference, lifts, reasons
from core.relevance.explanation.explanation import Explanation, compare
from core.relevance.explanation.lift import Change
from core.relevance.searcher import Searcher


def add(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("query")
    parser.add_argument("--product", default="", help="the product's key; without it the first hit")
    parser.add_argument("--against", default="", help="a second product's key: why one is above the other")
    where(parser)


def run(arguments: argparse.Namespace) -> dict[str, Any]:
    found = searcher(arguments, arguments.query)
    hits = found.search(arguments.query, 1).rows.tolist()
    row = found.index.row(arguments.product) if arguments.product or not hits else int(hits[0])
    explanation = found.explain(arguments.query, row)
    lift = found.lift(arguments.query, row)
    names = explanation.names()
    result = {
        "query": arguments.query,
        "product": found.index.product(row).key,
        "title": explanation.title,
        "rank": lift.rank,
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
    if arguments.against:
        result["against"] = _against(found, arguments, explanation)
    if not arguments.json:
        _print(explanation, result)
    return result


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


def _against(found: Searcher, arguments: argparse.Namespace, first: Explanation) -> dict[str, Any]:
    second = found.explain(arguments.query, found.index.row(arguments.against))
    differences = compare(first, second)
    return {
        "product": arguments.against,
        "title": second.title,
        "score": second.score,
        "differences": [
            {"word": one.word, "in_first": one.in_first, "in_second": one.in_second, "amount": one.amount}
            for one in differences
        ],
        "sentence": difference("the first", "the second", differences),
    }


def _change(change: Change | None, names: dict[int, str]) -> dict[str, Any] | None:
    return None if change is None else {"word": names[change.term], "old": change.old, "new": change.new}


def _print(explanation: Explanation, result: dict[str, Any]) -> None:
    print(f"{explanation.title}: {explanation.score:.4f}, rank {result['rank']}")
    for one in explanation.contributions:
        print(f"  {one.query_weight:.3f} × {one.product_weight:.3f} = {one.contribution:.4f}  {one.word} ({one.kind}, "
              f"from {one.source})")  # fmt: skip
    print("\n".join([*result["reasons"], *result["lift"]["sentences"]]))
    if "against" in result:
        print(result["against"]["sentence"])
