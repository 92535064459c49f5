"""Histories cut before a moment, as rows of ids: all that a network gets to see of a user."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from core.data.histories.field_vocabulary import FieldVocabularies
from core.data.histories.fields import AGE_STEPS, EVENT, GAPS, OLDEST, QUERY_WORDS
from core.data.histories.histories import WORDS, Histories
from core.data.histories.limits import MOST
from core.data.parquet import Array
from core.data.text.segment import pieces


@dataclass(frozen=True)
class Coded:
    """Numbers of a set of histories as ids of a vocabulary: made once, used for every moment."""

    item: Array  # [I] id of each item number
    shop: Array
    brand: Array  # [I]
    category: Array  # [I]
    words: Array  # [I, WORDS]
    behaviour: Array  # id of each behaviour number
    scenario: Array

    @classmethod
    def of(cls, histories: Histories, vocabularies: FieldVocabularies) -> Coded:
        names, items = histories.names, histories.items
        number = {field: vocabularies[field].ids(names[field]) for field in names}
        return cls(
            item=vocabularies["item"].ids(items.name),
            shop=number["shop"],
            brand=number["brand"][items.brand],
            category=number["category"][items.category],
            words=number["word"][items.words],
            behaviour=number["behaviour"],
            scenario=number["scenario"],
        )


def encode(histories: Histories, coded: Coded, user: Array, moment: Array, most: int = MOST) -> dict[str, Array]:
    """The last `most` events of users [n] strictly before moments [n] (seconds) as int32 ids, by column of EVENT, and
    `age`.

    Each is [n, most], `words` [n, most · WORDS]; oldest first, padded on the right with 0. An event of which nothing
    is known still has a behaviour ≥ 1, or a gap ≥ 1 where the behaviour is new: `gap` tells events from padding.
    """
    first, end = histories.before(user, moment, most)
    place = first[:, None] + np.arange(most)  # [n, most]
    known = place < end[:, None]
    at = np.where(known, place, 0)
    if not len(histories.time):
        widths = {name: most * (WORDS if name == "words" else 1) for name in (*EVENT, "age")}
        return {name: np.zeros((len(user), width), np.int32) for name, width in widths.items()}
    item, time = histories.item[at], histories.time[at]
    age = np.asarray(moment)[:, None] - time
    found = {
        "item": coded.item[item],
        "shop": coded.shop[histories.shop[at]],
        "brand": coded.brand[item],
        "category": coded.category[item],
        "scenario": coded.scenario[histories.scenario[at]],
        "behaviour": coded.behaviour[histories.behaviour[at]],
        "gap": 1 + np.searchsorted(np.array(GAPS), age, side="right"),
        "age": 1 + (np.log1p(np.clip(age, 0, OLDEST)) / np.log1p(OLDEST) * AGE_STEPS).astype(np.int32),
        "hour": 1 + time // 3600 % 24,
        "weekday": 1 + (time // 86_400 + 3) % 7,  # 1970-01-01 was a Thursday; Monday is 1
    }
    out = {name: np.where(known, values, 0).astype(np.int32) for name, values in found.items()}
    words = np.where(known[:, :, None], coded.words[item], 0)
    out["words"] = words.reshape(len(words), most * WORDS).astype(np.int32)
    return {name: out[name] for name in (*EVENT, "age")}


def encode_profile(histories: Histories, vocabularies: FieldVocabularies, user: Array) -> dict[str, Array]:
    """Ids [n] of what is known of users [n], by column; unknown is 0."""
    columns = [name for name in vocabularies.fields if name.startswith("user_")]
    empty = np.full(len(histories), "", dtype=object)
    values = {name: histories.profile.get(name.removeprefix("user_"), empty) for name in columns}
    return {name: vocabularies[name].ids(values[name][user]) for name in columns}


def query_pieces(text: str) -> list[str]:
    """Words of a query in a fixed order: English words, and pairs of neighbouring Chinese characters."""
    return sorted(pieces(text))


def encode_queries(texts: list[str], categories: list[str], vocabularies: FieldVocabularies) -> dict[str, Array]:
    """Ids of queries: `query_words` [n, QUERY_WORDS] and `query_category` [n, 1], the category guessed for each."""
    words = np.zeros((len(texts), QUERY_WORDS), dtype=np.int32)
    for row, text in enumerate(texts):
        found = [vocabularies["word"].id(piece) for piece in query_pieces(text)]
        kept = [number for number in found if number][:QUERY_WORDS]
        words[row, : len(kept)] = kept
    guessed = np.array([[vocabularies["category"].id(name)] for name in categories], dtype=np.int32)
    return {"query_words": words, "query_category": guessed.reshape(-1, 1)}
