"""What the side process says of a user, against the model asked directly, and what it refuses."""

from __future__ import annotations

import json

import numpy as np
import pytest

from core.data.registry import read_histories
from core.runs.sidecar.answering import answer
from core.runs.sidecar.calculations import CALCULATIONS
from core.users.embedding.composed import MadeEvent, with_user
from core.users.embedding.model import load_start
from core.users.embedding.represent import Query, attention, represent_users, score_items
from core.users.embedding.retrieval import likely_next
from core.users.embedding.shared_space import SharedSpace

pytestmark = pytest.mark.slow  # imports torch


def ask(name="user", **arguments):
    return answer(json.dumps({"id": 1, "name": name, "arguments": arguments}), CALCULATIONS)


def test_a_user_under_a_query_is_what_the_model_says():
    said = ask(user="17", query="camera")["result"]
    model, histories = load_start(), read_histories()
    user = histories.number_of("17")
    expected = attention(model, histories, user, Query("camera"))
    assert said["attention"] == pytest.approx(expected, rel=1e-4)
    assert len(expected) <= model.config.length
    assert sum(said["levels"]) == pytest.approx(1, abs=1e-4)
    candidates = np.unique(histories.item)
    clicks = score_items(model, histories, user, candidates.tolist(), Query("camera"))
    assert [share for _, share in said["items"]] == pytest.approx(np.sort(clicks)[::-1][: len(said["items"])], abs=1e-4)
    category = histories.items.category[candidates]
    name, mean, everything = said["categories"][0]
    number = histories.names["category"].tolist().index(name)
    assert mean == pytest.approx(clicks[category == number].mean(), abs=1e-4)
    assert mean == pytest.approx(max(clicks[category == other].mean() for other in np.unique(category)), abs=1e-4)
    assert everything == pytest.approx(clicks.mean(), abs=1e-4)
    chance = likely_next(SharedSpace.of(model, histories), histories, [user])[0]
    had = np.setdiff1d(histories.item[histories.of(user)], [0])
    new = np.setdiff1d(candidates, [0, *had])
    for name, items in (("next_again", had), ("next_new", new)):
        best = np.sort(chance[items - 1])[::-1][:8]
        assert [share for _, share in said[name]] == pytest.approx(best, rel=1e-3)
        assert {item for item, _ in said[name]} <= set(items.tolist())


def test_a_user_made_by_hand_is_embedded_and_its_order_counts():
    histories = read_histories()
    items = [str(name) for name in histories.items.name[1:3]]
    made = [[items[0], "click", 50.0], [items[1], "purchase", 2.0]]
    said = ask(made=made)["result"]
    assert len(said["attention"]) == 2
    embedding = ask("embed_composed", model="dupn", made=made)["result"]
    model, more = load_start(), with_user(histories, [MadeEvent(*event) for event in made])
    alone = SharedSpace.of(model, histories).vectors(more, users=[len(more) - 1])[0]
    assert embedding == pytest.approx(alone, rel=1e-4, abs=1e-6)
    turned = [[items[1], "click", 50.0], [items[0], "purchase", 2.0]]
    assert ask("embed_composed", model="dupn", made=turned)["result"] != embedding
    assert ask("embed_composed", model="dupn", made=made[::-1])["result"] == embedding
    again = ask(made=made[::-1])["result"]  # time decides, not the order in which they were given
    assert again == said


def test_the_embedding_of_a_user_is_the_same_alone_and_among_others():
    model, histories = load_start(), read_histories()
    some = represent_users(model, histories, users=[3, 17, 200])
    assert represent_users(model, histories, users=[17])[0] == pytest.approx(some[1], abs=1e-5)


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ({}, "either a user or the events"),
        ({"user": "1", "made": [["1", "click", 1]]}, "either a user or the events"),
        ({"user": "nobody"}, "no user 'nobody'"),
        ({"made": [["1", "dance", 1]]}, "no behaviour 'dance'"),
        ({"made": [["1", "click", -5]]}, "-5 hours ago"),
        ({"user": "1", "query": "x" * 81}, "query"),
        ({"source": "journey_histories", "user": "1"}, "no trained start for journey_histories"),
        ({"user": "1", "surprise": 1}, "surprise"),
    ],
)
def test_what_cannot_be_read_is_told_in_one_sentence(arguments, says):
    problem = ask(**arguments)["problem"]
    assert says in problem
    assert "\n" not in problem


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ({"model": "magic", "made": [["1", "click", 1]]}, "no model 'magic'"),
        ({"model": "dupn", "made": []}, "made"),
        ({"model": "dupn", "made": [["1", "dance", 1]]}, "no behaviour 'dance'"),
    ],
)
def test_a_composed_user_that_cannot_be_embedded_is_told_in_one_sentence(arguments, says):
    problem = ask("embed_composed", **arguments)["problem"]
    assert says in problem
    assert "\n" not in problem
