"""What the Relevance page's component is shown: hits, the open product's words, two products side by side.

Plain data out of a searcher; every text is shown as text.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from core.charts.palette import GREY, OKABE_ITO
from core.narration.relevance import difference, lifts, number, percent, reasons
from core.relevance.explanation.explanation import (
    NO_TERM,
    Contribution,
    Explanation,
    compare,
    title_highlights,
)
from core.relevance.explanation.lift import MARGIN
from core.relevance.index import Product
from core.relevance.overrides import offered
from core.relevance.searcher import Searcher
from core.relevance.stores.catalogue import Catalogue

HITS = 10
ADDED = f"repeating-linear-gradient(135deg, {GREY} 0 3px, transparent 3px 5px)"
"""Of what no word says: hatched, so that it is taken for none of them."""
ALONE = "What would make it first is said of relevance alone: set the order to that."


def colours(searcher: Searcher, query: str) -> dict[int, str]:
    """A colour for each of the query's heaviest terms; the others share grey. Changes by hand move no colour."""
    bag = searcher.encoded(query)
    heaviest = [int(bag.ids[place]) for place in (-bag.weights).argsort(kind="stable")]
    heaviest += [int(term) for term in searcher.query(query).ids if term not in set(heaviest)]
    return {term: OKABE_ITO[place] if place < len(OKABE_ITO) else GREY for place, term in enumerate(heaviest)}


def hits_view(
    before: Searcher, after: Searcher, catalogue: Catalogue, query: str, rows: Sequence[int]
) -> list[dict[str, Any]]:
    """The hits `rows` of `after`, best first, each with its words; `moved` counts places since `before`, None: new."""
    colour = colours(after, query)
    ranks = {row: rank for rank, row in enumerate(before.search(query, 100).rows.tolist(), start=1)}
    best = after.explain(query, rows[0]).score if rows else 0.0
    shown = []
    for rank, row in enumerate(rows, start=1):
        product, explanation = after.index.product(row), after.explain(query, row)
        shown.append(
            {
                "key": product.key,
                "rank": rank,
                "moved": ranks[row] - rank if row in ranks else None,
                "title": _titled(explanation, colour),
                "score": number(explanation.score),
                "length": explanation.score / best if best else 0.0,
                "parts": _parts(explanation, colour),
                "about": _about(catalogue, product),
            }
        )
    return shown


def card_view(searcher: Searcher, catalogue: Catalogue, query: str, row: int, rank: int | None) -> dict[str, Any]:
    """The open product: title, sentences, and every word of the query with both weights and its contribution."""
    product, explanation = searcher.index.product(row), searcher.explain(query, row)
    colour = colours(searcher, query)
    lift = searcher.lift(query, row)
    names = explanation.names()
    rules = searcher.rules
    touched = set(rules.of_query(query)) | set(rules.of_product(product))
    words: list[dict[str, Any]] = [
        {**_part(one, explanation, colour), "query_weight": one.query_weight, "product_weight": one.product_weight,
         "kind": one.kind, "match": one.match, "source": one.source if one.span else "",
         "source_known": one.span is not None, "touched": one.term in touched, "role": one.role, "factor": one.factor}
        for one in explanation.contributions
    ]  # fmt: skip
    words += [
        {"word": one.word, "term": one.term, "colour": colour.get(one.term, GREY), "amount": 0.0, "share": 0.0,
         "share_text": "", "query_weight": one.query_weight, "product_weight": 0.0, "kind": "missing",
         "match": one.match, "source": "", "source_known": False, "touched": one.term in touched,
         "role": "", "factor": 1.0}
        for one in explanation.unmatched
    ]  # fmt: skip
    return {
        "key": product.key,
        "title": _titled(explanation, colour),
        "about": _about(catalogue, product),
        "scopes": [
            {"name": scope.name, "label": scope.label, "in_query": scope.side == "query"} for scope in offered(product)
        ],
        "score": number(explanation.score),
        "exact_score": explanation.score,
        "rank": rank if rank is not None else lift.rank,
        "reasons": reasons(explanation),
        "lifts": lifts(lift, names) if searcher.addition is None else [ALONE],
        "lift": {"word": names[lift.in_product.term], "value": lift.in_product.new, "scope": "product"}
        if lift.in_product and lift.gap > 2 * MARGIN and searcher.addition is None
        else None,
        "words": words,
        "added": _added(explanation),
    }


def compare_view(searcher: Searcher, query: str, first: int, second: int) -> dict[str, Any]:
    """Why one product is above the other."""
    one, other = searcher.explain(query, first), searcher.explain(query, second)
    differences = compare(one, other)
    colour = colours(searcher, query)
    return {
        "titles": [one.title, other.title],
        "scores": [number(one.score), number(other.score)],
        "sentence": difference("the first", "the second", differences),
        "key": searcher.index.product(second).key,
        "words": [
            {"word": each.word, "colour": colour.get(each.term, GREY) if each.is_word else ADDED,
             "amount": each.amount, "text": number(each.amount), "why": each.why}
            for each in differences
        ],
    }  # fmt: skip


def _part(one: Contribution, explanation: Explanation, colour: dict[int, str]) -> dict[str, Any]:
    share = explanation.share(one)
    return {
        "word": one.word,
        "term": one.term,
        "colour": colour.get(one.term, GREY),
        "amount": one.contribution,
        "share": share,
        "share_text": percent(share),
    }


def _parts(explanation: Explanation, colour: dict[int, str]) -> list[dict[str, Any]]:
    """The score's bar: a piece a word, and one for what no word says."""
    parts = [_part(one, explanation, colour) for one in explanation.contributions]
    added = _added(explanation)
    return parts if added is None else [*parts, added]


def _added(explanation: Explanation) -> dict[str, Any] | None:
    """What the score has beside its words, as a part of it; None where nothing can be added."""
    if explanation.added is None:
        return None
    share = explanation.share_added
    return {"word": explanation.added.name, "term": NO_TERM, "colour": ADDED, "amount": explanation.added.amount,
            "share": share, "share_text": percent(share)}  # fmt: skip


def _titled(explanation: Explanation, colour: dict[int, str]) -> list[list[Any]]:
    """The title in pieces, each with its intensity and the colour of the word that it matters to most."""
    return [
        [piece.text, piece.intensity, None if piece.term is None else colour.get(piece.term, GREY)]
        for piece in title_highlights(explanation)
    ]


def _about(catalogue: Catalogue, product: Product) -> str:
    said = {**product.attributes, **catalogue.details.get(product.key, {})}
    said.pop("bullets", None)  # pages of it
    return " · ".join(filter(None, said.values()))
