"""users train, transfer and update on the command line, from a file of events to a model that embeds."""

from __future__ import annotations

import json

import numpy as np
import pytest

from core.__main__ import main
from core.data.sources.uploaded.event_file import read_events
from core.data.sources.uploaded.events import prepare_events
from core.users.embedding.model import load_model
from core.users.embedding.reading import read_user
from core.users.embedding.represent import represent_users
from core.users.embedding.shared_space import SharedSpace
from core.users.neighbours.index import NeighbourIndex
from core.users.own_models import is_trained, model_folder

DAY = 86_400
QUICK = ["--set", "stage_steps=4", "--set", "evaluate_every=4", "--set", "probe_every=0", "--set", "reference=false",
         "--set", "model.kind=dupn", "--set", "model.hidden=8", "--set", "method.kind=weighted_sum"]  # fmt: skip


@pytest.fixture
def file(tmp_path, monkeypatch):
    monkeypatch.setenv("PRECEDENCE_HOME", str(tmp_path / "home"))
    random = np.random.default_rng(3)
    rows = ["user,item,time,type,category,brand,price,shop"]
    for user in range(60):
        for session in range(12):
            start = 1_770_000_000 + session * 3 * DAY + int(random.integers(0, DAY))
            for step in range(3):
                item = int(random.integers(0, 40))
                rows.append(f"u{user},i{item},{start + 60 * step},click,c{item % 5},b{item % 7},{1 + item},s{item % 3}")
    rows.append(rows[-1])
    place = tmp_path / "mine.csv"
    place.write_text("\n".join(rows))
    return place


def answer(capsys):
    return json.loads(capsys.readouterr().out.splitlines()[-1])


def test_a_file_of_events_becomes_a_model(file, tmp_path, capsys):
    out = tmp_path / "model"
    assert main(["users", "train", "--events", str(file), *QUICK, "--quiet", "--out", str(out), "--json"]) == 0
    result = answer(capsys)
    assert result["status"] == "finished"
    assert set(result["tasks"]) == {"ctr", "l2r", "ppp", "follow", "shop"}
    assert result["repairs"]["sentences"] == ["1 row standing more than once: kept once."]
    model = load_model(out)
    assert model.about["steps"] == 4
    found = represent_users(model, read_events(file)[0])
    assert found.shape == (60, 16)
    assert np.isfinite(found).all()
    compared = SharedSpace.of(model, read_events(file)[0]).vectors(read_events(file)[0])
    assert len(compared) == 60
    assert is_trained(str(file))  # it is kept as the log's own, too
    whose = ["--events", str(file), "--model", "dupn", "--json"]
    assert main(["users", "neighbours", *whose, "--user", "u7", "--count", "3"]) == 0
    own = NeighbourIndex.build([str(user) for user in read_events(file)[0].users], compared)
    assert [each["user"] for each in answer(capsys)["neighbours"]] == [each.user for each in own.neighbours("u7", 3)]
    asked = {"source": "own", "path": str(file), "model": str(model_folder(str(file))), "user": "u7"}
    read = read_user(asked)
    assert sum(read["attention"]) == pytest.approx(1, abs=1e-4)
    assert len(read["levels"]) == 7
    assert main(["users", "update", "--events", str(file), "--steps", "1", "--json"]) == 0
    updated = answer(capsys)
    assert updated["rows"]["newest"] > 0
    assert 0 <= updated["moved"]["kept"] <= 1


def test_an_own_dupn_is_asked_for_before_it_is_trained(file, capsys):
    assert main(["users", "neighbours", "--events", str(file), "--model", "dupn", "--user", "u7"]) == 2
    assert "No DUPN was trained on mine.csv" in capsys.readouterr().err
    file.write_text(file.read_text().replace("u7,", "v7,"))  # another log under the same name has no model
    assert not is_trained(str(file))


def test_transfer_says_what_each_way_reached(file, capsys):
    folder, _ = prepare_events(file)
    where = ["--set", "dataset.name=own", "--set", f"dataset.path={folder}"]
    assert main(["users", "transfer", "--arms", "scratch,frozen", *where, *QUICK, "--quiet", "--json"]) == 0
    result = answer(capsys)
    assert result["target"] == "shop"
    assert [each["arm"] for each in result["arms"]] == ["scratch", "frozen"]
    assert all(each["auc"] is not None for each in result["arms"])


@pytest.mark.slow
def test_update_says_what_was_learnt_and_what_forgotten(capsys, tmp_path):
    assert main(["users", "update", "--steps", "1", "--out", str(tmp_path / "new"), "--json"]) == 0
    result = answer(capsys)
    assert result["day"] == "2026-04-17"
    assert set(result["change"]) == {"tomorrow", "old"}
    assert result["rows"]["newest"] > 1000
    model = load_model(tmp_path / "new")
    grown = {name: added for name, added in result["grown"].items() if added}
    assert "item" in grown
    assert model.about["newest_day"] == 1_776_384_000


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["users", "train", "--events", "nowhere.csv"], "nowhere.csv does not exist"),
        (["users", "train", "--set", "model.kind=mmoe"], "not by 'mmoe'"),
        (["users", "train", "--dataset", "shop", "--set", "model.kind=dupn"], "has none"),
        (["users", "update", "--day", "tomorrow"], "'--day tomorrow' is no day"),
        (["users", "update", "--dataset", "shop"], "no trained start for shop"),
    ],
)
def test_mistakes_end_with_one_sentence(arguments, says, capsys):
    assert main(arguments) == 2
    error = capsys.readouterr().err.strip()
    assert says in error
    assert "\n" not in error
