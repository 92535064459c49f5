"""ESCI-150 as its two files hold it: products with several texts, price and ratings; graded judgements by query.

Shopping queries of Amazon's US shop, in English (Reddy et al. 2022, *Shopping Queries Dataset*, arXiv 2206.06588), with
the prices and ratings that were found for their products.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import duckdb
import numpy as np
from numpy.typing import NDArray

from core.data import parquet
from core.data.pairs.judged import Judged, divided, fold_of, numbered
from core.errors import PrecedenceError

FILES = ("esci150/judgements.parquet", "esci150/products.parquet")
NOTICE = "Amazon's Shopping Queries (ESCI), Apache-2.0. Not shipped: read from the folder named by PRECEDENCE_DATA."

GRADES = {"I": 0, "C": 1, "S": 2, "E": 3}
"""Irrelevant, complement, substitute, exact."""
GAINS = (0.0, 0.01, 0.1, 1.0)
"""Of each grade in NDCG, as the data's authors have it (§4.1)."""

FIELDS = {"bullets": "product_bullet_point", "brand": "product_brand", "color": "product_color"}
"""What is said of a product beside its title, and the column that says it."""


@dataclass(frozen=True)
class Products:
    """P products, judged or not, in the order of the file."""

    keys: list[str]
    titles: list[str]
    fields: dict[str, list[str]]  # by the names of FIELDS, "" where nothing is said
    price: NDArray[np.float64]  # [P] dollars, NaN where unknown
    rating: NDArray[np.float64]  # [P] 1 … 5, NaN where unknown
    ratings: NDArray[np.float64]  # [P] how many, NaN where unknown


def read_products(file: Path) -> Products:
    """Raises PrecedenceError where the file has no such columns."""
    texts = {"title": "product_title", **FIELDS}
    wanted = ["trim(product_id) AS key", *(f"coalesce(trim({text}), '') AS {name}" for name, text in texts.items())]
    # a price of 0 is one that was not found
    wanted += ["nullif(price, 0)::DOUBLE AS price", "rating::DOUBLE AS rating", "rating_count::DOUBLE AS ratings"]
    found = _columns(file, ", ".join(wanted))
    return Products(
        keys=[str(key) for key in found["key"]],
        titles=[str(title) for title in found["title"]],
        fields={name: [str(text) for text in found[name]] for name in FIELDS},
        price=_numbers(found["price"]),
        rating=_numbers(found["rating"]),
        ratings=_numbers(found["ratings"]),
    )


def read_judged(judgements: Path, products: Products, fold: int | None = None) -> Judged:
    """The judgements by query; all products are there, judged or not, and a product's number is its place in the file.

    Queries are divided 70 / 15 / 15 % by a hash of their text, or as `fold` says: see `fold_of`.
    """
    found = _columns(judgements, "trim(query) AS query, trim(product_id) AS key, upper(esci_label) AS label")
    place = {key: at for at, key in enumerate(products.keys)}
    queries, query_of = numbered([str(query) for query in found["query"]])
    for key, label in zip(found["key"], found["label"], strict=True):
        if key not in place or label not in GRADES:
            what = f"the label {label!r}" if key in place else f"the product {key!r}, which is in no row of products"
            raise PrecedenceError(f"{judgements} holds {what}; fetch both files again.")
    return Judged(
        queries=queries,
        products=products.titles,
        query_of=query_of,
        product_of=np.array([place[key] for key in found["key"]], np.int32),
        grades=np.array([GRADES[label] for label in found["label"]], np.float32),
        split=(divided(queries) if fold is None else fold_of(queries, fold))[query_of],
        fields=products.fields,
        gains=GAINS,
        numbers={"ratings": products.ratings, "price": products.price},
    )


def _columns(file: Path, wanted: str) -> dict[str, NDArray]:
    try:
        with parquet.connect() as database:
            return database.execute(f"SELECT {wanted} FROM read_parquet({parquet.literal(file)})").fetchnumpy()
    except duckdb.Error as error:
        raise PrecedenceError(
            f"{file} is not as ESCI-150 has it ({str(error).splitlines()[0]}); fetch the file again."
        ) from error


def _numbers(values: NDArray) -> NDArray[np.float64]:
    plain = values.filled(np.nan) if isinstance(values, np.ma.MaskedArray) else values
    return np.asarray(plain, np.float64)
