"""A run that the app trained becomes a model that can be searched with."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from core.__main__ import main
from core.data.registry import load_dataset
from core.data.text.vocabulary import Vocabulary
from core.events.events import Finished
from core.relevance.encoding.model_store import load_network, read_card
from core.relevance.encoding.network import encode_queries
from core.relevance.evaluation.quality import kept_quality
from core.relevance.stores.collection import read_about
from core.relevance.stores.index_store import take
from core.runs.folder.run_folder import RunFolder
from core.settings.presets import uploaded_run
from core.settings.run import RunConfig
from core.training.checkpoint import save
from core.training.loop import Trainer
from tests.small_pairs import pairs_folder

__all__ = ["pairs_folder"]


def finished_run(home: Path, config: RunConfig) -> tuple[RunFolder, Trainer]:
    folder = RunFolder.create(home, config)
    trainer = Trainer(config, load_dataset(config.dataset), device="cpu")
    last = [event for turn in trainer.run() for event in turn][-1]
    assert isinstance(last, Finished)
    save(folder.checkpoint, trainer.state, 0)
    folder.write_result(last)
    return folder, trainer


def test_a_finished_run_becomes_a_model(
    pairs_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PRECEDENCE_HOME", str(tmp_path))
    config = uploaded_run(str(pairs_folder), "pairs").model_copy(update={"stage_steps": 4, "batch_size": 48})
    folder, trainer = finished_run(tmp_path, config)
    out = tmp_path / "model"
    assert main(["relevance", "train", "--run", folder.run_id, "--out", str(out), "--json"]) == 0
    said = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert said["steps"] == read_card(out).steps == 4
    vocabulary = Vocabulary.load(pairs_folder / "vocabulary.json")
    mine, other = (
        encode_queries(one, vocabulary, ["red leather sofa"]) for one in (trainer.network, load_network(out))
    )
    assert np.array_equal(mine.ids, other.ids)
    assert np.allclose(mine.weights, other.weights, atol=5e-3)  # weights are kept in 16 bits


def test_a_finished_run_becomes_a_collection(
    pairs_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PRECEDENCE_HOME", str(tmp_path))
    config = uploaded_run(str(pairs_folder), "pairs").model_copy(update={"stage_steps": 4, "batch_size": 48})
    folder, _ = finished_run(tmp_path, config)
    assert main(["relevance", "collection", "--run", folder.run_id, "--json"]) == 0
    made = Path(json.loads(capsys.readouterr().out.splitlines()[-1])["folder"])
    about, searcher = read_about(made), take(made)
    assert (about.run, about.train) == (folder.run_id, config)
    hit = int(searcher.search("red leather sofa", 1).rows[0])
    assert "sofa" in searcher.index.product(hit).title
    explanation = searcher.explain("red leather sofa", hit)
    assert sum(one.contribution for one in explanation.contributions) == pytest.approx(explanation.score, abs=1e-6)
    rows = kept_quality(searcher.index.vocabulary, made) or []
    assert [row.model.split()[0] for row in rows] == ["bm25", "overlap", "deepbow"]
    (made / "quality.json").unlink()
    assert main(["relevance", "collection", "--measure", folder.run_id, "--json"]) == 0
    assert kept_quality(searcher.index.vocabulary, made) == rows
    for wrong in ([], ["x.csv", "--run", "y"], ["--run", "nowhere"], ["--measure", "nowhere"]):
        assert main(["relevance", "collection", *wrong]) == 2


def test_a_run_of_another_network_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PRECEDENCE_HOME", str(tmp_path))
    assert main(["relevance", "train", "--run", "nowhere", "--out", str(tmp_path / "x")]) == 2
    folder = RunFolder.create(tmp_path, RunConfig())
    assert main(["relevance", "train", "--run", folder.run_id, "--out", str(tmp_path / "x")]) == 2
    assert main(["relevance", "train", "--run", folder.run_id]) == 2
    assert "not finished" in capsys.readouterr().err
    assert not (tmp_path / "x").exists()
