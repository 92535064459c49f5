import re
import stat

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import PrecedenceError
from core.files import write_text
from core.runs.folder.control import Control
from core.runs.folder.run_folder import RunFolder, config_hash, run_ids
from core.runs.folder.status import RunStatus
from core.settings.run import RunConfig
from core.training.knobs import Knobs


@pytest.fixture
def folder(tmp_path):
    return RunFolder.create(tmp_path, RunConfig(seed=3, name="mine"))


def test_a_new_folder_says_what_it_was_given(folder, tmp_path):
    again = RunFolder(tmp_path, folder.run_id)
    assert again.config() == RunConfig(seed=3, name="mine")
    assert again.status().state == "queued"
    assert again.control() == Control()
    assert again.about().name == "mine"
    assert again.result() is None
    assert again.events() == []
    assert run_ids(tmp_path) == [folder.run_id]


def test_names_are_short_and_fit_a_url_and_tokens_cannot_be_guessed(tmp_path):
    folders = [RunFolder.create(tmp_path, RunConfig()) for _ in range(50)]
    assert all(re.fullmatch(r"[a-z]+-[a-z]+-[a-z2-9]{4}", folder.run_id) for folder in folders)
    tokens = {folder.token() for folder in folders}
    assert len(tokens) == 50
    assert len({folder.control_key() for folder in folders} | tokens) == 100  # who may read may not steer
    assert all(re.fullmatch(r"[\w-]{32}", token) for token in tokens)  # 32 letters of 6 bits: 192 bits


def test_only_its_own_key_steers_a_run(folder, tmp_path):
    other = RunFolder.create(tmp_path, RunConfig())
    assert folder.is_steered_by(folder.control_key())
    for key in ("", folder.token(), other.control_key(), folder.control_key()[:-1], "\u00e9", "../control.key"):
        assert not folder.is_steered_by(key)
    (folder.path / "control.key").unlink()  # as in a run that was made before there were keys
    assert not folder.is_steered_by("")


def test_the_secrets_are_for_their_owner_alone(folder):
    for name in ("read.token", "control.key"):
        assert stat.S_IMODE((folder.path / name).stat().st_mode) == 0o600
    assert stat.S_IMODE(folder.path.stat().st_mode) == 0o700


@pytest.mark.parametrize("name", ["..", "../x", "a/b", "", ".hidden", "A", "a" * 65, "a\n", "a\0", "%2e", "-a", "é"])
def test_a_name_that_could_be_a_path_is_refused(tmp_path, name):
    with pytest.raises(PrecedenceError, match="not the name of a run"):
        RunFolder(tmp_path, name)


@given(st.text())
def test_no_name_leads_out_of_the_home(tmp_path_factory, name):
    home = tmp_path_factory.getbasetemp()
    try:
        path = RunFolder(home, name).path
    except PrecedenceError:
        return
    assert path.resolve().parent == (home / "runs").resolve()


def test_a_run_that_is_not_there_and_a_damaged_file_are_one_sentence(tmp_path, folder):
    with pytest.raises(PrecedenceError, match="no run named 'calm-otter'"):
        RunFolder(tmp_path, "calm-otter").config()
    (folder.path / "config.json").write_text('{"seed": -1}')
    with pytest.raises(PrecedenceError, match=r"config\.json cannot be read \(seed"):
        folder.config()


def test_the_log_is_cut_to_a_checkpoint_and_the_lowest_cut_is_remembered(folder):
    folder.log.write_bytes(b"0123456789")
    folder.cut(10)
    assert folder.lowest_cut() is None  # nothing was lost
    folder.cut(8)
    folder.cut(4)
    folder.log.write_bytes(b"0123456789")
    folder.cut(6)
    assert folder.lowest_cut() == 4
    assert folder.log.read_bytes() == b"012345"
    with pytest.raises(PrecedenceError, match="part of the log is lost"):
        folder.cut(7)


def test_equal_configs_have_equal_hashes_whatever_their_names():
    assert config_hash(RunConfig(name="a")) == config_hash(RunConfig(name="b"))
    assert config_hash(RunConfig(seed=1)) != config_hash(RunConfig(seed=2))


def test_orders_only_ever_rise():
    orders = Control().edited(Knobs(learning_rate=0.1)).changed(steps=3).edited(Knobs(dual_rate=2.0))
    assert orders.version == 3
    assert [edit.version for edit in orders.edits] == [1, 2]
    assert Control.model_validate_json(orders.model_dump_json()) == orders


def test_status_survives_a_newer_field():
    assert RunStatus.model_validate_json('{"state": "running", "later": 1}').state == "running"


def test_a_config_is_read_once_until_its_file_changes(tmp_path, monkeypatch):
    folder = RunFolder.create(tmp_path, RunConfig(seed=1))
    assert folder.config() is RunFolder(tmp_path, folder.run_id).config()
    file = folder.path / "config.json"
    write_text(file, file.read_text().replace('"seed": 1', '"seed": 7'))  # the same size, perhaps the same moment
    assert folder.config().seed == 7
    file.write_bytes(b"\0" * file.stat().st_size)
    with pytest.raises(PrecedenceError, match=r"config\.json cannot be read"):
        folder.config()
    file.unlink()
    with pytest.raises(PrecedenceError, match=r"its config\.json is missing"):
        folder.config()
