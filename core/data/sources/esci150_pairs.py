"""ESCI-150 as pairs of query and product text with grades, split by query."""

from __future__ import annotations

from pathlib import Path

from core.data.description import DatasetCard, Split
from core.data.pairs.judged import Judged
from core.data.pairs.prepare import CAREFUL_RUN, grade_tasks, write_pairs
from core.data.prepared import cached
from core.data.source import DatasetChoice, Source, external_files, fold_mark
from core.data.sources.esci150.files import FILES, GAINS, NOTICE, read_judged, read_products
from core.data.text.build import VocabularySizes

VERSION = 6
SIZES = VocabularySizes(buckets=4096)  # half of the words of unseen titles are unseen: few should share a bucket

CARD = DatasetCard(
    name="esci150_pairs",
    title="ESCI-150: query and product",
    about=(
        "A row is an English shopping query, a product's title, bullets, brand and colour, and how well it fits: "
        "irrelevant, complement, substitute or exact."
    ),
    notice=NOTICE,
    tasks=grade_tasks(3),
    split=Split(kind="given", says="70 / 15 / 15 % of the queries, or a fifth of them as test"),
    gains=GAINS,
)


def prepare(choice: DatasetChoice) -> Path:
    """The prepared folder, made at first use."""
    return cached(f"esci150-pairs-{VERSION}{fold_mark(choice)}", lambda folder: make(folder, choice.fold))


def make(folder: Path, fold: int | None = None) -> None:
    """Words are counted from the training queries and from the titles of the whole catalogue."""
    judged = read(fold)
    write_pairs(folder, CARD, judged, SIZES, catalogue=judged.products)


def read(fold: int | None = None) -> Judged:
    """The pairs in the folder that PRECEDENCE_DATA names."""
    judgements, products = external_files(SOURCE)
    return read_judged(judgements, read_products(products), fold)


SOURCE = Source(
    card=CARD,
    prepare=prepare,
    form="pairs",
    has_folds=True,
    part_of="esci150",
    read_pairs=read,
    external=FILES,
    default_run=CAREFUL_RUN
    | {
        "model": {"kind": "deepbow", "average_length": 18.0, "dropout": 0.3, "negatives": True, "tuned": True},
        "optimiser": {"learning_rate": 1e-3, "weight_decay": 0.05},  # 71 queries: more forgets what words mean
    },
)
