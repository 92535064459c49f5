"""Spaces: made once, found again, never half there; the count baseline; the command line."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest

from core.__main__ import main
from core.errors import PrecedenceError
from core.progress import Progress
from core.users.embedding.counts import Counts
from core.users.spaces import building, shipped, space
from core.users.spaces.building import make_and_tell
from core.users.spaces.shipped import open_shipped, ship
from core.users.spaces.space import SpaceChoice, open_space, progress_file
from tests.users.support import two_kinds


@pytest.fixture
def choice(tmp_path, monkeypatch):
    """The forty users of `two_kinds` as if they were the shop's."""
    monkeypatch.setenv("PRECEDENCE_HOME", str(tmp_path / "home"))
    monkeypatch.setattr(space, "read_histories", lambda name, path: two_kinds())
    return SpaceChoice("shop_histories", "counts")


def test_alike_users_are_near_by_counting():
    vectors = Counts.of(two_kinds()).vectors(two_kinds())
    units = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    likeness = units @ units.T
    assert likeness[:20, :20].min() > 0.999
    assert likeness[:20, 20:].max() < 0.9


def test_counting_is_the_cosine_of_weighted_bags():
    """With as many directions as values nothing is lost: products of embeddings are products of bags."""
    histories = two_kinds()
    rows = histories.keep(np.random.default_rng(0).random(len(histories.time)) < 0.7)
    rows = rows.keep(~((rows.user < 5) & (rows.category == 2)))  # so that a value is not everyone's
    expected = []
    for side in (rows.category, rows.brand):
        bag = np.zeros((40, 3))
        np.add.at(bag, (rows.user, side), 1)
        bag = np.log1p(bag[:, 1:]) * np.log(1 + 40 / (bag[:, 1:] > 0).sum(axis=0))
        expected.append(bag / np.maximum(np.linalg.norm(bag, axis=1, keepdims=True), 1e-12))
    bags = np.hstack(expected)
    vectors = Counts.of(rows).vectors(rows)
    assert Counts.of(rows).vectors(rows, first=37) == pytest.approx(vectors[37:], abs=1e-5)
    assert vectors @ vectors.T == pytest.approx(bags @ bags.T, abs=1e-5)


@pytest.mark.slow
def test_a_space_is_made_once_and_found_again(choice):
    assert not open_space(choice).complete
    stages = []
    made = make_and_tell(choice, lambda stage, done, total: stages.append(stage))
    assert made.complete
    assert "drawing the map" in stages
    assert not progress_file(choice).exists()
    again = open_space(choice)
    assert again.map is not None
    assert again.index is not None
    assert np.array_equal(again.map.points, made.map.points)
    assert again.map.words == made.map.words
    assert again.index.neighbours("u3", 5) == made.index.neighbours("u3", 5)
    assert all(int(each.user[1:]) < 20 for each in again.index.neighbours("u3", 19))
    stages.clear()
    make_and_tell(choice, lambda stage, done, total: stages.append(stage))
    assert stages == ["reading what users did"]


@pytest.mark.slow
def test_neighbours_can_be_asked_for_before_the_map_is_there(choice, monkeypatch):
    def refuse(vectors):
        raise PrecedenceError("No map today.")

    monkeypatch.setattr(building, "make_map", refuse)
    with pytest.raises(PrecedenceError, match="No map today"):
        make_and_tell(choice)
    assert Progress.read(progress_file(choice)).problem == "No map today."
    half = open_space(choice)
    assert half.map is None
    assert len(half.index) == 40


def test_another_model_or_other_events_are_another_space(choice, monkeypatch):
    before = choice.name()
    fewer = two_kinds().until(two_kinds().time.max())
    monkeypatch.setattr(space, "read_histories", lambda name, path: fewer)
    assert choice.name() != before


def test_another_similarity_is_another_space_and_the_cosine_keeps_its_name(choice):
    """Spaces that were made before a similarity could be chosen are those by cosine."""
    other = SpaceChoice("shop_histories", "counts", similarity="inner_product")
    assert re.fullmatch(r"shop_histories-counts-[0-9a-f]{8}", choice.name())
    assert other.name() == choice.name().replace("counts-", "counts-inner_product-")
    assert shipped.shipped_file(choice).name == "shop_histories-counts.npz"
    assert shipped.shipped_file(other) != shipped.shipped_file(choice)
    with pytest.raises(PrecedenceError, match="no similarity 'magic'"):
        SpaceChoice("shop_histories", "counts", similarity="magic").name()


