"""The simulated shop's search pages as lists for a ranker: relevance, clicks and price of the ten products shown."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from core.data import parquet
from core.data.description import DatasetCard, Split, Task
from core.data.list_gains import gains_within
from core.data.pairs.judged import fold_of
from core.data.prepared import SPLIT, TABLE, cached, read_description, write_folder
from core.data.source import DatasetChoice, Source, fold_mark
from core.data.sources.shop import tables
from core.data.sources.shop.files import COMMITTED

VERSION = 1

CARD = DatasetCard(
    name="shop_lists",
    title="Simulated shop: order of a page",
    about=(
        "A row is a product shown on a search page; the ten of a page are a list. What should stand first: what was "
        "asked for, what is clicked, or what costs most? Tempting off-topic products draw clicks against relevance."
    ),
    notice="Simulated: a stated world with a fixed seed; no real shop, product or person.",
    tasks=(
        Task(name="relevance", title="Relevance", kind="ranking", label="relevant"),
        Task(name="click", title="Click", kind="ranking", label="click"),
        Task(name="price", title="Price", kind="ranking", label="price_gain"),
    ),
    split=Split(kind="time", column="time", says="days 15-47 / 48-53 / 54-60 of sixty; in folds by query"),
)


def prepare(choice: DatasetChoice) -> Path:
    """The prepared folder, made at first use."""
    return cached(f"shop-lists-{VERSION}{fold_mark(choice)}", lambda folder: make(folder, choice.fold))


def make(folder: Path, fold: int | None = None) -> None:
    """The shop's own table without the position, which is the order that was shown, and the page of each row."""
    given = COMMITTED / "prepared"
    described = read_description(given)
    columns = {name: values for name, values in parquet.read(given / TABLE).items() if name != "position"}
    shown = tables.impressions("search_id", "query_id")
    columns["page"] = shown["search_id"].astype(np.int32)
    columns["price_gain"] = gains_within(columns["price"], columns["page"]).astype(np.float32)
    if fold is not None:
        texts = [str(text) for text in tables.queries("text")["text"]]
        columns[SPLIT] = fold_of(texts, fold)[shown["query_id"]]
    sparse = tuple(feature for feature in described.sparse if feature.name != "position")
    update = {"card": CARD, "sparse": sparse, "group": "page"}
    kept = [feature.name for feature in sparse] + [feature.name for feature in described.dense]
    kept += [feature.name for feature in described.sequences] + [task.label or "" for task in CARD.tasks]
    description = described.model_copy(update=update)
    write_folder(folder, description, {name: columns[name] for name in (*kept, "page", SPLIT)})


SOURCE = Source(
    card=CARD,
    prepare=prepare,
    has_folds=True,
    part_of="shop",
    # as on ESCI-150 the first task alone before the others: see there
    default_run={
        "model": {"kind": "ranker", "embedding_dim": 4, "trunk": (32,), "dropout": 0.0},
        "method": {"kind": "nmt", "tolerance_kind": "metric", "start_together": 0.0},
        "tolerance": 0.01,
        "batch_size": 1000,
        "stage_steps": 300,
        "evaluate_every": 25,
        "patience": 12,
        "probe_every": 200,
        "optimiser": {"learning_rate": 1e-2, "weight_decay": 1e-3},
    },
)
