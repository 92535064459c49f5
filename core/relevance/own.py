"""Somebody's own catalogue: products alone, or judged pairs, whose titles are the products."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from core.data.pairs.judged import Judged
from core.data.pairs.own import COLUMNS, read_pairs
from core.data.parquet import connect, quoted
from core.data.source import open_table
from core.errors import PrecedenceError
from core.home import home
from core.relevance.catalogue import Catalogue, JudgedQuery
from core.relevance.index import Index, Product

JUDGED = "judged.json"
MOST_JUDGED = 2000  # queries that are kept for before and after
EXAMPLES = 8
KEYS = ("product_id", "key", "id", "asin", "sku")
CATEGORIES = ("category", "product_class", "product_category")


@dataclass(frozen=True)
class Own:
    products: list[Product]
    queries: list[JudgedQuery]


def folder_of_catalogues() -> Path:
    """Where the server keeps the catalogues that people bring, an index in a folder each."""
    return home() / "catalogues"


def read_catalogue(source: Path) -> Own:
    """A CSV, TSV or Parquet file, or WANDS' folder.

    With columns for query, title and label it is judged pairs: each distinct title is a product, known by its number.
    Else it is products: a title, and where there are columns for it a key (else the row's number) and a category.
    """
    if source.is_dir():
        return of_judged(read_pairs(source)[0])
    with connect() as database:
        columns = {name.strip().lower() for name in open_table(database, source)}
    if columns & set(COLUMNS["query"]) and columns & set(COLUMNS["label"]):
        return of_judged(read_pairs(source)[0])
    return Own(_products(source), [])


def of_judged(judged: Judged) -> Own:
    """Judged pairs as a catalogue."""
    products = [Product(str(number), title) for number, title in enumerate(judged.products, start=1)]
    grades: list[dict[str, int]] = [{} for _ in judged.queries]
    for query, product, grade in zip(
        judged.query_of.tolist(), judged.product_of.tolist(), judged.grades.tolist(), strict=True
    ):
        grades[query][products[product].key] = int(grade)
    return Own(products, [JudgedQuery(*pair) for pair in zip(judged.queries, grades, strict=True)])


def _products(source: Path) -> list[Product]:
    """Rows without a title are left out, and of several rows with one key the first stays."""
    with connect() as database:
        columns = {name.strip().lower(): name for name in open_table(database, source)}
        title = _column(columns, COLUMNS["title"])
        if title is None:
            raise PrecedenceError(
                f"{source.name} has no column of titles (it has {', '.join(columns.values())[:200]}); name one of them "
                "title."
            )
        key, category = _column(columns, KEYS), _column(columns, CATEGORIES)
        chosen = (
            f"CAST({quoted(key)} AS VARCHAR)" if key else "CAST(precedence_row AS VARCHAR)",
            f"CAST({quoted(title)} AS VARCHAR)",
            f"coalesce(CAST({quoted(category)} AS VARCHAR), '')" if category else "''",
        )
        rows = database.execute(f"SELECT {', '.join(chosen)} FROM given ORDER BY precedence_row").fetchall()
    products: dict[str, Product] = {}
    for name, text, group in rows:
        if name and text:
            products.setdefault(name, Product(name, text, group))
    if not products:
        raise PrecedenceError(f"{source.name} holds no product with a title; give at least one row.")
    return list(products.values())


def _column(columns: dict[str, str], names: Sequence[str]) -> str | None:
    return next((columns[name] for name in names if name in columns), None)


def keep_judged(folder: Path, queries: Sequence[JudgedQuery]) -> None:
    """Beside the index, for before and after."""
    kept = [{"query": query.text, "grades": query.grades} for query in queries[:MOST_JUDGED]]
    (folder / JUDGED).write_text(json.dumps(kept, ensure_ascii=False), encoding="utf-8")


def read_judged(folder: Path) -> tuple[JudgedQuery, ...]:
    """What `keep_judged` wrote; nothing where it wrote nothing."""
    try:
        kept = json.loads((folder / JUDGED).read_text(encoding="utf-8"))
        return tuple(JudgedQuery(str(one["query"]), dict(one["grades"])) for one in kept)
    except FileNotFoundError:
        return ()
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise PrecedenceError(f"{JUDGED} in {folder.name} cannot be read; index the catalogue again.") from error


def own_catalogue(folder: Path, index: Index) -> Catalogue:
    """What the page shows of a catalogue in a folder; without judged queries its first titles are the examples."""
    queries = read_judged(folder)
    examples = [query.text for query in queries[:EXAMPLES]]
    if not examples:
        examples = [index.product(row).title[:60] for row in range(min(EXAMPLES, index.rows))]
    return Catalogue(folder.name, folder.name, "", (), {}, queries, tuple(dict.fromkeys(examples)))
