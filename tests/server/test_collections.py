"""Files and runs become collections beside the server: brought once, told how far, each with overrides of its own."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from core.data.source import DatasetChoice
from core.errors import PrecedenceError
from core.progress import Progress
from core.relevance.overrides import override_of
from core.relevance.stores.collection import About, progress_file, write_collection
from core.relevance.stores.index_store import WORDS, encoder_of
from core.relevance.stores.uploaded import read_catalogue
from core.runs.folder.run_folder import RunFolder
from core.runs.folder.status import RunStatus
from core.server import collections, search, shared
from core.server.runs import delete_run
from core.settings.presets import uploaded_run
from core.settings.run import RunConfig
from tests.conftest import end_all, processes_of
from tests.runs.support import wait_until


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("PRECEDENCE_HOME", str(tmp_path / "home"))
    without_shared()
    yield tmp_path / "home"
    collections.close()
    search.close()
    without_shared()
    end_all(processes_of(tmp_path))


def without_shared() -> None:
    """The process has one library and one supervisor, of the home where they were first asked for: the next are of
    this home."""
    for part in (shared.supervisor, shared.library):
        made = part.taken()
        if made is not None:
            made.close()


def brought(name: str) -> bool:
    stand = collections.status_of(name)
    assert stand.progress is None or stand.progress.problem is None, stand.progress
    return stand.state == "ready"


@pytest.mark.slow
def test_a_file_of_pairs_is_searched_measured_and_ready_to_train(home: Path, tmp_path: Path) -> None:
    file = tmp_path / "pairs.csv"
    rows = [f"red thing{at},{colour} thing{at} {at},{grade}" for at in range(40) for colour, grade in
            (("red", "E"), ("blue", "S"), ("green", "I"))]  # fmt: skip
    file.write_text("\n".join(["search_query,product_title,esci_label", *rows]), encoding="utf-8")
    columns = {"query": "search_query", "title": "product_title", "label": "esci_label"}
    name = collections.bring(file, "Mine", columns, WORDS)
    assert name == "mine"
    with pytest.raises(PrecedenceError, match="already"):
        collections.bring(file, "mine", columns, WORDS)
    file.unlink()
    wait_until(lambda: brought(name))
    catalogue, searcher = search.own(name)
    best = searcher.index.product(int(searcher.search("red thing7", 1).rows[0]))
    assert best.title == "red thing7 7"
    wait_until(lambda: not collections.is_measuring(name))
    assert collections.problem(name) == ""
    rows_of = {row.model for row in search.quality(name) or []}
    assert rows_of == {"bm25", "overlap"}
    about = collections.about(name)
    assert about.title == "Mine"
    assert about.train is not None
    assert Path(about.train.dataset.path or "").parent == home / "judged"
    assert not list((home / "uploads").iterdir()), "the upload is gone once it is indexed"

    search.overrides().keep(catalogue.name, [override_of(scope="term", word="red", action="forbid")], "Ada", "a test")
    assert len(search.overrides().active("mine")) == 1
    assert search.overrides().active("shop") == [], "a change of one collection does not leak into another"

    learning = RunFolder.create(home, about.train)
    assert collections.learnt_from(name) == [learning.run_id]
    with pytest.raises(PrecedenceError, match=f"{learning.run_id}.*is queued; stop it"):
        collections.remove(name)
    assert collections.status_of(name).state == "ready"
    learning.write_status(RunStatus(state="finished"))
    collections.remove(name)
    assert not list(home.rglob("*mine*")), "nothing is left of it"
    assert collections.entries() == []
    assert search.overrides().all(name) == []
    assert search.overrides().audit(name) == []
    with pytest.raises(PrecedenceError, match="no catalogue named 'mine'"):
        search.own(name)
    assert collections.free_name("Mine") == "mine"


@pytest.mark.slow
def test_a_file_that_fails_is_told_and_leaves_nothing(home: Path, tmp_path: Path) -> None:
    file = tmp_path / "odd.csv"
    file.write_text("query,title,label\na,b,excellent\n", encoding="utf-8")
    name = collections.bring(file, "odd", {"query": "query", "title": "title", "label": "label"}, WORDS)
    wait_until(lambda: (collections.status_of(name).progress or Progress(process=0, stage="")).problem is not None)
    progress = collections.status_of(name).progress
    assert progress is not None
    assert "'excellent'" in (progress.problem or "")
    collections.forget(name)
    with pytest.raises(PrecedenceError, match="no catalogue named 'odd'"):
        collections.status_of(name)
    assert collections.free_name("odd") == "odd"


def test_names_that_stand_for_something_are_refused(home: Path) -> None:
    run = RunFolder.create(home, RunConfig())
    (home / "tables" / "table").mkdir(parents=True)
    for taken in ("shop", "Shop", run.run_id):
        with pytest.raises(PrecedenceError, match="already"):
            collections.free_name(taken)
    assert collections.free_name("table") == "table", "tables have names of their own"


def test_a_run_trains_first(home: Path) -> None:
    run = RunFolder.create(home, uploaded_run("somewhere", "pairs"))
    assert collections.status_of(run.run_id).state == "training"
    other = RunFolder.create(home, RunConfig(dataset=DatasetChoice()))
    with pytest.raises(PrecedenceError, match="no bags of words"):
        collections.status_of(other.run_id)


def test_a_catalogue_whose_making_broke_off_is_told(home: Path) -> None:
    file = progress_file("mine")
    file.parent.mkdir(parents=True)
    file.write_text(json.dumps({"process": 2**22 - 1, "stage": "encoding titles"}))
    stand = collections.status_of("mine")
    assert stand.progress is not None
    assert "bring the file again" in (stand.progress.problem or "")


def test_a_deleted_run_takes_its_collection_along(home: Path, tmp_path: Path) -> None:
    run = RunFolder.create(home, uploaded_run("somewhere", "pairs"))
    file = tmp_path / "titles.csv"
    file.write_text("title\nred sofa\nblue lamp\n", encoding="utf-8")
    own = read_catalogue(file)
    encoder = encoder_of(WORDS, [product.title for product in own.products])
    write_collection(run.run_id, About(run=run.run_id), own, encoder, lambda stage, done, total: None)
    assert [entry.removable for entry in collections.entries()] == [False], "it goes with its run"
    with pytest.raises(PrecedenceError, match="stop it before"):
        delete_run(run.run_id)
    run.write_status(RunStatus(state="finished"))
    delete_run(run.run_id)
    assert not run.path.exists()
    assert not list((home / "catalogues").iterdir())
