"""What a person brought is in nobody else's lists, and nobody else starts anything on it, until it is shared."""

from __future__ import annotations

import json

import pytest

from core.data.registry import card
from core.data.sources.uploaded.table import prepare
from core.errors import PrecedenceError
from core.runs.folder.run_folder import RunFolder, run_ids
from core.runs.workers.supervisor import Supervisor
from core.server import owners, shared
from core.server.people import Person
from core.server.starting import check_data, data_of, holder_of, start_run, start_sweep
from core.settings.address import from_query, to_query
from core.settings.presets import default_run, uploaded_run
from core.sweeps.description import SweepConfig
from core.sweeps.folder import SweepFolder, sweep_ids
from core.sweeps.service import Sweeps

ANN, BEN = Person("a" * 24, "member"), Person("b" * 24, "member")
ADMIN, WATCHER = Person("c" * 24, "admin"), Person("d" * 24, "watcher")


@pytest.fixture
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("PRECEDENCE_HOME", str(tmp_path))
    monkeypatch.setattr(shared.supervisor, "made", Supervisor(tmp_path, 1))
    monkeypatch.setattr(shared.sweeps, "made", Sweeps(shared.supervisor()))
    return tmp_path


@pytest.fixture
def table(home, tmp_path_factory):
    """Ann's."""
    file = tmp_path_factory.mktemp("brought") / "mine.csv"
    file.write_text("x,bought,paid\n" + "".join(f"{n % 7},{n % 2},{n % 3 / 2}\n" for n in range(60)))
    folder = prepare(file, "mine", {"bought": None, "paid": None})
    owners.set_owner(folder, ANN.mark)
    return folder


def test_a_table_is_its_owners_until_it_is_shared(home, table):
    config = uploaded_run(str(table))
    assert [str(table) in data_of(person) for person in (ANN, BEN, ADMIN, WATCHER)] == [True, False, True, False]
    check_data(config, ANN)
    for start in (lambda: start_run(config, BEN), lambda: start_sweep(SweepConfig(base=config), BEN)):
        with pytest.raises(PrecedenceError, match="somebody else") as told:
            start()
        assert str(home) not in str(told.value)
    assert not list(run_ids(home))
    assert not sweep_ids(home)
    owners.share(table, True)
    assert str(table) in data_of(BEN)
    run = start_run(config, BEN)
    assert RunFolder(home, run).about().owner == BEN.mark
    assert start_sweep(SweepConfig(base=config.model_copy(update={"priority": ("bought", "paid")})), BEN)
    owners.share(table, False)
    assert str(table) not in data_of(BEN)


@pytest.mark.parametrize("path", ["/proc/self/root/{table}", "{table}/../mine", "/etc", "tables/../../etc", "{home}"])
def test_an_address_names_no_other_folder(home, table, path):
    """However the path is written: what counts is the folder that it leads to, and whose that is."""
    named = path.format(table=table, home=home)
    config = uploaded_run(str(table))
    asked = config.model_copy(update={"dataset": config.dataset.model_copy(update={"path": named})})
    for start in (lambda: start_run(asked, BEN), lambda: start_sweep(SweepConfig(base=asked), BEN)):
        with pytest.raises(PrecedenceError, match=r"somebody else|not one that this server has"):
            start()
    assert not list(run_ids(home))
    assert not sweep_ids(home)


def test_an_address_names_a_table_and_not_where_it_lies(home, table):
    config = uploaded_run(str(table))
    query = to_query(config)
    assert query["dataset.path"] == "tables/mine"
    assert str(home) not in str(query)
    assert from_query(query) == config
    assert from_query({**query, "dataset.path": str(table)}) == config  # an address of before
    assert card(from_query(query).dataset).title == "mine"


def test_judged_pairs_are_the_catalogues(home):
    catalogue = home / "catalogues" / "my-shop"
    owners.set_owner(catalogue, ANN.mark)
    pairs = home / "judged" / "my-shop-0123456789abcdef"
    assert holder_of(pairs) == catalogue
    assert [owners.sees(person, holder_of(pairs)) for person in (ANN, BEN)] == [True, False]


def test_a_home_of_before_keeps_its_owners(home, table):
    (home / "owners.json").write_text(json.dumps({"tables/mine": ANN.mark, "override/3": BEN.mark}))
    assert owners.owner_of(table) == ANN.mark
    assert not owners.is_shared(table)
    owners.share(table, True)
    assert owners.owner_of("override/3") == BEN.mark
    owners.forget_owner(table)
    assert owners.sees(BEN, table)  # nobody's


def test_of_one_person_a_few_sweeps_are_open_at_a_time(home, monkeypatch):
    monkeypatch.setenv("PRECEDENCE_SWEEPS_A_PERSON", "2")
    config = SweepConfig(base=default_run("shop"))
    first = [start_sweep(config, ANN) for _ in range(2)]
    with pytest.raises(PrecedenceError, match="2 sweeps of yours are not over"):
        start_sweep(config, ANN)
    assert start_sweep(config, BEN)
    folder = SweepFolder(home, first[0])
    folder.write_records([one.model_copy(update={"state": "cancelled"}) for one in folder.records()])
    assert start_sweep(config, ANN)
