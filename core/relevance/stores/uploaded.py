"""Somebody's own catalogue: products alone, or judged pairs, whose titles are the products."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path
from types import MappingProxyType

import duckdb
import numpy as np
from numpy.typing import NDArray

from core.data import parquet
from core.data.pairs.judged import TEST, Judged, check
from core.data.pairs.prepare import GRADE, NUMBER
from core.data.parquet import connect, quoted
from core.data.prepared import SPLIT, TABLE, read_description
from core.data.reading.options import ReaderOptions
from core.data.reading.reader import Reading
from core.data.registry import prepared_folder
from core.data.source import DatasetChoice
from core.data.sources import shop_pairs
from core.data.sources.uploaded.pair_columns import ATTRIBUTES, OF_CLICKS, columns_of, needed
from core.data.sources.uploaded.pairs import JudgedFile, open_source, read_judged_file
from core.data.text.fields import SIGNS
from core.data.text.heads import Place, namings, places
from core.data.text.segment import is_han, segment
from core.data.text.vocabulary import joined
from core.errors import PrecedenceError
from core.files import write_text
from core.home import home
from core.relevance.aims import Aim, aims_of, shop_aims
from core.relevance.index import Index, Product
from core.relevance.stores.catalogue import Catalogue, JudgedQuery, shop

JUDGED = "judged.json"
MOST_JUDGED = 2000  # queries that are kept for before and after
EXAMPLES = 8
LOOKED_AT = 2000  # titles, for examples
CHINESE = "-zh"  # ends the keys of the shop's products under their Chinese titles


@dataclass(frozen=True)
class UploadedCatalogue:
    """`says`: sentences of what was found. `untrainable`: why no model can be trained on it; empty where one can.
    `aims`: what its order may serve beside relevance, by product; `gains`: of each grade, empty: 2^grade − 1."""

    products: list[Product]
    queries: list[JudgedQuery]
    says: tuple[str, ...] = ()
    untrainable: str = ""
    aims: tuple[Aim, ...] = ()
    gains: tuple[float, ...] = ()


def folder_of_catalogues() -> Path:
    """Where the server keeps the catalogues that people bring, an index in a folder each."""
    return home() / "catalogues"


def read_catalogue(
    source: Path | Sequence[Path], columns: Mapping[str, str] | None = None, options: ReaderOptions | None = None
) -> UploadedCatalogue:
    """A file, several that belong together, or WANDS' folder.

    With columns for query, title and label it is judged pairs: each id is a product, or each distinct title, known by
    its number. Else it is products: a title, and where there are columns for it a key (else the row's number) and
    attributes.
    `columns` says which is which; None: recognised by their names.
    """
    with connect() as database:
        reading = open_source(database, source, options)
        which = columns_of(reading) if columns is None else dict(columns)
        if "query" not in which or not {"label", "click"} & set(which):
            return _products(reading, database, which)
    read = read_judged_file(source, columns, options)
    own = of_judged(read.judged)
    try:
        check(read.judged)
    except PrecedenceError as error:
        own = replace(own, untrainable=str(error))
    used = {name for what, name in which.items() if read.by == "clicks" or what not in OF_CLICKS}
    unused = [name for name in reading.types if name not in used]
    return replace(own, says=tuple(_said_of_pairs(reading.file, read, unused)))


def of_judged(judged: Judged) -> UploadedCatalogue:
    """Judged pairs as a catalogue."""
    pairs = (judged.query_of, judged.product_of, judged.grades, judged.split)
    found = _of_texts(judged.queries, judged.products, *pairs, judged.keys, judged.fields)
    return replace(found, aims=aims_of(judged.numbers), gains=judged.gains)


def of_prepared(choice: DatasetChoice) -> UploadedCatalogue:
    """A data set of form "pairs" as a catalogue; the shop's with all its titles, judged or not."""
    if choice.name == shop_pairs.CARD.name:
        return _of_shop()
    folder = prepared_folder(choice)
    card = read_description(folder).card
    labels = [task.label for task in card.tasks if task.label]
    queries, titles = (
        [str(text) for text in parquet.read(folder / f"{side}.parquet", ("text",))["text"]]
        for side in ("query", "product")
    )
    table = parquet.read(folder / TABLE)
    grades = table[GRADE] if GRADE in table else np.sum([table[label] for label in labels], axis=0)
    held = parquet.read(folder / "product.parquet")
    keys = held.get("key", ())
    pairs = (table["query"], table["product"], grades, table[SPLIT])
    known = {name: held[name].tolist() for name in SIGNS if name in held}
    numbers = {
        name.removeprefix(NUMBER): np.ma.filled(values.astype(np.float64), np.nan)
        for name, values in held.items()
        if name.startswith(NUMBER)
    }
    found = _of_texts(queries, titles, *pairs, [str(key) for key in keys], known)
    return replace(found, aims=aims_of(numbers), gains=card.gains)


def _of_shop() -> UploadedCatalogue:
    """Both languages in one: the Chinese products have keys of their own."""
    english, chinese = shop("en"), shop("zh")
    products = [*english.products, *(replace(one, key=one.key + CHINESE) for one in chinese.products)]
    queries = [replace(one, grades={key + CHINESE: grade for key, grade in one.grades.items()})
               for one in chinese.queries]  # fmt: skip
    aims = tuple(replace(aim, known=np.tile(aim.known, 2), outcome=np.tile(aim.outcome, 2)) for aim in shop_aims())
    return UploadedCatalogue(products, [*english.queries, *queries], aims=aims)


def _of_texts(
    queries: Sequence[str],
    titles: Sequence[str],
    query_of: NDArray,
    product_of: NDArray,
    grades: NDArray,
    split: NDArray,
    keys: Sequence[str] = (),
    fields: Mapping[str, Sequence[str]] = MappingProxyType({}),
) -> UploadedCatalogue:
    """Products by their keys, else by their number, with those of their fields that are read."""
    named = keys or [str(number) for number in range(1, len(titles) + 1)]
    read = {name: fields[name] for name in SIGNS if name in fields}
    products = [
        Product(key, title, {name: str(said[at]) for name, said in read.items()}) if read else Product(key, title)
        for at, (key, title) in enumerate(zip(named, titles, strict=True))
    ]
    given: list[dict[str, float]] = [{} for _ in queries]
    held_out = [False] * len(queries)
    for query, product, grade, part in zip(*(of.tolist() for of in (query_of, product_of, grades, split)), strict=True):
        given[query][products[product].key] = int(grade) if grade == int(grade) else round(grade, 4)
        held_out[query] = part == TEST
    return UploadedCatalogue(products, [JudgedQuery(*one) for one in zip(queries, given, held_out, strict=True)])


def _said_of_pairs(name: str, read: JudgedFile, unused: Sequence[str]) -> Iterator[str]:
    judged, left_out = read.judged, read.left_out
    what = "judged pairs" if read.by == "judges" else "rows of impressions and clicks"
    yield (
        f"{name} holds {read.found:,} {what}: {len(judged.queries):,} queries, "
        f"{len(set(judged.products)):,} different titles."
    )
    grades, counts = np.unique(judged.levels.astype(int), return_counts=True)
    shares = ", ".join(f"{grade} ({count:,} pairs)" for grade, count in zip(grades, counts, strict=True))
    yield f"{'Labels' if read.by == 'judges' else 'Grades'}, more is better: {shares}."
    if left_out:
        lacks = "label" if read.by == "judges" else "click"
        yield f"Rows left out because they lack a query, a title or a {lacks}: {left_out:,}."
    fields = [name for name in SIGNS if name in judged.fields]
    if fields:
        yield f"Read beside the title: {', '.join(fields)}."
    if judged.keys:
        yield f"Products are known by their ids: {len(judged.keys):,}."
    yield from read.said
    if unused:
        yield f"Columns not used: {', '.join(unused)}."


def _products(reading: Reading, database: duckdb.DuckDBPyConnection, which: dict[str, str]) -> UploadedCatalogue:
    """Rows without a title are left out, and of several rows with one key the first stays."""
    names = list(reading.types)
    title = needed(reading.file, names, which, "title")
    key, attributes = which.get("key"), [name for name in (*ATTRIBUTES, *SIGNS) if name in which]
    chosen = (
        f"CAST({quoted(key)} AS VARCHAR)" if key else "CAST(precedence_row AS VARCHAR)",
        f"trim(CAST({quoted(title)} AS VARCHAR))",
        *(f"coalesce(CAST({quoted(which[name])} AS VARCHAR), '')" for name in attributes),
    )
    rows = database.execute(f"SELECT {', '.join(chosen)} FROM given ORDER BY precedence_row").fetchall()
    products: dict[str, Product] = {}
    for name, text, *values in rows:
        if name and text:
            products.setdefault(name, Product(name, text, dict(zip(attributes, values, strict=True))))
    if not products:
        raise PrecedenceError(f"{reading.file} holds no product with a title; give at least one row.")
    says = [f"{reading.file} holds {len(products):,} titles.", *reading.warnings]
    if len(products) < len(rows):
        says.append(
            f"Rows left out because they lack a title or a key, or repeat a key: {len(rows) - len(products):,}."
        )
    unused = [name for name in names if name not in which.values()]
    says += [f"Columns not used: {', '.join(unused)}."] if unused else []
    lacking = [what for what in ("query", "label") if what not in which]
    return UploadedCatalogue(
        list(products.values()), [], tuple(says), f"It has no column for the {' and none for the '.join(lacking)}."
    )


def keep_judged(folder: Path, queries: Sequence[JudgedQuery]) -> None:
    """Beside the index, for before and after; of many queries those of the test first, which take half of the room."""
    room = MOST_JUDGED if len(queries) <= MOST_JUDGED else MOST_JUDGED // 2
    tested = [query for query in queries if query.held_out][:room]
    kept = [*tested, *(query for query in queries if not query.held_out)][:MOST_JUDGED]
    rows = [{"query": query.text, "grades": query.grades, "held_out": query.held_out} for query in kept]
    write_text(folder / JUDGED, json.dumps(rows, ensure_ascii=False))


def read_judged(folder: Path) -> tuple[JudgedQuery, ...]:
    """What `keep_judged` wrote; nothing where it wrote nothing."""
    try:
        kept = json.loads((folder / JUDGED).read_text(encoding="utf-8"))
        return tuple(JudgedQuery(str(one["query"]), dict(one["grades"]), bool(one.get("held_out"))) for one in kept)
    except FileNotFoundError:
        return ()
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise PrecedenceError(f"{JUDGED} in {folder.name} cannot be read; index the catalogue again.") from error


def examples_of(titles: Sequence[str]) -> tuple[str, ...]:
    """What somebody might search for among titles without queries: what names the thing with the word before it, the
    usual ones first, no word twice."""
    cut = [(title, segment(title)) for title in titles[:: max(1, len(titles) // LOOKED_AT)]]
    known = namings(cut)
    counts: Counter[tuple[str, str]] = Counter()
    for title, words in cut:
        named = zip(words, places(title, words, known), strict=True)
        counts.update({(one.form, two.form) for (one, _), (two, place) in pairwise(named) if place == Place.THING})
    found: list[tuple[str, str]] = []
    for pair, count in counts.most_common():
        before = {word for other in found for word in other}
        told = all(word.isalpha() and (len(word) > 1 or is_han(word)) for word in pair)
        if told and before.isdisjoint(pair) and 1 < count <= max(2, len(cut) // 4) and len(found) < EXAMPLES:
            found.append(pair)
    return tuple(joined(pair) for pair in found)


def own_catalogue(folder: Path, index: Index) -> Catalogue:
    """What the page shows of a catalogue in a folder; without judged queries its first titles are the examples."""
    queries = read_judged(folder)
    examples = [query.text for query in queries[:EXAMPLES]]
    if not examples:
        examples = [index.product(row).title[:60] for row in range(min(EXAMPLES, index.rows))]
    return Catalogue(folder.name, folder.name, "", (), {}, queries, tuple(dict.fromkeys(examples)))
