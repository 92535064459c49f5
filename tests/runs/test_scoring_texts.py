"""New pairs and new events are scored by the networks that were kept, as training scored them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pandas as pd
import pytest
import torch

from core.commands.root import execute
from core.data import parquet
from core.data.histories.next_events import ask_next
from core.data.reading.templates import TEMPLATES
from core.data.registry import load_dataset
from core.data.sources.uploaded.event_file import read_events
from core.data.sources.uploaded.events import prepare_events
from core.data.sources.uploaded.pairs import prepare_pairs, read_judged_file
from core.data.text.fields import composed
from core.errors import PrecedenceError
from core.runs.scoring.histories import Asked, usual_candidates
from core.runs.scoring.open_model import load_run
from core.runs.scoring.pairs import pairs_of_frame
from core.runs.scoring.predict import predict_file
from core.settings.presets import uploaded_run
from core.training.bundle import BUNDLE, save_bundle
from core.training.loop import Trainer
from core.training.measure import predict

Made = tuple[Path, Path, Trainer]


def trained(folder: Path, kind: str) -> Made:
    """A run of a few steps on the worked example of a kind, as `train --out` keeps one."""
    torch.set_num_threads(1)
    file = folder / TEMPLATES[kind].file
    file.write_text(TEMPLATES[kind].text(), encoding="utf-8")
    if kind == "pairs":
        config = uploaded_run(str(prepare_pairs(file)), "pairs")
    else:
        config = uploaded_run(str(prepare_events(file)[0]), "histories")
    quick = {"stage_steps": 3, "evaluate_every": 3, "reference": False, "probe_every": 0, "batch_size": 32}
    config = config.model_copy(update=quick)
    trainer = Trainer(config, load_dataset(config.dataset), "cpu")
    for _ in trainer.run():
        pass
    out = folder / kind
    out.mkdir()
    (out / "result.json").write_text("{}")
    save_bundle(out / BUNDLE, trainer.state, kind)
    return out, file, trainer


@pytest.fixture(scope="module")
def pairs(tmp_path_factory: Any) -> Iterator[Made]:
    with pytest.MonkeyPatch.context() as patch:
        folder = tmp_path_factory.mktemp("pairs")
        patch.setenv("PRECEDENCE_HOME", str(folder / "home"))
        yield trained(folder, "pairs")


@pytest.fixture(scope="module")
def events(tmp_path_factory: Any) -> Iterator[Made]:
    with pytest.MonkeyPatch.context() as patch:
        folder = tmp_path_factory.mktemp("events")
        patch.setenv("PRECEDENCE_HOME", str(folder / "home"))
        yield trained(folder, "events")


def given_in_training(trainer: Trainer, rows: torch.Tensor) -> torch.Tensor:
    state = trainer.state
    state.setup.network.load_state_dict(state.kept[-1] if state.kept else state.weights())
    return predict(state.setup.network, state.setup.dataset, rows)


def test_pairs_of_the_training_file_have_the_probabilities_of_training(pairs: Made, tmp_path: Path) -> None:
    folder, file, trainer = pairs
    judged = read_judged_file(file).judged
    expected = given_in_training(trainer, torch.arange(len(judged.grades))).sigmoid().numpy()
    done = predict_file(load_run(folder), file, tmp_path / "out.csv")
    found = pd.read_csv(tmp_path / "out.csv", dtype={"product_id": str})
    assert done.findings.rows == len(found) == len(judged.grades)
    assert list(found.columns[:4]) == ["query", "product_id", "title", "label"]
    assert np.abs(found.predicted_related - expected[:, 0]).max() < 1e-5
    assert np.abs(found.predicted_exact - expected[:, 1]).max() < 1e-5
    assert np.abs(found.predicted_grade - expected[:, :2].sum(1)).max() < 1e-5


def test_pairs_of_a_frame_and_those_without_a_text(pairs: Made, tmp_path: Path) -> None:
    model = load_run(pairs[0])
    frame = pd.DataFrame({"search_term": ["red sofa", "red sofa", "zebra"], "name": ["red sofa model 7", None, "x"]})
    found = model.predict(frame.rename(columns={"name": "product_title"}))
    assert found.predicted_grade.notna().tolist() == [True, False, True]
    frame.to_csv(tmp_path / "few.csv", index=False, sep=";", encoding="latin-1")
    said = predict_file(model, tmp_path / "few.csv", tmp_path / "out.parquet").as_fields()
    assert "Rows without a query or a title, not scored: 1." in said["sentences"]
    assert said["unseen"] == {"words of queries": 1, "words of titles": 2}
    with pytest.raises(PrecedenceError, match="no column for the title"):
        model.predict(frame[["search_term"]])


def test_candidates_have_the_scores_of_the_same_moment_in_training(events: Made) -> None:
    """A question of the data set, asked anew: the events before it, its candidates, without its labels."""
    folder, file, trainer = events
    dataset = trainer.state.setup.dataset
    histories, _ = read_events(file)
    rows = dataset.rows["test"]
    moments = dataset.keys["history"][rows].unique()
    newest = rows[dataset.keys["history"][rows] == moments[-1]]
    expected = given_in_training(trainer, newest)
    asked = ask_next(histories)
    moment = int(asked.moment[newest[0]])
    before = histories.until(int(asked.time[moment]))
    model = load_run(folder)
    given = Asked(np.full(len(newest), asked.user[moment]), asked.item[newest.numpy()].astype(np.int64))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("core.runs.scoring.histories.now", lambda histories, moment_: int(asked.time[moment]))
        found, findings = model.histories.score(before, given)
    tasks = model.tasks
    assert np.abs(found["ctr"] - expected[:, tasks.index("ctr")].sigmoid().numpy()).max() < 1e-4
    assert np.abs(found["l2r"] - expected[:, tasks.index("l2r")].sigmoid().numpy()).max() < 1e-4
    assert not findings.absent


def test_events_give_a_row_for_each_user_and_candidate(
    events: Made, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder, file, _ = events
    out = tmp_path / "users.parquet"
    assert execute(["predict", str(folder), str(file), "--out", str(out), "--json"]) == 0
    capsys.readouterr()
    found = duckdb.sql(f"SELECT * FROM '{out}'").df()
    histories, _ = read_events(file)
    asked = usual_candidates(histories)
    assert found.user.tolist() == histories.users[asked.user].tolist()
    assert found.item.tolist() == histories.items.name[asked.item].tolist()
    assert found.predicted_ctr.between(0, 1).all()
    classes = [f"predicted_ppp_{at}" for at in range(7)]
    assert found[classes].sum(axis=1).to_numpy() == pytest.approx(1.0, abs=1e-5)
    assert (found.groupby("user").predicted_ppp.nunique() == 1).all()  # of the user, whatever the candidate
    own = found[found.user == "u000"].item.tolist()
    assert own[0] == histories.items.name[histories.item[histories.of(0)][-1]]  # the newest first


def test_options_of_the_reader_are_for_pairs_and_events(pairs: Made, tmp_path: Path) -> None:
    file = tmp_path / "odd.csv"
    file.write_text("was gesucht wurde;was es ist\nred sofa;red sofa model 7\n", encoding="utf-8")
    columns = ["--column", "was gesucht wurde=query", "--column", "was es ist=title"]
    assert execute(["predict", str(pairs[0]), str(file), "--out", str(tmp_path / "out.csv"), *columns]) == 0
    assert execute(["predict", str(pairs[0]), str(file), "--out", str(tmp_path / "no.csv")]) != 0
    assert not (tmp_path / "no.csv").exists()


def test_what_else_a_file_says_of_a_product_is_read_as_in_training(pairs: Made) -> None:
    with parquet.connect() as database:
        frame = pd.DataFrame({"query": ["red lamp"], "title": ["desk lamp"], "brand": ["Acme"], "color": [None]})
        _, queries, texts = pairs_of_frame(database, frame)
    assert (queries, texts) == (["red lamp"], [composed("desk lamp", {"brand": "Acme"})])
