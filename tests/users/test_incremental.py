"""A user read on after one more event is the user read from the start."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from core.data.histories.encode import Coded
from core.models.build import build
from core.models.dupn_config import DUPNConfig
from core.users.embedding.incremental import read_on
from core.users.embedding.model import UserModel
from core.users.embedding.represent import Query, attention, represent_users

MINUTE = 60


def model_of(town, arm, length=100):
    config = DUPNConfig(hidden=16, length=length, attention=(8,), tower=(8,), arm=arm)
    network = build(config, town.data.description, 0).eval()
    return UserModel(network, config, town.data.description, town.names, {})


def moments_of(histories, user):
    """The moments just after each of the user's events."""
    times = np.unique(histories.time[histories.of(user)])
    return (times + 1).tolist()


@pytest.mark.parametrize("arm", ["all", "gates", "attention", "none"])
@pytest.mark.parametrize("query", [None, Query("camera")])
def test_event_by_event_is_the_full_pass(town, arm, query):
    model, histories = model_of(town, arm), town.histories
    coded = Coded.of(histories, model.vocabularies)
    before, kept = None, []
    for moment in moments_of(histories, 5)[-8:]:
        before = read_on(model, histories, coded, 5, moment, query, before)
        whole = represent_users(model, histories, query, [5], moment)[0]
        assert before.representation.numpy() == pytest.approx(whole, abs=1e-6)
        assert before.attention.numpy() == pytest.approx(attention(model, histories, 5, query, moment), abs=1e-6)
        kept.append(before.kept / max(len(before.events) - 1, 1))
    assert kept[0] == 0
    if arm in ("attention", "none"):  # the LSTM sees no ages: one event more is one step more
        assert min(kept[1:]) >= 0.9
    else:
        assert max(kept[1:]) > 0


def test_a_window_that_slides_is_read_anew(town):
    model, histories = model_of(town, "none", length=3), town.histories
    coded = Coded.of(histories, model.vocabularies)
    one, other = moments_of(histories, 5)[-2:]
    before = read_on(model, histories, coded, 5, one)
    after = read_on(model, histories, coded, 5, other, before=before)
    whole = represent_users(model, histories, None, [5], other)[0]
    assert after.representation.numpy() == pytest.approx(whole, abs=1e-6)
    assert after.kept == 0
    assert torch.equal(before.events[1:], after.events[:2])
