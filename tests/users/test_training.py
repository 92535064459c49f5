"""DUPN in the trainer: priorities, gradient methods, transfer, the daily update."""

from __future__ import annotations

import json

import numpy as np
import pytest
import torch

from core.errors import PrecedenceError
from core.events import events as ev
from core.models.dupn_config import DUPNConfig
from core.settings.run import RunConfig
from core.training.loop import Trainer
from core.users.embedding.model import UserModel
from core.users.embedding.represent import represent_users
from core.users.study.study import attention, difference, lines, study, summary, with_part
from core.users.study.transfer import joint, train, transfer
from core.users.study.update import update

TASKS = ("ctr", "l2r", "ppp", "follow", "shop")
MODEL = DUPNConfig(hidden=16, length=20, attention=(8,), tower=(8,), dropout=0.0)


def run_of(**changes) -> RunConfig:
    fields = {
        "model": MODEL.model_dump(),
        "stage_steps": 20,
        "evaluate_every": 10,
        "batch_size": 200,
        "probe_every": 20,
        "probe_batches": 2,
        "record_every": 2,
        "reference": False,
        "optimiser": {"learning_rate": 1e-2},
    }
    return RunConfig.model_validate(fields | changes)


def events_of(config, data):
    trainer = Trainer(config, data)
    return trainer, [event for turn in trainer.run() for event in turn]


def test_five_tasks_under_priorities_show_multipliers_and_angles(town):
    _, events = events_of(run_of(tolerance=0.0, method={"kind": "nmt", "validation_every": 2}), town.data)
    stages = [event for event in events if isinstance(event, ev.StageFinished)]
    assert [stage.objective for stage in stages] == [[name] for name in TASKS]
    steps = [event for event in events if isinstance(event, ev.Step)]
    last = [step for step in steps if step.stage == 4]
    assert [value is not None for value in last[-1].multiplier] == [True, True, True, True, False]
    assert {len(step.last_layer_cosine) for step in last} == {0, 10}
    assert max(value for step in steps for value in step.multiplier if value is not None) > 0
    probes = [event for event in events if isinstance(event, ev.Probed)]
    assert probes
    finished = events[-1]
    assert finished.tasks["ppp"].metric is not None
    assert finished.tasks["ctr"].metric > 0.6  # a user's own category is in the history


@pytest.mark.parametrize("method", ["weighted_sum", "cograd", "pcgrad"])
def test_methods_of_all_kinds_train_it(town, method):
    _, events = events_of(run_of(method={"kind": method}, stage_steps=40), town.data)
    read = [event for event in events if isinstance(event, ev.Evaluated)]
    assert np.isfinite(read[-1].loss).all()
    assert events[-1].tasks["ctr"].metric > 0.65


def test_a_run_that_is_saved_goes_on_with_the_same_bits(town):
    config = run_of(method={"kind": "weighted_sum"})
    whole, _ = events_of(config, town.data)
    first = Trainer(config, town.data)
    turns = first.run()
    for _ in range(8):
        next(turns)
    second = Trainer(config, town.data)
    second.state.load_state_dict(first.state.state_dict())
    for _ in second.run():
        pass
    for name, value in whole.network.state_dict().items():
        assert torch.equal(value, second.network.state_dict()[name]), name


def test_transfer_freezes_what_it_says(town):
    config = run_of()
    learnt, _ = train(joint(config, TASKS[:4]), town.data)
    start = learnt.state.kept[-1]
    frozen, _ = train(joint(config, ("shop",)), town.data, start, ["heads.4."])
    for name, value in frozen.network.state_dict().items():
        assert torch.equal(value, start[name]) != (name.startswith("heads.4.")), name
    tuned, _ = train(joint(config, ("shop",)), town.data, start)
    assert not torch.equal(tuned.network.table, start["embedding.table.weight"])


def test_the_arms_of_transfer_come_back_with_their_figures(town):
    found = transfer(run_of(stage_steps=10), town.data, arms=("scratch", "fine_tune"))
    assert [each.arm for each in found] == ["scratch", "fine_tune"]
    assert all(0 <= each.metric <= 1 and each.steps == 10 for each in found)
    with pytest.raises(PrecedenceError, match="no arm 'magic'"):
        transfer(run_of(), town.data, arms=("magic",))
    with pytest.raises(PrecedenceError, match="no task 'love'"):
        transfer(run_of(), town.data, target="love")


