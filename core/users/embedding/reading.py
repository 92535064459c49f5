"""What a model makes of one user, for the side process: plain JSON in, plain JSON out.

The trained DUPN reads a user under a query; any model embeds a user made by hand.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Annotated, Any

import numpy as np
from pydantic import BaseModel, ConfigDict, Field, model_validator

from core.data.histories.histories import Histories
from core.data.histories.limits import MOST
from core.data.registry import content_of, read_histories
from core.users.embedding.composed import MadeEvent, with_change, with_user
from core.users.embedding.embedders import Embed, embedder
from core.users.embedding.model import UserModel, model_of
from core.users.embedding.represent import Query, attention, foresees, price_levels, score_items
from core.users.embedding.retrieval import likely_next
from core.users.embedding.shared_space import SharedSpace

ITEMS = 8  # that are shown
CATEGORIES = 7
Made = tuple[Annotated[str, Field(max_length=80)], Annotated[str, Field(max_length=40)], float]


class Question(BaseModel):
    """A user of a source by id, or one made by hand by events (item, behaviour, hours ago); and a query, or none.

    Of a user by id it may be asked what would be `without` an event, so many back from the newest, or with one `added`.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    source: str = "shop_histories"
    path: str | None = None  # own alone: an uploaded file of events
    model: str = Field("dupn", max_length=400)  # or the folder of a kept one
    user: str | None = Field(None, max_length=80)
    made: tuple[Made, ...] = Field((), max_length=MOST)
    query: str = Field("", max_length=80)
    without: int | None = None
    added: Made | None = None

    @model_validator(mode="after")
    def _one(self) -> Question:
        if (self.user is None) == (not self.made):
            raise ValueError("give either a user or the events of one made by hand")
        return self


def read_user(arguments: Any) -> dict[str, Any]:
    """`attention` of the latest events, oldest first, adding up to 1; `levels`: probability of each price level of
    the next purchase; `items`: [number, click probability] of those most likely clicked; `categories`: [name, mean
    click probability of its items, that of all items]; `next`: [number, probability] of the items that most likely come
    next, whatever the query. A task that the model did not learn leaves its list empty.
    """
    asked = Question.model_validate(arguments)
    model, histories = model_of(asked.model, asked.source), read_histories(asked.source, asked.path)
    histories, user = _asked_of(histories, asked)
    query = Query(asked.query) if asked.query.strip() else None
    tasks = model.description.card.task_names()
    return {
        "attention": _short(attention(model, histories, user, query)),
        "levels": _short(price_levels(model, histories, user, query)) if "ppp" in tasks else [],
        **_next(asked, model, histories, user),
        **(_clicked(asked, model, histories, user, query) if "ctr" in tasks else {"items": [], "categories": []}),
    }


def _asked_of(histories: Histories, asked: Question | Composed) -> tuple[Histories, int]:
    """The histories that are asked of, and whose: made by hand or changed, the last user's."""
    if asked.made:
        histories = with_user(histories, [MadeEvent(*event) for event in asked.made])
        return histories, len(histories) - 1
    user = histories.number_of(asked.user or "")
    if asked.without is None and asked.added is None:
        return histories, user
    added = None if asked.added is None else MadeEvent(*asked.added)
    histories = with_change(histories, user, asked.without, added)
    return histories, len(histories) - 1


def _clicked(asked: Question, model: UserModel, histories: Histories, user: int, query: Query | None) -> dict[str, Any]:
    candidates = _candidates(asked.source, asked.path, content_of(asked.path))
    clicks = score_items(model, histories, user, candidates.tolist(), query)
    best = np.argsort(-clicks, kind="stable")[:ITEMS]
    return {
        "items": [[int(candidates[at]), round(float(clicks[at]), 4)] for at in best],
        "categories": _categories(histories, candidates, clicks),
    }


def _next(asked: Question, model: UserModel, histories: Histories, user: int) -> dict[str, list[list[Any]]]:
    """The likeliest of the items that the user had before, and of the others; chances are among all of them."""
    if not foresees(model):
        return {"next_again": [], "next_new": []}
    candidates = _candidates(asked.source, asked.path, content_of(asked.path))
    candidates = candidates[candidates > 0]
    mark = embedder(asked.model).mark(asked.source)
    space = _shared_space(asked.model, asked.source, asked.path, content_of(asked.path), mark)
    chance = likely_next(space, histories, [user])[0, candidates - 1]
    order = np.argsort(-chance, kind="stable")
    had = np.isin(candidates[order], histories.item[histories.of(user)])
    return {
        name: [[int(candidates[at]), float(f"{chance[at]:.4g}")] for at in best[:ITEMS]]
        for name, best in (("next_again", order[had]), ("next_new", order[~had]))
    }


class Composed(BaseModel):
    """A user made by hand, or a user of the source changed, put beside all users, to be embedded as `model` does."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    model: str = Field(max_length=400)
    source: str = "shop_histories"
    path: str | None = None  # own alone: an uploaded file of events
    user: str | None = Field(None, max_length=80)
    made: tuple[Made, ...] = Field((), max_length=MOST)
    without: int | None = None
    added: Made | None = None

    @model_validator(mode="after")
    def _one(self) -> Composed:
        if (self.user is None) == (not self.made):
            raise ValueError("give the events of one who is made by hand, or a user and what is changed")
        if self.user is not None and self.without is None and self.added is None:
            raise ValueError("give what is changed of the user: an event without, or one that is added")
        return self


def embed_composed(arguments: Any) -> list[float]:
    """[width] the embedding of a user made by hand or changed, by which neighbours are found."""
    asked = Composed.model_validate(arguments)
    everyone = read_histories(asked.source, asked.path)
    histories, _ = _asked_of(everyone, asked)
    embed = _fitted(
        asked.model, asked.source, asked.path, content_of(asked.path), embedder(asked.model).mark(asked.source)
    )
    return _short(embed(histories, len(everyone), lambda done: None)[0])


@lru_cache(maxsize=2)
def _fitted(model: str, source: str, path: str | None, content: str | None, mark: str) -> Embed:
    """What a model learnt of a source; `content` marks what a file holds, and `mark` the model's weights: both may
    change under their names."""
    return embedder(model).fit(source, read_histories(source, path))


@lru_cache(maxsize=2)
def _shared_space(model: str, source: str, path: str | None, content: str | None, mark: str) -> SharedSpace:
    """The space of a model and all users of a source; `content` and `mark` as above."""
    return SharedSpace.of(model_of(model, source), read_histories(source, path))


@lru_cache(maxsize=2)
def _candidates(source: str, path: str | None, content: str | None) -> np.ndarray[Any, Any]:
    """Numbers of all items that ever occurred; `content` marks what a file holds."""
    return np.unique(read_histories(source, path).item)


def _categories(histories: Histories, candidates: Any, clicks: Any) -> list[list[Any]]:
    category = histories.items.category[candidates]
    count = np.bincount(category)
    mean = np.bincount(category, weights=clicks) / np.maximum(count, 1)
    mean[0] = 0  # no category
    order = np.argsort(-mean, kind="stable")[:CATEGORIES]
    everything = round(float(clicks.mean()), 4)
    names = histories.names["category"]
    return [[str(names[at]), round(float(mean[at]), 4), everything] for at in order if count[at]]


def _short(values: Any) -> list[float]:
    return [float(f"{value:.6g}") for value in values]
