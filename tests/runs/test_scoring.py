"""New rows are read as the training rows were, and scored by the model that was kept."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path

import duckdb
import numpy as np
import onnxruntime
import pandas as pd
import pytest
import torch

from core.commands.root import execute
from core.data import parquet
from core.data.new_rows import Encoder, open_file
from core.data.prepared import read_folder
from core.data.registry import load_dataset
from core.data.source import DatasetChoice
from core.data.sources import census
from core.data.sources.uploaded import table
from core.errors import PrecedenceError
from core.runs.scoring.onnx_file import export_onnx
from core.runs.scoring.open_model import load_run
from core.runs.scoring.predict import predict_file
from core.settings.presets import uploaded_run
from core.training.bundle import BUNDLE, save_bundle
from core.training.loop import Trainer
from core.training.measure import predict

CITIES = ["paris", "rome", "oslo", "köln", "new york", "a,b", "l'île"]


def rows(count: int, seed: int) -> pd.DataFrame:
    random = np.random.default_rng(seed)
    frame = pd.DataFrame(
        {
            "customer_id": random.integers(0, 300, count),
            "city": random.choice(CITIES, count),
            "code": random.choice(["0001", "007", "1e3", "x"], count),
            "age": random.normal(40, 10, count).round(1),
            "visits": random.integers(0, 30, count),
            "member": random.random(count) < 0.5,
            "day": pd.Timestamp("2024-01-01") + pd.to_timedelta(random.integers(0, 300, count), unit="D"),
        }
    )
    frame.loc[random.random(count) < 0.05, "age"] = np.nan
    frame.loc[random.random(count) < 0.05, "city"] = None
    strong = (frame.city == "rome") + (frame.age.fillna(40) - 40) / 10
    frame["click"] = (strong + random.normal(0, 1, count) > 0.5).astype(int)
    frame["spend"] = (10 * strong + random.normal(0, 3, count)).round(2)
    frame["level"] = (strong + random.normal(0, 1, count)).clip(0, 2).round().astype(int)
    return frame


LABELS = {"click": None, "spend": "regression", "level": "multiclass"}


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """A table, a run trained on it for some steps, and its folder as `train --out` writes one."""
    folder = tmp_path_factory.mktemp("scoring")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PRECEDENCE_HOME", str(folder / "home"))
        rows(1500, 0).to_csv(folder / "old.csv", index=False)
        prepared = table.prepare(folder / "old.csv", "old", LABELS)
        trainer = trained(uploaded_run(str(prepared)))
        out = folder / "run"
        out.mkdir()
        (out / "result.json").write_text("{}")
        save_bundle(out / BUNDLE, trainer.state, "run")
        yield out, folder / "old.csv", trainer


def trained(config):
    torch.set_num_threads(1)  # two threads on cores with other work wait for each other
    quick = {"stage_steps": 20, "evaluate_every": 20, "reference": False, "probe_every": 0, "batch_size": 256}
    config = config.model_copy(update=quick)
    trainer = Trainer(config, load_dataset(config.dataset), "cpu")
    for _ in trainer.run():
        pass
    return trainer


def encoded(file: Path, preparation):
    with parquet.connect() as database:
        encoder = Encoder(database, open_file(database, file, preparation), preparation)
        (chunk,) = encoder.chunks()
    return chunk, encoder.findings


def same_as_prepared(file: Path, dataset):
    chunk, _ = encoded(file, dataset.preparation)
    assert np.array_equal(chunk.sparse, dataset.sparse.numpy())
    assert np.array_equal(chunk.dense, dataset.dense.numpy())
    for one, other in zip(chunk.sequences, dataset.sequences, strict=True):
        assert np.array_equal(one, other.numpy())


def test_rows_of_the_training_file_become_the_same_ids_and_numbers_to_the_bit(made):
    _, file, trainer = made
    same_as_prepared(file, trainer.state.setup.dataset)


def test_predictions_are_those_of_the_network_that_was_kept(made):
    out, file, trainer = made
    state = trainer.state
    state.setup.network.load_state_dict(state.kept[-1])
    dataset = state.setup.dataset
    raw = predict(state.setup.network, dataset, torch.arange(len(dataset.labels)))
    found = load_run(out).predict(pd.read_csv(file))
    assert np.allclose(found.predicted_click, torch.sigmoid(raw[:, 0]), atol=1e-6)
    scale = state.setup.losses.scale.of(1)
    assert np.allclose(found.predicted_spend, raw[:, 1] * scale.deviation + scale.mean, atol=1e-4)
    classes = torch.softmax(raw[:, 2:5], 1)
    assert np.allclose(found[[f"predicted_level_{at}" for at in range(3)]], classes, atol=1e-6)
    assert (found.predicted_level == classes.argmax(1).numpy()).all()


def test_new_rows_alone_number_nothing_anew(made):
    """Any rows, in any order, with other words among them, give each known row the score it had."""
    out, file, _ = made
    model, old = load_run(out), pd.read_csv(file, dtype={"code": str})
    whole = model.predict(old)
    some = old.sample(200, random_state=1).drop(columns=["click", "spend", "level"])[
        ["day", "code", "city", "age", "visits", "customer_id", "member"]
    ]
    strange = some.iloc[:20].assign(city="atlantis", code="abc")
    found = model.predict(pd.concat([strange, some]))
    assert np.allclose(found.iloc[20:], whole.loc[some.index], atol=1e-6)
    assert list(found.index) == [*strange.index, *some.index]


def test_what_training_has_not_seen_is_counted(made, tmp_path):
    out, _, _ = made
    frame = rows(300, 2).drop(columns=list(LABELS)).astype({"age": object})
    frame.loc[:9, "city"] = "atlantis"
    frame.loc[:4, "age"] = "old"
    frame.to_csv(tmp_path / "new.csv", index=False)
    done = predict_file(load_run(out), tmp_path / "new.csv", tmp_path / "scored.csv")
    assert done.findings.unseen["city"] == 10
    assert done.findings.failed == {"age": 5}
    assert any("10 in city" in sentence for sentence in done.findings.sentences())
    assert len(pd.read_csv(tmp_path / "scored.csv")) == 300


def test_absent_columns_are_named_and_filled_only_when_asked(made):
    model, frame = load_run(made[0]), rows(50, 3)
    with pytest.raises(PrecedenceError, match=r"lack 2 of the 7 columns .*: city, age; they have"):
        model.predict(frame.drop(columns=["age", "city"]))
    assert len(model.predict(frame.drop(columns=["age", "city"]), fill=True)) == 50
    with pytest.raises(PrecedenceError, match="lack 7"):
        model.predict(frame[["click"]], fill=True)


def test_command_line_csv_parquet_and_python_agree(made, tmp_path, capsys):
    out, _, _ = made
    frame = rows(120, 4)
    frame.to_csv(tmp_path / "new.csv", index=False)
    frame.to_parquet(tmp_path / "new.parquet", index=False)
    for source, target in (("new.csv", "a.parquet"), ("new.parquet", "b.csv")):
        assert execute(["predict", str(out), str(tmp_path / source), "--out", str(tmp_path / target), "--json"]) == 0
        said = json.loads(capsys.readouterr().out)
        assert {"rows", "seconds", "file"} <= said.keys()
        assert said["rows"] == 120
    one, other = pd.read_parquet(tmp_path / "a.parquet"), pd.read_csv(tmp_path / "b.csv")
    mine = load_run(out).predict(frame)
    for name in mine:
        assert np.allclose(one[name], mine[name], atol=1e-6)
        assert np.allclose(other[name], mine[name], atol=1e-6)
    assert execute(["predict", "no-such-run", str(tmp_path / "new.csv")]) == 2
    assert "no run" in capsys.readouterr().err


def test_more_words_than_ids_and_lists_of_words_are_read_as_in_training(tmp_path, monkeypatch):
    monkeypatch.setenv("PRECEDENCE_HOME", str(tmp_path))
    monkeypatch.setattr(table, "LARGEST_VOCABULARY", 40)
    random = np.random.default_rng(5)
    frame = rows(600, 5)
    frame["tags"] = [
        list(random.choice([*CITIES, "two\nlines", 'quo"te'], random.integers(0, 60))) for _ in range(len(frame))
    ]
    frame.to_parquet(tmp_path / "lists.parquet", index=False)
    dataset = load_dataset(DatasetChoice(name="own", path=str(table.prepare(tmp_path / "lists.parquet", "l", LABELS))))
    kinds = {one.name: one.kind for one in dataset.preparation.columns}
    assert kinds["customer_id"] == "hashed"
    same_as_prepared(tmp_path / "lists.parquet", dataset)


def test_census_rows_are_read_from_a_file_with_and_without_names(tmp_path, monkeypatch):
    monkeypatch.setenv("PRECEDENCE_HOME", str(tmp_path / "home"))
    random = np.random.default_rng(6)
    words = {name: [f" {name[:4]}{at}" for at in range(5)] for name in census.COLUMNS}
    words |= {"income": [" - 50000.", " 50000+."], "marital_status": [" Never married", " Divorced"]}
    columns = {name: random.choice(words[name], 400) for name in census.COLUMNS}
    columns |= {name: random.integers(0, 90, 400) for name in census.DENSE}
    frame = pd.DataFrame(columns)[list(census.COLUMNS)]
    frame.to_csv(tmp_path / "bare.csv", index=False, header=False)
    frame.to_csv(tmp_path / "named.csv", index=False)
    census.make(tmp_path / "bare.csv", tmp_path / "prepared")
    for file in ("bare.csv", "named.csv"):
        same_as_prepared(tmp_path / file, read_folder(tmp_path / "prepared"))


def test_rows_of_the_shops_own_table_are_read_as_they_were(tmp_path):
    dataset = load_dataset(DatasetChoice())
    prepared = Path("sample_data/shop/prepared/table.parquet").resolve()
    duckdb.sql(f"COPY (SELECT * FROM '{prepared}' LIMIT 500) TO '{tmp_path / 'shop.parquet'}'")
    chunk, found = encoded(tmp_path / "shop.parquet", dataset.preparation)
    assert np.array_equal(chunk.sparse, dataset.sparse[:500].numpy())
    assert np.array_equal(chunk.dense, dataset.dense[:500].numpy())
    assert np.array_equal(chunk.sequences[0], dataset.sequences[0][:500].numpy())
    assert not found.sentences()


def test_a_bundle_names_no_place_and_holds_no_program(made):
    with zipfile.ZipFile(made[0] / BUNDLE) as bundle:
        text = b"".join(bundle.read(name) for name in bundle.namelist())
        assert all(name.endswith((".json", ".safetensors")) for name in bundle.namelist())
    assert str(made[0].parent).encode() not in text
    assert b"/home" not in text


def test_an_old_run_a_damaged_model_and_a_model_of_texts_say_so_in_a_sentence(made, tmp_path):
    with pytest.raises(PrecedenceError, match=r"trained before models were kept .*train it again"):
        load_run("nmt-whole", Path("tests/fixtures/runs_1").resolve())
    bytes_ = bytearray((made[0] / BUNDLE).read_bytes())
    bytes_[200] ^= 1
    (tmp_path / "model.zip").write_bytes(bytes_)
    with pytest.raises(PrecedenceError, match=r"model.zip cannot be used"):
        load_run(tmp_path / "model.zip")


def test_onnxruntime_agrees(made, tmp_path):
    model, frame = load_run(made[0]), rows(333, 7)
    file, _ = export_onnx(model, tmp_path / "model.onnx")
    session = onnxruntime.InferenceSession(file)
    frame.to_csv(tmp_path / "new.csv", index=False)
    chunk, _ = encoded(tmp_path / "new.csv", model.preparation)
    numbers = model.preparation.numbers
    measured = chunk.dense * np.array([one.deviation for one in numbers]) + np.array([one.mean for one in numbers])
    days = (frame.day - pd.Timestamp("1970-01-01")).dt.days
    assert np.allclose(measured[:, [one.name for one in numbers].index("day")], days, rtol=1e-6)
    missing = [one.name for one in numbers].index("age")
    measured[frame.age.isna(), missing] = np.nan
    click, spend, level = session.run(None, {"sparse": chunk.sparse.astype(int), "dense": measured.astype(np.float32)})
    mine = model.predict(frame)
    assert np.abs(click - mine.predicted_click).max() < 1e-5
    assert np.abs(level[:, 1] - mine.predicted_level_1).max() < 1e-5
    assert (np.abs(spend - mine.predicted_spend) / mine.predicted_spend.std()).max() < 1e-5