def test_a_study_goes_on_where_it_was_and_pairs_its_seeds(town, tmp_path):
    file, told = tmp_path / "study.jsonl", []
    config = run_of(stage_steps=2, evaluate_every=2, probe_every=0)
    only = ("arm all", "arm none", "alone shop", "fine_tune", "scratch 10 %")
    study(config, town.data, [0], file, told.append, only)
    assert [line["what"] for line in lines(file)] == ["arm none", "arm all", "alone shop", "fine_tune", "scratch 10 %"]
    before = len(told)
    study(config, town.data, [0, 1], file, told.append, only)
    assert len(told) == 2 * before
    found = summary(file)
    assert found["arm all"]["ctr"]["seeds"] == 2
    values = [line["metric"]["ctr"] for line in lines(file) if line["what"] == "arm all"]
    others = [line["metric"]["ctr"] for line in lines(file) if line["what"] == "arm none"]
    assert found["arm all"]["ctr"]["mean"] == pytest.approx(np.mean(values))
    # of two values Student's half width is 12.706 × their half distance
    paired = np.array(values) - np.array(others)
    assert difference(file, "arm all", "arm none", "ctr") == pytest.approx(
        {"mean": paired.mean(), "half": 12.706 * abs(paired[0] - paired[1]) / 2, "seeds": 2}, rel=1e-3
    )


def test_a_part_of_the_labels_is_whole_histories_of_training_alone(town):
    few = with_part(town.data, 0.1, seed=3)
    kept, every = few.rows["train"], town.data.rows["train"]
    assert torch.isin(kept, every).all()
    assert 0.05 < len(kept) / len(every) < 0.15
    of = town.data.keys["history"]
    assert torch.isin(of[kept], of[every]).all()
    inside = torch.isin(of[every], of[kept])
    assert torch.equal(every[inside], kept)
    assert torch.equal(few.rows["test"], town.data.rows["test"])
    assert not torch.equal(with_part(town.data, 0.1, seed=4).rows["train"], kept)


@pytest.fixture(scope="module")
def trained(town):
    config = run_of(stage_steps=40)
    trainer, _ = train(joint(config, TASKS), town.data)
    trainer.network.eval()
    return UserModel(trainer.network, MODEL, town.data.description, town.names, {})


def test_the_update_learns_the_new_day_keeps_the_old_and_grows(town, trained):
    day = int(town.questions.time[town.questions.split == 1].min() // 86_400 * 86_400)
    config = run_of(stage_steps=15, evaluate_every=15, optimiser={"learning_rate": 3e-3})
    before = {name: value.clone() for name, value in trained.network.state_dict().items()}
    done = update(trained, config, town.histories, town.questions, day)
    assert set(done.rows) == {"newest", "replayed", "tomorrow", "old"}
    assert set(done.after["old"]) == set(TASKS)
    assert done.change("old") < 0.05
    for name, value in trained.network.state_dict().items():
        assert torch.equal(value, before[name])  # the model that was given is left as it was
    alone = update(trained, config, town.histories, town.questions, day, replay_days=0)
    assert alone.rows["replayed"] == 0


def test_a_grown_network_predicts_as_before(town, trained):
    """New names read exactly as "unknown" did, so that growing alone changes no representation."""
    from dataclasses import replace

    from core.users.study.update import encoded, grow_names, grow_network

    histories = town.histories
    fresh = np.array(["", *(f"new {n}" if n % 3 == 0 else f"i{n}" for n in range(60))], dtype=object)
    other = replace(histories, items=replace(histories.items, name=fresh))
    grown = grow_names(trained.vocabularies, other, 100)
    assert grown["item"].size > trained.vocabularies["item"].size
    assert grown["item"].names[: len(trained.vocabularies["item"].names)] == trained.vocabularies["item"].names
    data = encoded(trained, other, town.questions, grown)
    wider = UserModel(grow_network(trained.network, trained, data.description), MODEL, data.description, grown, {})
    users = range(30)
    np.testing.assert_allclose(
        represent_users(wider, other, users=users), represent_users(trained, other, users=users), atol=1e-6
    )


def test_a_day_without_rows_is_refused(town, trained):
    with pytest.raises(PrecedenceError, match="no rows of newest"):
        update(trained, run_of(), town.histories, town.questions, 86_400)


def test_a_study_says_how_much_attention_a_query_draws_to_its_category(tmp_path):
    file = tmp_path / "study.jsonl"
    shares = [{"asked": 0.6, "without": 0.4, "even": 0.2}, {"asked": 0.5, "without": 0.4, "even": 0.2}]
    written = [{"what": "arm all", "seed": seed, "metric": {}, "attention": share} for seed, share in enumerate(shares)]
    file.write_text("".join(json.dumps(line) + "\n" for line in [*written, {"what": "scratch", "metric": {}}]))
    found = attention(file)
    assert list(found) == ["arm all"]
    assert found["arm all"]["asked"]["mean"] == pytest.approx(0.55)
    assert found["arm all"]["asked"]["half"] == pytest.approx(12.706 * 0.1 / 2, rel=1e-3)
    assert found["arm all"]["even"]["half"] == pytest.approx(0)