@pytest.mark.slow
def test_a_space_is_made_and_asked_by_the_similarity_that_is_chosen(choice):
    other = replace(choice, similarity="inner_product")
    made = make_and_tell(other)
    vectors = Counts.of(two_kinds()).vectors(two_kinds())
    scores = vectors @ vectors[3]
    assert open_space(other).index.similarity.name == "inner_product"
    found = {each.user: each.similarity for each in made.index.neighbours("u3", 39)}
    assert found == pytest.approx({f"u{n}": scores[n] for n in range(40) if n != 3}, rel=1e-4)
    assert not open_space(choice).complete


@pytest.mark.parametrize("model", ["counts", pytest.param("dupn", marks=pytest.mark.slow)])
def test_the_spaces_that_come_with_the_project_open(model):
    opened = open_shipped(SpaceChoice("shop_histories", model))
    assert opened is not None
    assert opened.complete
    assert opened.index.similarity.name == "cosine"


def test_a_damaged_map_is_told_in_a_sentence(choice):
    folder = choice.folder()
    folder.mkdir(parents=True)
    (folder / "map.npz").write_bytes(b"PK nonsense")
    with pytest.raises(PrecedenceError, match=r"The map map.npz in shop_histories-counts-\w+ cannot be read"):
        open_space(choice)


def test_an_unknown_model_is_refused():
    with pytest.raises(PrecedenceError, match="no model 'magic'"):
        SpaceChoice("shop_histories", "magic").name()


def test_progress_of_a_process_that_ended_is_known_to_be_old(tmp_path):
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    Progress(process=ended.pid, stage="embedding users", done=1, total=4).write(tmp_path / "p.json")
    said = Progress.read(tmp_path / "p.json")
    assert not said.alive()
    assert (said.words, said.part) == ("embedding users: 1 of 4", 0.25)
    (tmp_path / "p.json").write_text("{")
    assert Progress.read(tmp_path / "p.json") is None


@pytest.mark.slow
def test_neighbours_from_the_command_line(choice, capsys):
    assert main(["users", "neighbours", "--user", "u3", "--count", "4", "--model", "counts", "--json"]) == 0
    (line,) = capsys.readouterr().out.splitlines()
    result = json.loads(line)
    assert [set(each) for each in result["neighbours"]] == [{"user", "similarity", "shared"}] * 4
    assert all("tea (1.6×)" in each["shared"] for each in result["neighbours"])
    assert main(["users", "neighbours", "--user", "nobody", "--model", "counts"]) == 2
    assert "no user 'nobody'" in capsys.readouterr().err


@pytest.mark.slow
def test_a_shipped_space_opens_as_it_was_made_and_only_for_its_own_events(choice, tmp_path, monkeypatch):
    monkeypatch.setattr(shipped, "STARTS", tmp_path / "starts")
    assert open_shipped(choice) is None
    made = make_and_tell(choice)
    ship(made)
    opened = open_shipped(choice)
    assert opened.complete
    assert opened.map.points == pytest.approx(made.map.points, rel=2e-3, abs=1e-3)
    assert opened.map.words == made.map.words
    found = {each.user: each.similarity for each in opened.index.neighbours("u3", 39)}
    expected = {each.user: each.similarity for each in made.index.neighbours("u3", 39)}
    assert found == pytest.approx(expected, abs=1e-3)
    fewer = two_kinds().until(two_kinds().time.max())
    monkeypatch.setattr(space, "read_histories", lambda name, path: fewer)
    assert open_shipped(choice) is None


def test_half_a_space_is_not_shipped(choice):
    with pytest.raises(PrecedenceError, match="not complete"):
        ship(open_space(choice))


def test_the_directions_of_counting_have_a_fixed_sign():
    """Embeddings made on another machine must lie in the same space: eigenvectors come with either sign."""
    directions = Counts.of(two_kinds()).directions
    largest = np.abs(directions).round(5).argmax(axis=0)
    assert (directions[largest, np.arange(directions.shape[1])] > 0).all()
