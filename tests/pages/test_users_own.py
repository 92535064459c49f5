"""A person's own log on the users page, without a browser: which models are offered, and whose DUPN reads."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.users import own_models, uploaded_events
from core.users.embedding.embedders import RECENT
from core.users.embedding.starts import WEIGHTS
from pages.users.address import UsersView
from pages.users.selection import _models
from pages.users.state import UsersState, choice_of, models_of


@pytest.fixture
def source(tmp_path, monkeypatch):
    monkeypatch.setenv("PRECEDENCE_HOME", str(tmp_path / "home"))
    rows = [f"u{user},i{event % 5},2026-03-{1 + event:02d}" for user in range(9) for event in range(6)]
    file = tmp_path / "log.csv"
    file.write_text("\n".join(["user,item,time", *rows]))
    return uploaded_events.keep(file)[0]


def trained(source) -> Path:
    """As if a DUPN had been trained on the log."""
    folder = own_models.model_folder(str(uploaded_events.file_of(source)))
    folder.mkdir(parents=True)
    (folder / WEIGHTS).write_bytes(b"weights")
    return folder


def test_an_own_log_begins_with_recent_items_and_gets_its_dupn_once_trained(source):
    state = UsersState(place=UsersView(source=source))
    assert state.model == RECENT.name
    assert state.dupn() is None
    assert "dupn" not in models_of(source)
    folder = trained(source)
    assert "dupn" in models_of(source)
    dupn = state.dupn()
    assert dupn is not None
    assert Path(dupn.model) == folder
    assert dupn.title() == "own-dupn"
    assert choice_of(source, "dupn") == dupn
    assert state.model == RECENT.name  # it is offered, and not chosen for anybody


def test_a_model_in_the_address_that_is_not_there_gives_way(source):
    state = UsersState(place=UsersView(source=source, model="dupn"))
    assert state.model == RECENT.name
    trained(source)
    assert state.model == "dupn"


def test_the_row_has_room_for_three(source):
    trained(source)
    assert _models(source, RECENT.name) == ["recent", "items", "dupn"]
    assert _models("shop_histories", "weighted") == ["weighted", "counts", "dupn"]
    assert _models("shop_histories", "items") == ["weighted", "counts", "dupn", "items"]  # chosen by an address
