"""A small town of users in memory: enough to train on within a second or two."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

from core.data.histories.field_vocabulary import vocabularies
from core.data.histories.histories import WORDS, Histories, Items
from core.data.histories.next_events import ask_next
from core.data.histories.questions import write_questions
from core.data.prepared import read_folder
from core.data.sources.journey_histories import CARD, before_validation

USERS, EVENTS, GOODS = 120, 40, 60
START = 1_772_323_200


def small_town(seed: int = 0) -> Histories:
    """Users who like one of six categories and its brands; three sessions a day for some of forty days."""
    random = np.random.default_rng(seed)
    category = np.r_[0, 1 + np.arange(GOODS) % 6]
    taste = 1 + random.integers(0, 6, USERS)
    own = random.random((USERS, EVENTS)) < 0.8
    wanted = np.where(own, taste[:, None], 1 + random.integers(0, 6, (USERS, EVENTS)))
    item = 1 + (wanted - 1) + 6 * random.integers(0, GOODS // 6, (USERS, EVENTS))
    time = np.sort(START + random.integers(0, 40 * 86_400, (USERS, EVENTS)), axis=1)
    brand = np.r_[0, 1 + np.arange(GOODS) % 12]
    shop = np.r_[0, 1 + np.arange(GOODS) % 5]

    def named(kind: str, count: int):
        return np.array(["", *(f"{kind} {n}" for n in range(count))], dtype=object)

    return Histories(
        users=np.array([f"u{n}" for n in range(USERS)], dtype=object),
        offsets=np.arange(USERS + 1, dtype=np.int64) * EVENTS,
        time=time.ravel(),
        item=item.ravel().astype(np.int32),
        shop=shop[item.ravel()].astype(np.int32),
        behaviour=(1 + random.integers(0, 4, USERS * EVENTS)).astype(np.int16),
        scenario=(1 + random.integers(0, 2, USERS * EVENTS)).astype(np.int16),
        items=Items(
            name=np.array(["", *(f"i{n}" for n in range(GOODS))], dtype=object),
            title=np.array(["", *(f"item {n}" for n in range(GOODS))], dtype=object),
            shop=shop.astype(np.int32),
            brand=brand.astype(np.int32),
            category=category.astype(np.int32),
            price_level=np.r_[0, 1 + np.arange(GOODS) % 7].astype(np.int8),
            words=np.repeat(category[:, None], WORDS, axis=1).astype(np.int32) * (np.arange(WORDS) < 2),
        ),
        names={
            "brand": named("brand", 12),
            "category": named("category", 6),
            "shop": named("shop", 5),
            "word": named("word", 6),
            "behaviour": np.array(["", "click", "bookmark", "cart", "purchase"], dtype=object),
            "scenario": np.array(["", "search", "recommendation"], dtype=object),
        },
        profile={"age": np.array([f"age {t % 3}" for t in taste], dtype=object)},
    )


@pytest.fixture(scope="session")
def town(tmp_path_factory):
    """histories, questions, vocabularies and the data set of the small town."""
    histories = small_town()
    questions = ask_next(histories)
    names = vocabularies(before_validation(histories, questions))
    folder = tmp_path_factory.mktemp("town") / "set"
    write_questions(folder, CARD, histories, names, questions)
    return SimpleNamespace(
        histories=histories, questions=questions, names=names, data=read_folder(folder), folder=folder
    )
