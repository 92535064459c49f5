"""ESCI-150 as lists for a ranker: relevance, popularity and price of the products that were judged for a query."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from core.data import parquet
from core.data.description import DatasetCard, DatasetDescription, DenseFeature, Split, Task
from core.data.list_gains import gains_within
from core.data.prepared import SPLIT, TABLE, cached, read_description, write_folder
from core.data.source import DatasetChoice, Source, external_files, fold_mark
from core.data.sources.esci150.files import FILES, GAINS, NOTICE, read_judged, read_products

VERSION = 1

CARD = DatasetCard(
    name="esci150",
    title="ESCI-150: order of a query's products",
    about=(
        "A row is a product that was judged for an English shopping query; the products of a query are a list. What "
        "should stand first: what fits best, what most people have rated, or what costs most?"
    ),
    notice=NOTICE,
    tasks=(
        Task(name="relevance", title="Relevance", kind="ranking", label="gain"),
        Task(name="popularity", title="Popularity", kind="ranking", label="popularity_gain"),
        Task(name="price", title="Price", kind="ranking", label="price_gain"),
    ),
    split=Split(kind="given", says="70 / 15 / 15 % of the queries, or a fifth of them as test"),
)


def prepare(choice: DatasetChoice) -> Path:
    """The prepared folder, made at first use; a fold's is the usual one under another division."""
    usual = cached(f"esci150-{VERSION}", make)
    if choice.fold is None:
        return usual
    return cached(f"esci150-{VERSION}{fold_mark(choice)}", lambda folder: divide(usual, folder, choice.fold or 0))


def divide(usual: Path, folder: Path, fold: int) -> None:
    """The rows of a prepared folder, divided as a fold of the cross-validation says."""
    judgements, file = external_files(SOURCE)
    columns = parquet.read(usual / TABLE)
    columns[SPLIT] = read_judged(judgements, read_products(file), fold).split
    write_folder(folder, read_description(usual), columns)


def make(folder: Path) -> None:
    """Gains: of relevance GAINS, of the number of ratings and of the price the place of its logarithm between the least
    and the most of the query's."""
    from core.data.sources.esci150.features import features

    judgements, file = external_files(SOURCE)
    products = read_products(file)
    judged = read_judged(judgements, products)
    told = features(judged, products)
    labels = {
        "gain": np.array(GAINS)[judged.grades.astype(int)],
        "popularity_gain": gains_within(told["ratings"], judged.query_of),
        "price_gain": gains_within(told["price"], judged.query_of),
    }
    description = DatasetDescription(card=CARD, dense=tuple(DenseFeature(name=name) for name in told), group="query")
    columns = {name: values.astype(np.float32) for name, values in (told | labels).items()}
    write_folder(folder, description, {**columns, "query": judged.query_of, SPLIT: judged.split})


SOURCE = Source(
    card=CARD,
    prepare=prepare,
    has_folds=True,
    external=FILES,
    # The first task alone, then the others within its bound: where tasks fight over one score, a common start spends
    # more of the first task's NDCG than any tolerance allows (docs/results.md). Fifteen validation queries know little:
    # a stage keeps a model on a line, with half a standard error to spare.
    default_run={
        "method": {"kind": "nmt", "tolerance_kind": "metric", "start_together": 0.0, "keep": "line", "margin": 0.5},
        "tolerance": 0.01,
        "probe_every": 100,
        "batch_size": 512,
        "stage_steps": 150,
        "evaluate_every": 15,
        "patience": 10,
        "model": {"kind": "ranker", "trunk": (16,), "dropout": 0.1},
        "optimiser": {"learning_rate": 1e-2, "weight_decay": 1e-2, "average": 0.97},
    },
)
