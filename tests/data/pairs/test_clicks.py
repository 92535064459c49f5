"""Clicks become grades: the position is taken out of them, and logs of every usual shape are read."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import numpy as np
import pytest

from core.data.pairs.clicks import Clicks, best_prior, grades, position_based
from core.data.reading.options import options_of
from core.data.reading.roles import guessed_purpose
from core.data.sources.uploaded.pairs import prepare_pairs, read_judged_file
from core.errors import PrecedenceError
from core.relevance.stores.uploaded import read_catalogue

LOOKED = np.array([1.0, 0.7, 0.5, 0.35, 0.25])


def simulated(searches: int, pairs: int = 60, seed: int = 0) -> tuple[Clicks, np.ndarray]:
    """Searches of 5 random pairs each, and γ of each pair."""
    draw = np.random.default_rng(seed)
    drawn = draw.beta(1, 3, pairs)
    pair = np.concatenate([draw.choice(pairs, 5, replace=False) for _ in range(searches)])
    position = np.tile(np.arange(5), searches)
    clicked = draw.random(5 * searches) < LOOKED[position] * drawn[pair]
    cells, of = np.unique(pair * 5 + position, return_inverse=True)
    return Clicks(
        cells // 5, cells % 5, np.bincount(of).astype(float), np.bincount(of, clicked).astype(float)
    ), drawn  # fmt: skip


def test_positions_and_pairs_are_told_apart() -> None:
    clicks, drawn = simulated(6000)
    found = position_based(clicks, best_prior(clicks))
    assert found.looked == pytest.approx(LOOKED, abs=0.05)
    assert np.abs(found.drawn - drawn).mean() < 0.03


def test_a_sparse_log_trusts_single_clicks_less() -> None:
    sparse, _ = simulated(60)
    dense, _ = simulated(6000)
    assert best_prior(sparse) > best_prior(dense)
    found = position_based(sparse, best_prior(sparse))
    assert found.drawn.max() < 0.9


def test_who_was_shown_last_is_not_worse_for_it() -> None:
    """Pair 0 mostly last, pair 1 mostly first, both as attractive; others everywhere."""
    draw = np.random.default_rng(1)
    pages = [[1, *draw.permutation(np.arange(2, 12))[:3], 0] for _ in range(5000)]
    pair = np.concatenate([page if draw.random() < 0.7 else draw.permutation(page) for page in pages])
    position = np.tile(np.arange(5), 5000)
    clicked = draw.random(25_000) < LOOKED[position] * np.where(pair < 2, 0.4, 0.2)
    cells, of = np.unique(pair * 5 + position, return_inverse=True)
    clicks = Clicks(cells // 5, cells % 5, np.bincount(of).astype(float), np.bincount(of, clicked).astype(float))
    share = np.bincount(clicks.pair, clicks.clicked) / np.bincount(clicks.pair, clicks.shown)
    assert share[0] < 0.6 * share[1]
    found = position_based(clicks, best_prior(clicks))
    assert found.drawn[0] == pytest.approx(found.drawn[1], rel=0.15)
    graded, _ = grades(clicks)
    assert graded[:2].min() > 2
    assert graded[2:].max() < 0.5


def rows_of_log() -> list[tuple[str, str, int, int]]:
    draw = np.random.default_rng(0)
    rows = []
    for search in range(1200):
        query = search % 30
        for position, title in enumerate(draw.permutation(8)[:5], 1):
            fits = 0.7 if title < 2 else 0.1
            rows.append((f"query {query}", f"thing {query} {title}", position, int(draw.random() < fits / position)))
    return rows


def written(file: Path, names: list[str], rows: list[tuple]) -> Path:
    with file.open("w", newline="", encoding="utf-8") as target:
        csv.writer(target).writerows([names, *rows])
    return file


def graded(judged) -> dict[tuple[str, str], float]:
    return {
        (judged.queries[q], judged.products[p]): float(grade)
        for q, p, grade in zip(judged.query_of, judged.product_of, judged.grades, strict=True)
    }


def test_a_log_of_searches_is_judged_pairs(tmp_path: Path) -> None:
    file = written(tmp_path / "log.csv", ["query", "title", "position", "clicked"], rows_of_log())
    assert guessed_purpose(["query", "title", "position", "clicked"]) == "pairs"
    read = read_judged_file(file)
    assert (len(read.judged.queries), read.found, read.left_out) == (30, 6000, 0)
    found = graded(read.judged)
    assert np.mean([found[f"query {q}", f"thing {q} 0"] for q in range(30)]) > 1.5
    assert np.mean([found[f"query {q}", f"thing {q} 5"] for q in range(30)]) < 0.3
    assert "learnt from clicks" in read.said[0]
    assert "Position 5 is looked at" in read.said[1]
    assert prepare_pairs(file, "mine", folder=tmp_path / "out").is_dir()
    said = read_catalogue(file).says
    assert said[0].startswith("log.csv holds 6,000 rows of impressions and clicks: 30 queries")


def test_counts_of_pairs_say_the_same_as_their_rows(tmp_path: Path) -> None:
    counts: dict[tuple[str, str, int], list[int]] = {}
    for query, title, position, clicked in rows_of_log():
        cell = counts.setdefault((query, title, position), [0, 0])
        cell[0] += 1
        cell[1] += clicked
    rows = [(*cell, *both) for cell, both in counts.items()]
    log = written(tmp_path / "log.csv", ["query", "title", "position", "clicked"], rows_of_log())
    file = written(tmp_path / "counts.csv", ["query", "title", "rank", "impressions", "clicks"], rows)
    one, other = graded(read_judged_file(log).judged), graded(read_judged_file(file).judged)
    assert one.keys() == other.keys()
    assert max(abs(one[pair] - other[pair]) for pair in one) < 1e-5


def test_user_behavior_insights_are_joined_and_counted_once_a_search(tmp_path: Path) -> None:
    rows = rows_of_log()
    titles = sorted({row[1] for row in rows})
    number = {title: f"P{at:04d}" for at, title in enumerate(titles)}
    written(tmp_path / "products.csv", ["product_id", "title"], [(number[title], title) for title in titles])
    searches = [rows[at : at + 5] for at in range(0, len(rows), 5)]
    queries = [{"query_id": f"s{at}", "user_query": shown[0][0]} for at, shown in enumerate(searches)]
    events = []
    for at, shown in enumerate(searches):
        for _, title, position, clicked in shown:
            about = {"object": {"object_id": number[title]}, "position": {"ordinal": position}}
            for action in ["impression", *["click", "click"] * clicked]:
                events.append({"action_name": action, "query_id": f"s{at}", "event_attributes": about})
        events.append(
            {"action_name": "scroll", "query_id": f"s{at}", "event_attributes": about | {"position": {"ordinal": 1}}}
        )
    files = [tmp_path / "ubi_events.jsonl", tmp_path / "ubi_queries.jsonl", tmp_path / "products.csv"]
    for file, lines in zip(files, (events, queries), strict=False):
        file.write_text("\n".join(map(json.dumps, lines)), encoding="utf-8")
    read = read_judged_file(files)
    log = written(tmp_path / "log.csv", ["query", "title", "position", "clicked"], rows)
    one, other = graded(read.judged), graded(read_judged_file(log).judged)
    assert one.keys() == other.keys()
    assert max(abs(one[pair] - other[pair]) for pair in one) < 1e-5
    assert read.left_out == len(searches)
    assert any("'scroll'" in said for said in read.said)


def test_columns_of_other_names_are_said(tmp_path: Path) -> None:
    file = written(tmp_path / "log.csv", ["suche", "name", "platz", "geklickt"], rows_of_log())
    said = ["suche=query", "platz=position", "geklickt=click"]
    assert len(read_judged_file(file, options=options_of([], said)).judged.queries) == 30


@pytest.mark.parametrize(
    ("clicks", "says"),
    [(lambda at: 0, "has 0 clicks in column clicked"), (lambda at: 1, "each of 6,000 impressions was clicked")],
)
def test_nothing_is_learnt_from_clicks_alone_or_none(tmp_path: Path, clicks, says: str) -> None:
    rows = [(*row[:3], clicks(at)) for at, row in enumerate(rows_of_log())]
    file = written(tmp_path / "log.csv", ["query", "title", "position", "clicked"], rows)
    with pytest.raises(PrecedenceError, match=says):
        read_judged_file(file)


def test_a_label_is_taken_before_clicks_which_are_then_not_used(tmp_path: Path) -> None:
    rows = [(*row, at % 3) for at, row in enumerate(rows_of_log())]
    file = written(tmp_path / "both.csv", ["query", "title", "position", "clicked", "label"], rows)
    said = read_catalogue(file).says
    assert "judged pairs" in said[0]
    assert said[-1] == "Columns not used: position, clicked."
