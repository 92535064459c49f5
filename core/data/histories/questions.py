"""Questions asked of histories become a prepared data set: at a moment, of a user, about candidates."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from core.data.description import DatasetCard, DatasetDescription, DenseFeature, SequenceFeature, SparseFeature
from core.data.histories.encode import Coded, encode, encode_profile, encode_queries
from core.data.histories.field_vocabulary import FieldVocabularies
from core.data.histories.fields import AGE_STEPS, ASKED, EVENT, FIXED, HISTORY, QUERY, QUERY_WORDS, field_of
from core.data.histories.histories import WORDS, Histories
from core.data.histories.limits import MOST
from core.data.parquet import Array
from core.data.prepared import SPLIT, write_folder

VOCABULARIES = "vocabularies.json"
HISTORIES_RUN: dict[str, Any] = {
    "tolerance": 0.02,
    "stage_steps": 100,
    "evaluate_every": 25,
    "patience": 4,
    "validation_rows": 5_000,
    "record_every": 2,
    "probe_every": 50,
    "model": {"kind": "dupn", "query_match": True},
    "optimiser": {"learning_rate": 3e-3, "weight_decay": 0.05},
}
"""The default run on histories (see `Source.default_run`): sequences cost far more than rows of a table, so there are
few steps, and evaluations on part of the validation split."""


@dataclass(frozen=True)
class Questions:
    """N moments, each about some of the R candidates; what is known of a candidate, and the answers."""

    user: Array  # [N] number of the user
    time: Array  # [N] seconds: only events strictly before it are seen
    split: Array  # [N] 0 train, 1 validation, 2 test
    moment: Array  # [R] which moment a candidate belongs to, in rising order
    item: Array  # [R] number of the item
    shop: Array  # [R] number of the shop
    ranking: Mapping[str, Array]  # ranking feature → [R]
    answers: Mapping[str, Array]  # label or weight → [R], NaN where unknown
    query: Array = field(default_factory=lambda: np.zeros(0, int))  # [N] place in `texts`; empty: nobody asked
    texts: tuple[str, ...] = ("",)
    categories: tuple[str, ...] = ("",)  # guessed for each text


def write_questions(
    folder: Path,
    card: DatasetCard,
    histories: Histories,
    vocabularies: FieldVocabularies,
    questions: Questions,
    most: int = MOST,
    ages: bool = False,
) -> None:
    """The prepared folder: histories and queries as lists that rows share, the vocabularies beside them.

    `most` events of a history are kept, with `ages` how old each was beside the bucket of its age.
    """
    coded = Coded.of(histories, vocabularies)
    events = encode(histories, coded, questions.user, questions.time, most)
    if not ages:
        del events["age"]
    asked = encode_queries(list(questions.texts), list(questions.categories), vocabularies)
    query = questions.query if len(questions.query) else np.zeros(len(questions.user), dtype=int)
    profile = encode_profile(histories, vocabularies, questions.user)
    row, items = questions.moment, histories.items
    words = coded.words[questions.item]
    ids: dict[str, Array] = {
        "item": coded.item[questions.item],
        "shop": coded.shop[questions.shop],
        "brand": coded.brand[questions.item],
        "category": coded.category[questions.item],
        **{f"word_{at + 1}": words[:, at] for at in range(WORDS)},
        **{name: values[row] for name, values in profile.items()},
    }
    assert len(items) == len(coded.item)
    columns = {
        **ids,
        **{name: values.astype(np.float32) for name, values in questions.ranking.items()},
        **{name: values.astype(np.float32) for name, values in questions.answers.items()},
        HISTORY: row.astype(np.int32),
        QUERY: query[row].astype(np.int32),
        SPLIT: questions.split[row].astype(np.uint8),
    }
    write_folder(
        folder,
        describe(card, vocabularies, list(ids), list(questions.ranking), most, ages),
        columns,
        shared={
            HISTORY: {f"history_{name}": compact(values) for name, values in events.items()},
            QUERY: {name: compact(values) for name, values in asked.items()},
        },
        beside={VOCABULARIES: vocabularies.to_bytes()},
    )


def describe(
    card: DatasetCard,
    vocabularies: FieldVocabularies,
    sparse: list[str],
    ranking: list[str],
    most: int = MOST,
    ages: bool = False,
) -> DatasetDescription:
    """The description of a data set of histories under these vocabularies."""

    def size(column: str) -> int:
        name = field_of(column)
        return AGE_STEPS + 2 if name == "age" else FIXED.get(name) or vocabularies[name].size

    lengths = {"words": most * WORDS, "query_words": QUERY_WORDS, "query_category": 1}
    sequences = [
        SequenceFeature(name=f"history_{name}", size=size(name), length=lengths.get(name, most), key=HISTORY)
        for name in (*EVENT, *(("age",) if ages else ()))
    ]
    sequences += [SequenceFeature(name=name, size=size(name), length=lengths[name], key=QUERY) for name in ASKED]
    return DatasetDescription(
        card=card,
        sparse=tuple(SparseFeature(name=name, size=size(name)) for name in sparse),
        dense=tuple(DenseFeature(name=name) for name in ranking),
        sequences=tuple(sequences),
        form="histories",
        group=HISTORY,
    )


def before_validation(histories: Histories, questions: Questions) -> Histories:
    """The events that training may know."""
    return histories.until(int(questions.time[questions.split == 1].min()))


def compact(ids: Array) -> Array:
    """The same ids in the smallest type that holds them."""
    most = int(ids.max(initial=0))
    return ids.astype(np.uint8 if most < 256 else np.uint16 if most < 65_536 else np.int32)


def soon(user: Array, kind: Array, time: Array, asked: tuple[Array, Array, Array], until: Array) -> Array:
    """[R] 1 where the user does something of that kind after the moment and before `until` [R], else 0.

    user, kind, time [E] of the events; asked = (user, kind, moment), each [R].
    """
    if not len(time):
        return np.zeros(len(until))
    first, span = int(time.min()), int(time.max() - time.min()) + 2
    kinds = int(max(kind.max(), asked[1].max(initial=0))) + 1
    key = np.sort((user.astype(np.int64) * kinds + kind) * span + (time - first))
    base = (asked[0].astype(np.int64) * kinds + asked[1]) * span
    start = np.searchsorted(key, base + np.clip(asked[2] + 1 - first, 0, span - 1))
    end = np.searchsorted(key, base + np.clip(until - first, 0, span - 1))
    return (end > start).astype(float)


def times_before(user: Array, kind: Array, time: Array, asked: tuple[Array, Array, Array]) -> Array:
    """[R] how often the user did something of that kind strictly before the moment; arguments as in `soon`."""
    if not len(time):
        return np.zeros(len(asked[0]))
    first, span = int(time.min()), int(time.max() - time.min()) + 2
    kinds = int(max(kind.max(), asked[1].max(initial=0))) + 1
    key = np.sort((user.astype(np.int64) * kinds + kind) * span + (time - first))
    base = (asked[0].astype(np.int64) * kinds + asked[1]) * span
    end = np.searchsorted(key, base + np.clip(asked[2] - first, 0, span - 1))
    return (end - np.searchsorted(key, base)).astype(float)
