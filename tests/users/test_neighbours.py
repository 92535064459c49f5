"""Nearest users against a plain search by sorting, and what the index refuses."""

from __future__ import annotations

import json

import numpy as np
import pytest

from core.errors import PrecedenceError
from core.users.neighbours import storage
from core.users.neighbours.faiss_indexes import engine_for, recall
from core.users.neighbours.index import NeighbourIndex
from core.users.neighbours.similarity import COSINE, SIMILARITIES, similarity


def crowd(users=400, width=16, seed=0):
    random = np.random.default_rng(seed)
    return [f"user {n}" for n in range(users)], random.normal(size=(users, width)).astype(np.float32)


def by_sorting(names, vectors, query, count, similarity):
    """The oracle, in float64."""
    vectors, query = vectors.astype(np.float64), query.astype(np.float64)
    scores = vectors @ query
    if similarity == "cosine":
        scores = scores / np.linalg.norm(vectors, axis=1) / np.linalg.norm(query)
    order = np.argsort(-scores)[:count]
    return [(names[n], scores[n]) for n in order]


@pytest.mark.parametrize("name", ["cosine", "inner_product"])
@pytest.mark.parametrize("scale", [1e-6, 1.0, 1e6])
def test_the_exact_index_is_exact(name, scale):
    names, vectors = crowd()
    vectors = vectors * scale
    index = NeighbourIndex.build(names, vectors, similarity(name))
    for query in crowd(20, seed=1)[1]:
        expected = by_sorting(names, vectors, query, 10, name)
        found = index.search(query[None], 10)[0]
        assert [each.user for each in found] == [user for user, _ in expected]
        assert [each.similarity for each in found] == pytest.approx([score for _, score in expected], rel=1e-4)


def test_a_user_is_no_neighbour_of_its_own_even_with_a_twin():
    names, vectors = crowd(50)
    vectors[7] = vectors[3]
    index = NeighbourIndex.build(names, vectors)
    found = index.neighbours("user 3", 5)
    assert found[0].user == "user 7"
    assert found[0].similarity == pytest.approx(1)
    assert len(found) == 5
    assert "user 3" not in [each.user for each in found]
    assert len(index.neighbours("user 3", 1000)) == 49


def test_inverted_lists_keep_the_recall_they_were_tuned_to():
    random = np.random.default_rng(2)
    centres = random.normal(size=(60, 32))
    names = [str(n) for n in range(6000)]
    vectors = (centres[random.integers(0, 60, 6000)] + 0.4 * random.normal(size=(6000, 32))).astype(np.float32)
    index = NeighbourIndex.build(names, vectors, engine="ivf")
    assert 1 <= index.faiss_index.nprobe < index.faiss_index.nlist
    assert index.recall is not None
    assert index.recall >= 0.97
    hits = []
    for at in range(100):  # against sorting, not against faiss
        expected = {name for name, _ in by_sorting(names, vectors, vectors[at], 11, "cosine")} - {names[at]}
        hits.append(len(expected & {each.user for each in index.neighbours(names[at], 10)}) / 10)
    assert np.mean(hits) > 0.93


@pytest.mark.parametrize("engine", ["exact", "ivf"])
def test_users_are_added_and_replaced_without_a_rebuild(engine):
    names, vectors = crowd(600)
    index = NeighbourIndex.build(names[:500], vectors[:500], engine=engine)
    before = index.faiss_index
    index.add([*names[500:], "user 3"], np.vstack([vectors[500:], -vectors[3:4]]))
    assert index.faiss_index is before
    assert len(index) == 600 == index.faiss_index.ntotal
    if engine == "ivf":
        index.faiss_index.nprobe = index.faiss_index.nlist
    changed = vectors.copy()
    changed[3] = -vectors[3]
    for row in (3, 42, 555):
        expected = [name for name, _ in by_sorting(names, changed, changed[row], 6, "cosine")][1:]
        assert [each.user for each in index.neighbours(names[row], 5)] == expected
    assert index.vector("user 3") == pytest.approx(-vectors[3] / np.linalg.norm(vectors[3]), rel=1e-5)


@pytest.mark.parametrize("measure", SIMILARITIES.values(), ids=SIMILARITIES)
@pytest.mark.parametrize("engine", ["exact", "ivf"])
def test_what_was_saved_answers_alike_and_takes_users_still(engine, measure, tmp_path):
    names, vectors = crowd(500)
    names[3] = "名字\n<b>"
    index = NeighbourIndex.build(names, vectors, measure, engine=engine)
    storage.save(index, tmp_path / "index")
    storage.save(index, tmp_path / "index")  # in place of the first
    again = storage.load(tmp_path / "index")
    assert again.recall == index.recall
    assert again.similarity is measure
    assert [each.name for each in tmp_path.iterdir()] == ["index"]
    for name in names[:20]:
        assert again.neighbours(name) == index.neighbours(name)
    again.add(["new"], vectors[:1])
    assert again.vector("new") == pytest.approx(index.vector(names[0]))
    assert len(again) == 501
    if measure is COSINE:
        assert again.neighbours(names[0], 1)[0].user == "new"


