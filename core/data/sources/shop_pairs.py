"""The simulated shop's judgements: 648 queries, 52 products each, graded 0–3 by readers who err in 3 % of cases."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from core.data.description import DatasetCard, Split
from core.data.pairs.judged import Judged, divided, numbered
from core.data.pairs.prepare import PAIRS_RUN, grade_tasks, write_pairs
from core.data.prepared import cached
from core.data.source import DatasetChoice, Source
from core.data.sources.shop import tables

VERSION = 6

CARD = DatasetCard(
    name="shop_pairs",
    title="Shop: query and title",
    about=(
        "A row is a query of the simulated shop, English or Chinese, a product's title in the same language, and how "
        "well it fits, graded 0 to 3. Synonyms, accessories and clickbait make words alone misleading."
    ),
    notice="Simulated: no real shop, product, person or judgement.",
    tasks=grade_tasks(3),
    split=Split(kind="given", says="70 / 15 / 15 % of the queries"),
)


def prepare(choice: DatasetChoice) -> Path:
    """The prepared folder, made at first use."""
    return cached(f"shop-pairs-{VERSION}", make)


def make(folder: Path) -> None:
    judged, titles = read()
    write_pairs(folder, CARD, judged, catalogue=titles)


def read() -> tuple[Judged, list[str]]:
    """The judgements, and the titles of the whole catalogue in both languages."""
    queries, products = tables.queries("query_id", "text", "language"), tables.products("title_en", "title_zh")
    judgements = tables.judgements("query_id", "product_id", "grade")
    texts = [str(text) for text in queries["text"]]
    chinese = queries["language"] == "zh"
    query = judgements["query_id"].astype(np.int64)
    title = {False: products["title_en"].tolist(), True: products["title_zh"].tolist()}
    given = zip(chinese[query].tolist(), judgements["product_id"].tolist(), strict=True)
    found, product_of = numbered([title[language][product] for language, product in given])
    judged = Judged(
        queries=texts,
        products=found,
        query_of=query.astype(np.int32),
        product_of=product_of,
        grades=judgements["grade"].astype(np.float32),
        split=divided(texts)[query],
    )
    return judged, [*title[False], *title[True]]


def training_pairs() -> int:
    """Judgements of the training queries, counted without preparing anything."""
    split = divided([str(text) for text in tables.queries("query_id", "text")["text"]])
    return int((split[tables.judgements("query_id")["query_id"].astype(np.int64)] == 0).sum())


SOURCE = Source(
    card=CARD,
    prepare=prepare,
    form="pairs",
    part_of="shop",
    read_pairs=lambda: read()[0],
    default_run=PAIRS_RUN | {"model": {"kind": "deepbow", "average_length": 6.8}},
)
