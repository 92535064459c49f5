"""What a trained DUPN says of users: representation, attention under a query, price level, scores of items."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from core.data.dataset import Batch
from core.data.histories.encode import Coded, encode, encode_profile, encode_queries, query_pieces
from core.data.histories.fields import EVENT, HISTORY, QUERY
from core.data.histories.histories import WORDS, Histories
from core.data.histories.limits import events_kept
from core.models.dupn_embedding import Embedded
from core.models.network import Network
from core.users.embedding.model import UserModel

CHUNK = 512  # histories a pass
Floats = NDArray[np.float32]


@dataclass(frozen=True)
class Query:
    """What a user asks for; `category` is guessed from the words where it is not given."""

    text: str
    category: str = ""


def represent_users(
    model: UserModel,
    histories: Histories,
    query: Query | None = None,
    users: Sequence[int] | None = None,
    moment: int | None = None,
    progress: Callable[[int], None] = lambda done: None,
) -> Floats:
    """[U, 2H] representation of users (all of them by default) from their last events before `moment`.

    `moment` in seconds, by default just after the newest event of all: then the age of an event is its age today.
    `progress` is called with the number of users that are done.
    """
    network = model.network
    return _of_users(
        model, histories, users, moment, query, progress, lambda embedded: _read_embedded(network, embedded).users
    )


def foresees(model: UserModel) -> bool:
    """Whether the next event was among the model's tasks."""
    return model.network.sharing.next_event is not None


def next_users(
    model: UserModel,
    histories: Histories,
    users: Sequence[int] | None = None,
    moment: int | None = None,
    progress: Callable[[int], None] = lambda done: None,
) -> Floats:
    """[U, H] users where their next items are, without a query."""

    def take(embedded: Embedded) -> Tensor:
        found: Tensor = model.network.sharing.next_users(embedded)  # type: ignore[operator]
        return found

    return _of_users(model, histories, users, moment, None, progress, take)


def next_own(
    model: UserModel, histories: Histories, users: Sequence[int] | None = None, moment: int | None = None
) -> Floats:
    """[U, length] how much each event that the network reads speaks for its item to come again, oldest first, then
    zeros."""

    def take(embedded: Embedded) -> Tensor:
        found: Tensor = model.network.sharing.next_own(embedded)  # type: ignore[operator]
        return torch.nn.functional.pad(found, (0, model.config.length - found.shape[1]))

    return _of_users(model, histories, users, moment, None, lambda done: None, take)


@torch.no_grad()
def _of_users(
    model: UserModel,
    histories: Histories,
    users: Sequence[int] | None,
    moment: int | None,
    query: Query | None,
    progress: Callable[[int], None],
    take: Callable[[Embedded], Tensor],
) -> Floats:
    """One row a user, of what is taken from what the network embedded."""
    chosen = np.arange(len(histories)) if users is None else np.asarray(users, dtype=np.int64)
    coded = Coded.of(histories, model.vocabularies)
    found = []
    for start in range(0, len(chosen), CHUNK):
        part = chosen[start : start + CHUNK]
        batch = batch_of(model, histories, coded, part, now(histories, moment), query)
        found.append(take(model.network.embedding(batch)).numpy())
        progress(start + len(part))
    return np.concatenate(found)


def attention(
    model: UserModel, histories: Histories, user: int, query: Query | None = None, moment: int | None = None
) -> Floats:
    """[T] weight of each event that the network reads, oldest first; they add up to 1.

    The last weight is the user's last event before `moment`; T is at most the model's `length`.
    """
    coded = Coded.of(histories, model.vocabularies)
    batch = batch_of(model, histories, coded, np.array([user]), now(histories, moment), query)
    read = _read(model.network, batch)
    return read.weights[0][read.known[0]].numpy()


def price_levels(
    model: UserModel, histories: Histories, user: int, query: Query | None = None, moment: int | None = None
) -> Floats:
    """[7] probability of each price level of the user's next purchase."""
    coded = Coded.of(histories, model.vocabularies)
    batch = batch_of(model, histories, coded, np.array([user]), now(histories, moment), query)
    at = model.head("ppp")
    with torch.no_grad():
        return torch.softmax(model.network.heads[at](model.network.represent(batch)[at]), 1)[0].numpy()


def score_items(
    model: UserModel,
    histories: Histories,
    user: int,
    items: Sequence[int],
    query: Query | None = None,
    moment: int | None = None,
) -> Floats:
    """[n] probability of a click on each item (numbers of `histories.items`): the CTR head.

    The user part runs once for all candidates, as the paper serves it. Ranking features are taken as average ones,
    since without a search page there are none.
    """
    candidates = np.asarray(items, dtype=np.int64)
    coded = Coded.of(histories, model.vocabularies)
    one = np.array([user])
    batch = batch_of(model, histories, coded, one, now(histories, moment), query, candidates)
    at = model.head("ctr")
    with torch.no_grad():
        seen = model.network.sharing.of_tasks(model.network.embedding(batch), [at])[0]  # type: ignore[operator]
        return torch.sigmoid(model.network.heads[at](seen)[:, 0]).numpy()


