"""The registry knows every data set without reading one, and the command line says the same."""

from __future__ import annotations

import importlib
import json
import pkgutil
import subprocess
import sys
from pathlib import Path

import pytest

from core.__main__ import main
from core.data import sources
from core.data.registry import SOURCES, card, cards, read_histories, source_of
from core.data.source import DatasetChoice
from core.data.sources.shop.files import COMMITTED
from core.errors import PrecedenceError


def test_cards_need_no_torch() -> None:
    code = "import sys; from core.data.registry import cards; cards(); print('torch' in sys.modules)"
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert result.stdout.strip() == "False"


def test_every_name_has_a_card_and_the_simulated_one_says_so() -> None:
    assert card(DatasetChoice()).name == "shop"
    for name in ("shop", "completejourney"):
        assert "imulated" in cards()[name].notice
    assert "not for research or commercial decisions" in cards()["completejourney"].notice


def test_no_module_is_forgotten_and_each_says_what_its_form_needs() -> None:
    found = {module.name for module in pkgutil.iter_modules(sources.__path__)} - {"uploaded"}
    assert found == set(SOURCES)
    for name, source in SOURCES.items():
        assert importlib.import_module(f"core.data.sources.{name}").SOURCE is source
        assert set(source.options) <= set(DatasetChoice.model_fields)
        assert source.part_of in ("", *SOURCES)
        reads = {"histories": source.read_histories and source.ask, "pairs": source.read_pairs}
        assert [form for form, read in reads.items() if read] == ([] if source.form == "rows" else [source.form])


def test_what_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(PrecedenceError, match=r"no data set called nothing; choose one of shop, .*, own"):
        source_of(DatasetChoice(name="nothing"))
    with pytest.raises(PrecedenceError, match="is no prepared table"):
        source_of(DatasetChoice(name="own", path=str(tmp_path)))
    with pytest.raises(PrecedenceError, match="The data set shop has no histories"):
        read_histories("shop")


def test_a_choice_keeps_the_form_that_run_folders_have() -> None:
    text = '{"name":"own","conflict":0.7,"path":"tables/mine","rows":50}'
    assert DatasetChoice.model_validate_json(text).model_dump_json() == text
    first = '{"name":"shop","conflict":0.7,"path":null,"rows":null}'
    assert DatasetChoice.model_validate_json(first).edition == 1  # from before there were editions
    assert DatasetChoice.model_validate_json(first).model_dump_json() == first
    newest = DatasetChoice()
    assert newest.edition == 2
    assert DatasetChoice.model_validate_json(newest.model_dump_json()) == newest
    assert DatasetChoice(name="census").edition == 1


def test_list_and_check_in_json(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["data", "list", "--json"]) == 0
    listed = json.loads(capsys.readouterr().out.splitlines()[-1])["datasets"]
    assert [entry["name"] for entry in listed][: len(cards())] == list(cards())
    assert main(["data", "check", "shop", "--json"]) == 0
    result = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert set(result) == {"rows", "tasks", "problems"}
    assert result["problems"] == []
    assert result["tasks"]["relevance"]["known"] + result["tasks"]["relevance"]["missing"] == result["rows"]
    assert 0.55 < result["tasks"]["relevance"]["known"] / result["rows"] < 0.65


def test_a_file_is_checked_and_prepared(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PRECEDENCE_HOME", str(tmp_path / "home"))
    file = tmp_path / "clicks.tsv"
    lines = [f"w{n % 5}\t{n % 2}\t{n * 0.5}" for n in range(200)]
    file.write_text("\n".join(["word\tclick\tpaid", *lines]) + "\n")
    assert main(["data", "check", str(file), "--labels", "click,paid:regression", "--json"]) == 0
    result = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert {name: task["kind"] for name, task in result["tasks"].items()} == {"click": "binary", "paid": "regression"}
    assert main(["data", "prepare", str(file), "--labels", "click", "--json"]) == 0
    path = json.loads(capsys.readouterr().out.splitlines()[-1])["path"]
    assert main(["data", "check", path, "--json"]) == 0
    assert json.loads(capsys.readouterr().out.splitlines()[-1])["rows"] == 200


def test_a_file_that_is_not_fit_for_use_ends_with_status_1(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    file = tmp_path / "few.csv"
    file.write_text("word,click\na,0\nb,1\n")
    assert main(["data", "check", str(file), "--labels", "click", "--json"]) == 1
    (problem,) = json.loads(capsys.readouterr().out.splitlines()[-1])["problems"]
    assert "has 2 rows; at least 50" in problem
    assert main(["data", "check", str(file), "--labels", "click:often"]) == 1
    assert "Column click:often is not in the table ('often' is no kind of label: binary" in capsys.readouterr().out


def test_mistakes_end_with_one_sentence_and_status_2(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["data", "check", "nowhere.csv"]) == 2
    error = capsys.readouterr().err
    assert "nowhere.csv does not exist" in error
    assert len(error.strip().splitlines()) == 1


def test_the_committed_shop_is_what_the_default_loads() -> None:
    from core.data.registry import prepared_folder

    assert prepared_folder(DatasetChoice()) == COMMITTED / "prepared"
