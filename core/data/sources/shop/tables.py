"""Reading the shop: one function a table, each a dictionary of NumPy columns in file order.

Missing values come as masked arrays. `hidden_truth` is for judging results, never an input of a model.
"""

from __future__ import annotations

from pathlib import Path

from core.data import parquet
from core.data.sources.shop.random import Array
from core.errors import PrecedenceError

Table = dict[str, Array]
COMMITTED = Path(__file__).resolve().parents[4] / "sample_data" / "shop"


def path(name: str, folder: Path = COMMITTED) -> Path:
    """The Parquet file of a table, for reading by SQL."""
    file = folder / f"{name}.parquet"
    if not file.is_file():
        raise PrecedenceError(f"The file {file} is missing; make the shop again with: python -m core data make-shop")
    return file


def products(*names: str) -> Table:
    """product_id, title_en, title_zh, department, group, category, brand, shop (each also _zh), shop_id, price,
    list_price, price_level (1..7 within the category), picture (0..1), listed_day."""
    return parquet.read(path("products"), names)


def queries(*names: str) -> Table:
    """query_id, text, language (en, zh), guessed_category (right for about 85 %), frequency."""
    return parquet.read(path("queries"), names)


def judgements(*names: str) -> Table:
    """query_id, product_id, grade 0..3."""
    return parquet.read(path("judgements"), names)


def users(*names: str) -> Table:
    """user_id, age, city, membership, language, registered_day."""
    return parquet.read(path("users"), names)


def events(*names: str) -> Table:
    """user_id, time, session_id, product_id, behaviour, scenario, query_id (missing outside search); by user, time."""
    return parquet.read(path("events"), names)


def impressions(*names: str, folder: Path = COMMITTED) -> Table:
    """search_id, time, user_id, query_id, product_id, position 1..10, relevant, click, cart, purchase, price_level."""
    return parquet.read(path("impressions", folder), names)


def hidden_truth(*names: str) -> Table:
    """kind (user, product, query, need), id, name, value, text."""
    return parquet.read(path("hidden_truth"), names)
