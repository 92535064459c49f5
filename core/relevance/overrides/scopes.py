"""Where a change by hand can hold: one declaration a scope, from which rules, sentences, commands and pages derive.

A scope of the query's side changes the weight of a word in queries, one of the product's side in products. What is
targeted is named by an attribute: of a query its text, of a product its key or whatever its catalogue says of it
(`Product.attributes`). So a scope for brands is an entry here, once products carry their brand: `ATTRIBUTES` of
`core/relevance/stores/catalogue.py` for the shop, of `core/data/sources/uploaded/pair_columns.py` for uploaded files.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from core.data.text.segment import normalise
from core.relevance.index import KEY, Index, Product

TEXT = "text"  # the attribute of a query


@dataclass(frozen=True)
class Scope:
    """`specificity`: of two scopes of one side that both hold, the higher wins; no two of a side have the same.

    A scope without an attribute takes no target: it holds everywhere on its side, but adds no word to any bag.
    """

    name: str
    side: Literal["query", "product"]
    specificity: int
    attribute: str  # by which the target is found; "": none
    means: str  # what a target is, as a command's help names it
    where: str  # as a sentence says it, with {target}
    label: str  # as the menu beside an open product says it
    absent: str = ""  # what a sentence says where no product is it, with {target}

    @property
    def takes_target(self) -> bool:
        return bool(self.attribute)

    def key(self, target: str) -> str:
        """Two targets of one key are the same."""
        return query_key(target) if self.attribute == TEXT else target

    def here(self, query: str, product: Product) -> str:
        """The target that stands for a search's query or for the open product; "" where the product has none."""
        return self.of_query(query) if self.side == "query" else self.of_product(product)

    def of_query(self, text: str) -> str:
        return text if self.attribute == TEXT else ""

    def of_product(self, product: Product) -> str:
        return product.attribute(self.attribute) if self.attribute else ""

    def rows(self, index: Index, target: str) -> NDArray[np.int64]:
        """The products that a target of the product's side touches, ascending."""
        return index.of_attribute(self.attribute, target)

    def check(self, index: Index, target: str) -> None:
        """Refuses the key of a product that is not there; a value of another attribute may come with later products."""
        if self.attribute == KEY:
            index.row(target)


SCOPES = {
    scope.name: scope
    for scope in (
        Scope("term", "query", 1, "", "", "in every query", "in every query"),
        Scope("query", "query", 2, TEXT, "query", "in the query “{target}”", "in this query"),
        Scope("product", "product", 9, KEY, "product's key", "in the product {target}", "in this product",
              "The index holds no product {target}"),
        Scope("category", "product", 1, "category", "category", "in every product of “{target}”",
              "in its whole category", "No product here is of the category “{target}”"),
    )
}  # fmt: skip
"""In the order in which a command offers them."""


def general_first(side: Literal["query", "product"]) -> list[Scope]:
    """The scopes of one side, the most specific last: what a later one says replaces what an earlier one said."""
    return sorted((scope for scope in SCOPES.values() if scope.side == side), key=lambda scope: scope.specificity)


def offered(product: Product) -> list[Scope]:
    """What the page's menu offers beside an open product: the specific first, without what the product lacks."""
    of_product = [scope for scope in general_first("product") if scope.of_product(product)]
    return [*reversed(general_first("query")), *reversed(of_product)]


def query_key(text: str) -> str:
    """Queries that differ in case, width or spaces alone are one query."""
    return " ".join(normalise(text).text.split())
