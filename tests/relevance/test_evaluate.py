"""Measures against scikit-learn, peers against their formulas, a training from a file to a table of figures."""

from __future__ import annotations

import json
import math
from pathlib import Path

import numpy as np
import pytest

from core.__main__ import main
from core.relevance.evaluation.peers.lexical import bm25_scores, overlap_scores

TITLES = ["red leather sofa", "blue sofa sofa bed", "red phone case for smart phone", "棕色沙发椅", ""]


def test_bm25_is_its_formula_up_to_a_factor_of_the_query() -> None:
    """Lucene's form: Σ ln(1 + (N − n + ½)/(n + ½)) · f / (f + k₁ (1 − b + b l / average)), k₁ = 1.5, b = .75."""
    words = [title.split() for title in TITLES[:3]]
    average = np.mean([len(title) for title in words])
    queries = ["red sofa", "phone"]
    found = bm25_scores(queries, TITLES[:3], np.repeat([0, 1], 3), np.tile(np.arange(3), 2))
    for query, text in enumerate(queries):
        for row, title in enumerate(words):
            wanted = 0.0
            for word in text.split():
                holding = sum(word in other for other in words)
                idf = math.log(1 + (3 - holding + 0.5) / (holding + 0.5))
                count = title.count(word)
                wanted += idf * count / (count + 1.5 * (0.25 + 0.75 * len(title) / average))
            assert found[3 * query + row] == pytest.approx(wanted, rel=1e-5)


def test_peers_take_any_text() -> None:
    hostile = ["", "📱", "<b>sofa</b>", "x" * 10_000, "沙发椅 sofa"]
    pairs = np.array([(q, t) for q in range(len(hostile)) for t in range(len(TITLES))])
    for scores in (bm25_scores, overlap_scores):
        found = scores(hostile, TITLES, pairs[:, 0], pairs[:, 1])
        assert np.isfinite(found).all()
        assert np.all(found >= 0)
        assert np.all(found[:5] == 0)


def test_overlap_is_the_share_of_the_query() -> None:
    found = overlap_scores(["red sofa", "sofa sofa"], TITLES, np.array([0, 0, 1]), np.array([0, 1, 1]))
    assert found.tolist() == [1.0, 0.5, 1.0]


@pytest.fixture
def pairs_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("PRECEDENCE_HOME", str(tmp_path / "home"))
    words = ["sofa", "lamp", "phone", "shoes", "desk"]
    rows = [
        f"{colour} {word},b{n} {colour if n < 2 else 'grey'} {words[(at + (n > 3)) % 5]},{(2, 2, 1, 1, 0, 0)[n]}"
        for colour in ("red", "blue", "green", "black", "white", "pink", "brown")
        for at, word in enumerate(words)
        for n in range(6)
    ]
    file = tmp_path / "pairs.csv"
    file.write_text("\n".join(["query,title,label", *rows]))
    return file


def last_json(capsys: pytest.CaptureFixture[str]) -> dict:
    return json.loads(capsys.readouterr().out.strip().splitlines()[-1])


def test_from_a_file_to_figures(pairs_file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    quick = ["--set", "stage_steps=6", "--set", "evaluate_every=3", "--set", "batch_size=48", "--set", "model.dim=16"]
    folders = []
    for name, more in (("one", []), ("two", ["--seed", "1"]), ("dense", ["--dense"])):
        folders.append(tmp_path / name)
        command = ["relevance", "train", "--pairs", str(pairs_file), "--out", str(folders[-1]), *quick, *more, "--json"]
        assert main(command) == 0
        trained = last_json(capsys)
        assert trained["steps"] == 6
        assert 0 < trained["measures"]["ndcg_at_10"] <= 1
    models = [part for folder in folders for part in ("--model", str(folder))]
    assert main(["relevance", "evaluate", "--pairs", str(pairs_file), *models, "--json"]) == 0
    rows = {row["model"]: row for row in last_json(capsys)["rows"]}
    assert list(rows) == ["bm25", "overlap", "deepbow dim=16 dropout=0.3", "dense dim=16 dropout=0.3"]
    assert rows["deepbow dim=16 dropout=0.3"]["seeds"] == [0, 1]
    for row in rows.values():
        low, high = row["ndcg_at_10_interval"]
        assert low <= row["ndcg_at_10"] <= high
        assert 0 <= row["auc"] <= 1
        assert 0 <= row["negative_pr_auc"] <= 1
    assert rows["deepbow dim=16 dropout=0.3"]["nonzeros_query"] > 0
    assert rows["dense dim=16 dropout=0.3"]["nonzeros_query"] is None
    assert rows["deepbow dim=16 dropout=0.3"]["ndcg_at_10"] > 0.8  # it begins as BM25, and words alone nearly do here


@pytest.mark.parametrize(
    ("more", "sentence"),
    [
        (["--dataset", "shop"], "holds no pairs"),
        (["--pairs", "nowhere.csv"], "does not exist"),
        (["--set", "model.gate"], "has no '='"),
        (["--set", "model.colour=red"], "model.colour"),
    ],
)
def test_what_cannot_be_trained_is_refused(
    more: list[str], sentence: str, capsys: pytest.CaptureFixture[str], pairs_file: Path
) -> None:
    assert main(["relevance", "train", *more]) == 2
    assert sentence in capsys.readouterr().err