@pytest.mark.parametrize("damage", ["cut", "flip", "missing", "users", "about"])
def test_a_damaged_index_is_refused_in_one_sentence(damage, tmp_path):
    names, vectors = crowd(50)
    storage.save(NeighbourIndex.build(names, vectors), tmp_path / "index")
    file = tmp_path / "index" / storage.INDEX
    content = file.read_bytes()
    if damage == "cut":
        file.write_bytes(content[:-100])
    elif damage == "flip":
        file.write_bytes(content[:500] + bytes([content[500] ^ 1]) + content[501:])
    elif damage == "missing":
        file.unlink()
    elif damage == "users":
        (tmp_path / "index" / storage.USERS).write_text(json.dumps(names[1:]), encoding="utf-8")
    else:
        (tmp_path / "index" / storage.ABOUT).write_text("{}", encoding="utf-8")
    with pytest.raises(PrecedenceError, match=r"^The index of neighbours in index cannot be used \(.*\.$") as told:
        storage.load(tmp_path / "index")
    assert "\n" not in str(told.value)


@pytest.mark.parametrize(
    ("users", "vectors", "says"),
    [
        (["a", "b"], [[1.0, 2.0]], "2 users and 1 embeddings"),
        (["a", "a"], [[1.0], [2.0]], "'a' stands more than once"),
        (["a", "b"], [[1.0], [float("nan")]], "embedding of user 'b'"),
        (["a"], [1.0], r"shape \[1\]"),
        (["a", "b"], [[1.0, 2.0], [1.0]], "no table of numbers"),
        ([], np.zeros((0, 3)), "0 users"),
    ],
)
def test_what_cannot_be_indexed_is_refused(users, vectors, says):
    with pytest.raises(PrecedenceError, match=says):
        NeighbourIndex.build(users, vectors)


def test_what_cannot_be_asked_is_refused():
    index = NeighbourIndex.build(*crowd(5))
    with pytest.raises(PrecedenceError, match="no user 'nobody'"):
        index.neighbours("nobody")
    with pytest.raises(PrecedenceError, match=r"expected \[users, 16\]"):
        index.search([[1.0, 2.0]])
    with pytest.raises(PrecedenceError, match="0 neighbours"):
        index.search(index.vector("user 1")[None], 0)


def test_a_user_of_zeros_is_like_nobody():
    names, vectors = crowd(5)
    vectors[2] = 0
    assert [each.similarity for each in NeighbourIndex.build(names, vectors).neighbours("user 2")] == [0.0] * 4


def test_the_engine_changes_at_200_000_users():
    assert engine_for(200_000) == "exact"
    assert engine_for(200_001) == "ivf"


def test_recall_by_hand():
    assert recall(np.array([[1, 2, 3]]), np.array([[3, 4, -1]])) == 0.5
    assert recall(np.array([[7, 2]]), np.array([[7, 2]]), np.array([7])) == 1.0


@pytest.mark.parametrize("measure", SIMILARITIES.values(), ids=SIMILARITIES)
def test_inverted_lists_find_by_every_similarity_what_the_exact_index_finds(measure):
    names, vectors = crowd(600)
    exact, inverted = (NeighbourIndex.build(names, vectors, measure, engine) for engine in ("exact", "ivf"))
    inverted.faiss_index.nprobe = inverted.faiss_index.nlist
    for query in crowd(10, seed=1)[1]:
        found, expected = inverted.search(query[None], 5)[0], exact.search(query[None], 5)[0]
        assert [each.user for each in found] == [each.user for each in expected]
        scores = [each.similarity for each in expected]
        assert scores == sorted(scores, reverse=True)
        assert [each.similarity for each in found] == pytest.approx(scores, rel=1e-4)


def test_an_index_made_by_a_similarity_that_is_gone_is_refused(tmp_path):
    storage.save(NeighbourIndex.build(*crowd(5)), tmp_path / "index")
    about = tmp_path / "index" / storage.ABOUT
    about.write_text(about.read_text(encoding="utf-8").replace('"cosine"', '"magic"'), encoding="utf-8")
    with pytest.raises(PrecedenceError, match="no similarity 'magic' of users; choose one of cosine, inner_product"):
        storage.load(tmp_path / "index")


def test_every_similarity_says_what_it_is():
    for name, each in SIMILARITIES.items():
        assert (each.name, bool(each.title), bool(each.about)) == (name, True, True)
        assert each.shown(0.5)
