"""More of a history than the paper reads: exact ages as a continuous encoding, and more or fewer events kept."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch

from core.data.histories.encode import Coded, encode
from core.data.histories.fields import AGE_STEPS, OLDEST
from core.data.histories.limits import MOST, events_kept
from core.data.histories.questions import write_questions
from core.data.prepared import read_folder
from core.data.registry import source_of
from core.data.source import DatasetChoice, kept_as
from core.data.sources.journey_histories import CARD
from core.errors import PrecedenceError
from core.models.build import build
from core.models.dupn_config import DUPNConfig
from core.models.dupn_time import TimeWaves
from core.users.embedding.model import UserModel
from core.users.embedding.represent import represent_users
from core.users.study.transfer import joint, train
from tests.users.test_training import MODEL, run_of

CONTINUOUS = MODEL.model_copy(update={"time": "both"})


@pytest.fixture(scope="module")
def aged(town, tmp_path_factory):
    folder = tmp_path_factory.mktemp("aged") / "set"
    write_questions(folder, CARD, town.histories, town.names, town.questions, most=30, ages=True)
    return read_folder(folder)


def test_ages_are_equal_steps_of_their_logarithm(town):
    histories, user = town.histories, np.array([5])
    last = histories.time[histories.of(5)][-1]
    for seconds in (1, 60, 86_400, 500 * 86_400):
        found = encode(histories, Coded.of(histories, town.names), user, np.array([last + seconds]))["age"]
        newest = found[0, found[0] > 0][-1]
        share = math.log1p(min(seconds, OLDEST)) / math.log1p(OLDEST)
        assert newest == 1 + math.floor(share * AGE_STEPS + 1e-9)
        assert (np.diff(found[0, found[0] > 0]) <= 0).all()


def test_fewer_events_are_the_latest_ones(town, aged):
    assert events_kept(aged.description) == 30
    assert events_kept(town.data.description) == MOST
    names = [feature.name for feature in aged.description.sequences]
    at = names.index("history_item")
    few, all_of_them = aged.sequences[at], town.data.sequences[at]
    count = (town.data.sequences[at] > 0).sum(1)
    row = int(count.argmax())
    assert count[row] > 30
    assert few[row].tolist() == all_of_them[row][count[row] - 30 : count[row]].tolist()


def test_waves_are_what_the_equations_say():
    torch.manual_seed(0)
    waves = TimeWaves(4)
    found = waves(torch.tensor([0, 1, 128, 255]))
    share = torch.tensor([0, 0, 127 / AGE_STEPS, 1.0]).unsqueeze(1)
    turned = share * waves.speed + waves.shift
    torch.testing.assert_close(found, torch.cat((turned[:, :1], turned[:, 1:].sin()), 1))


@pytest.mark.parametrize(("time", "width"), [("buckets", 48), ("continuous", 48), ("both", 56)])
def test_ages_enter_the_properties(aged, time, width):
    network = build(MODEL.model_copy(update={"time": time}), aged.description, 0).double()
    x = network.embedding(aged.batch(torch.arange(12)))
    assert x.properties.shape[2] == network.embedding.property_width == width


def test_a_network_learns_from_exact_ages_and_reads_users_as_in_training(town, aged):
    trainer, finished = train(joint(run_of(model=CONTINUOUS.model_dump(), stage_steps=40), ("ctr", "follow")), aged)
    assert finished.tasks["ctr"].metric > 0.6
    network = trainer.network.eval()
    before = build(CONTINUOUS, aged.description, run_of().seed).embedding.waves.speed
    assert not torch.equal(network.embedding.waves.speed, before)
    model = UserModel(network, CONTINUOUS, aged.description, town.names, {})
    first = int(aged.rows["test"][0])
    moment = int(aged.keys["history"][first])
    user, time = int(town.questions.user[moment]), int(town.questions.time[moment])
    with torch.no_grad():
        rows = network.sharing.of_histories(network.embedding(aged.batch(torch.tensor([first]))))[0]
    np.testing.assert_allclose(represent_users(model, town.histories, users=[user], moment=time), rows, atol=1e-5)


def test_what_the_data_do_not_keep_cannot_be_read(town, aged):
    with pytest.raises(
        PrecedenceError, match=r"prepared without; set dataset\.ages to true, or model\.time to buckets"
    ):
        build(CONTINUOUS, town.data.description, 0)
    with pytest.raises(PrecedenceError, match=r"keeps the last 30 events of a history, and 50 are to be read"):
        build(DUPNConfig(), aged.description, 0)


def test_only_histories_keep_more_and_an_old_choice_is_written_as_it_was():
    with pytest.raises(PrecedenceError, match=r"leave dataset\.ages out, or choose one of shop_histories"):
        source_of(DatasetChoice(name="shop", ages=True))
    assert "events" not in DatasetChoice(name="shop_histories").model_dump()
    more = DatasetChoice(name="shop_histories", events=300, ages=True)
    assert DatasetChoice.model_validate(more.model_dump()) == more
    assert kept_as("h-5", more) == "h-5-300-ages"
    assert kept_as("h-5", DatasetChoice()) == "h-5"