def now(histories: Histories, moment: int | None) -> int:
    """The moment asked for, by default a second after the newest event of all."""
    return int(histories.time.max(initial=0)) + 1 if moment is None else moment


def guess_category(model: UserModel, histories: Histories, text: str) -> str:
    """The category whose items carry most of the query's words, "" where none does.

    A category's own name counts like all words of an item; the share of its items that carry a word decides.
    """
    asked = set(query_pieces(text))
    names, items = histories.names, histories.items
    carries = np.isin(items.words, [n for n, word in enumerate(names["word"]) if word in asked]).sum(1)
    size = len(names["category"])
    count = np.maximum(np.bincount(items.category, minlength=size), 1)
    score = np.bincount(items.category, weights=carries, minlength=size) / count
    score += [float(bool(name) and set(query_pieces(str(name))) <= asked) for name in names["category"]]
    score[0] = 0
    best = int(score.argmax())
    return str(names["category"][best]) if score[best] > 0 else ""


def batch_of(
    model: UserModel,
    histories: Histories,
    coded: Coded,
    users: NDArray[np.int64],
    moment: int | NDArray[np.int64],
    query: Query | None,
    candidates: NDArray[np.int64] | None = None,
) -> Batch:
    """One row a user; with `candidates` one row a candidate, all of the first user."""
    description = model.description
    when = np.broadcast_to(np.asarray(moment, dtype=np.int64), users.shape)
    events = encode(histories, coded, users, when, events_kept(description))
    text, category = ("", "") if query is None else (query.text, query.category)
    if text and not category:
        category = guess_category(model, histories, text)
    asked = encode_queries([text], [category], model.vocabularies)
    lists = {**{f"history_{name}": ids for name, ids in events.items()}, **asked}
    row = np.zeros(len(candidates), np.int64) if candidates is not None else np.arange(len(users))
    profile = encode_profile(histories, model.vocabularies, users)
    columns = {name: ids[row] for name, ids in profile.items()}
    if candidates is not None:
        columns |= candidate_columns(histories, coded, candidates)
    empty = np.zeros(len(row), dtype=np.int64)
    sparse = np.stack([columns.get(one.name, empty) for one in description.sparse], 1)
    tasks = len(description.card.tasks)
    return Batch(
        sparse=torch.from_numpy(sparse).long(),
        dense=torch.zeros(len(row), len(description.dense)),
        sequences=tuple(torch.from_numpy(lists[one.name]).long() for one in description.sequences),
        labels=torch.zeros(len(row), tasks),
        mask=torch.zeros(len(row), tasks, dtype=torch.bool),
        keys={HISTORY: torch.from_numpy(row).long(), QUERY: torch.zeros(len(row), dtype=torch.long)},
    )


def candidate_columns(histories: Histories, coded: Coded, items: NDArray[np.int64]) -> dict[str, NDArray[np.int32]]:
    """Ids [n] of items that are scored, by column."""
    words = coded.words[items]
    return {
        "item": coded.item[items],
        "shop": coded.shop[histories.items.shop[items]],
        "brand": coded.brand[items],
        "category": coded.category[items],
        **{f"word_{at + 1}": words[:, at] for at in range(WORDS)},
    }


@dataclass(frozen=True)
class Read:
    """What a network made of the histories of a batch, and from what."""

    users: Tensor  # [N, 2H] representation
    weights: Tensor  # [N, T] attention
    items: Tensor  # [N, T, 124] embedded
    known: Tensor  # [N, T] bool


def _read(network: Network, batch: Batch) -> Read:
    with torch.no_grad():
        return _read_embedded(network, network.embedding(batch))


def _read_embedded(network: Network, x: Embedded) -> Read:
    users, weights = network.sharing.of_histories(x)  # type: ignore[operator]
    return Read(users, weights, x.items, x.known)


def weights_of_events(network: Network, batch: Batch) -> tuple[Floats, NDArray[np.int64], NDArray[np.int64]]:
    """Attention, behaviour and gap [n] of every known event of a batch's histories, one after another.

    Attention is relative: the weight times the number of events, 1 for as much as any other event of the history.
    """
    read = _read(network, batch)
    ids = dict(zip(EVENT, network.embedding.event_ids(batch), strict=True))
    relative = read.weights * read.known.sum(1, keepdim=True)
    return relative[read.known].numpy(), ids["behaviour"][read.known].numpy(), ids["gap"][read.known].numpy()
