"""Names of what people bring: each kind has its own, a refused one changes nothing, and content decides, not a name."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest

from core.__main__ import main
from core.data.registry import read_histories, uploaded_cards
from core.users.spaces.space import SpaceChoice

TABLE = ["click,price", *(f"{row % 2},{row}" for row in range(200))]


def pairs(file: Path, word: str = "thing") -> Path:
    rows = [f"{word}{at},a {word}{at},{at % 2}\n{word}{at},no {at},{(at + 1) % 2}" for at in range(60)]
    file.write_text("\n".join(["query,title,label", *rows]), encoding="utf-8")
    return file


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("PRECEDENCE_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


def state(home: Path) -> dict[str, str]:
    """Every file of the home with a mark of its content."""
    files = [path for path in sorted(home.rglob("*")) if path.is_file() and "logs" not in path.parts]
    return {str(path.relative_to(home)): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def said(capsys: pytest.CaptureFixture[str], *arguments: object) -> dict[str, Any]:
    capsys.readouterr()
    assert main([*map(str, arguments), "--json"]) == 0, capsys.readouterr().err
    out: dict[str, Any] = json.loads(capsys.readouterr().out.splitlines()[-1])
    return out


def test_a_name_that_is_taken_is_refused_and_nothing_changes(
    home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    said(capsys, "relevance", "collection", pairs(tmp_path / "keepme.csv"), "--model", "words")
    before = state(home)
    other = pairs(tmp_path / "other.csv", "else")
    for more in ((), ("--take",)):
        assert main(["relevance", "collection", str(other), "--name", "keepme", "--model", "words", *more]) == 2
        assert "called keepme already" in capsys.readouterr().err
        assert state(home) == before
    assert other.is_file()
    table = json.loads((home / "catalogues" / "keepme" / "about.json").read_text())["train"]["dataset"]["path"]
    assert (Path(table) / "table.parquet").is_file()


def test_taking_deletes_what_was_read_and_nothing_else(
    home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    place = tmp_path / "mine"
    place.mkdir()
    (place / "letter.txt").write_text("keep", encoding="utf-8")
    assert main(["relevance", "collection", str(place / "absent.csv"), "--take", "--model", "words"]) == 2
    (place / "odd.csv").write_text("query,title,label\na,b,excellent\n", encoding="utf-8")
    assert main(["relevance", "collection", str(place / "odd.csv"), "--take", "--model", "words"]) == 2
    assert {path.name for path in place.iterdir()} == {"letter.txt", "odd.csv"}
    said(capsys, "relevance", "collection", pairs(place / "good.csv"), "--take", "--model", "words")
    assert {path.name for path in place.iterdir()} == {"letter.txt", "odd.csv"}
    upload = home / "uploads" / "up"
    upload.mkdir(parents=True)
    said(capsys, "relevance", "collection", pairs(upload / "up.csv"), "--take", "--model", "words")
    assert not upload.exists(), "what the server made for an upload goes with it"


def test_table_pairs_and_collection_of_one_name_do_not_meet(
    home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "pairs.csv").write_text("\n".join(TABLE), encoding="utf-8")
    said(capsys, "data", "prepare", tmp_path / "pairs.csv", "--labels", "click")
    table = state(home / "tables" / "pairs")
    pairs(tmp_path / "pairs.csv")
    said(capsys, "relevance", "evaluate", "--pairs", tmp_path / "pairs.csv")
    assert state(home / "tables" / "pairs") == table
    said(capsys, "relevance", "collection", tmp_path / "pairs.csv", "--model", "words")
    assert state(home / "tables" / "pairs") == table
    assert sorted(card.title for card in uploaded_cards().values()) == ["pairs"] * 3
    pairs(tmp_path / "pairs.csv", "new")
    said(capsys, "relevance", "evaluate", "--pairs", tmp_path / "pairs.csv")
    assert len(list((home / "pairs").iterdir())) == 2, "an edited file is another data set"
    said(capsys, "relevance", "collection", "--remove", "pairs")
    assert not list((home / "judged").iterdir())
    assert state(home / "tables" / "pairs") == table


def test_a_removed_collection_of_an_earlier_version_takes_its_table_but_no_other(
    home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "t.csv").write_text("\n".join(TABLE), encoding="utf-8")
    for name, of_pairs in (("old", True), ("mine", False)):
        said(capsys, "relevance", "collection", pairs(tmp_path / f"{name}.csv"), "--model", "words")
        file = home / "catalogues" / name / "about.json"
        about = json.loads(file.read_text())
        table = Path(about["train"]["dataset"]["path"])
        about["train"]["dataset"]["path"] = str(home / "tables" / name)
        file.write_text(json.dumps(about))
        (home / "tables").mkdir(exist_ok=True)
        if of_pairs:
            table.rename(home / "tables" / name)
        else:
            said(capsys, "data", "prepare", tmp_path / "t.csv", "--labels", "click", "--name", name)
        said(capsys, "relevance", "collection", "--remove", name)
    assert [path.name for path in (home / "tables").iterdir()] == ["mine"]


def test_overrides_of_two_indexes_of_one_folder_name_are_apart(
    home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "p.csv").write_text("product_id,title\np1,red sofa\np2,blue lamp\n", encoding="utf-8")
    for above in ("a", "b"):
        (tmp_path / above).mkdir()
        said(capsys, "relevance", "index", "--products", tmp_path / "p.csv", "--model", "words",
             "--out", tmp_path / above / "r03")  # fmt: skip
    a, b = (("--index", tmp_path / above / "r03") for above in ("a", "b"))
    said(capsys, "relevance", "override", "add", "--word", "sofa", "--forbid", "--why", "x", *a)
    assert len(said(capsys, "relevance", "override", "list", *a)["overrides"]) == 1
    assert said(capsys, "relevance", "override", "list", *b)["overrides"] == []


def test_overrides_kept_by_an_earlier_version_still_hold(
    home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    from core.relevance.overrides import OverrideLog, override_of

    (tmp_path / "p.csv").write_text("product_id,title\np1,red sofa\np2,blue lamp\n", encoding="utf-8")
    index = tmp_path / "r03"
    said(capsys, "relevance", "index", "--products", tmp_path / "p.csv", "--model", "words", "--out", index)
    log = OverrideLog(home / "overrides.duckdb")
    log.keep("r03", [override_of(scope="term", word="sofa", target="", action="forbid", value=None)], "Ada", "old")
    log.close()
    for _ in range(2):
        (kept,) = said(capsys, "relevance", "override", "list", "--index", index)["overrides"]
    assert (kept["who"], kept["why"]) == ("Ada", "old")
    said(capsys, "relevance", "override", "undo", kept["id"], "--index", index)
    assert [one["undone"] for one in said(capsys, "relevance", "override", "list", "--index", index)["overrides"]] == [
        True
    ]
    assert len(said(capsys, "relevance", "override", "log", "--index", index)["log"]) == 2


def test_an_edited_file_of_events_is_another_space(home: Path, tmp_path: Path) -> None:
    file = tmp_path / "events.csv"

    def write(turn: int) -> None:
        rows = [f"u{user},i{(user * turn + at) % 7},2026-03-{at + 1:02d}" for user in range(9) for at in range(4)]
        file.write_text("\n".join(["user,item,time", *rows]), encoding="utf-8")

    write(1)
    before = SpaceChoice("own", "counts", str(file)).name()
    seen = read_histories("own", str(file)).item.tolist()
    write(3)
    after = SpaceChoice("own", "counts", str(file))
    assert after.name() != before
    assert after.histories().item.tolist() != seen
    write(1)
    assert SpaceChoice("own", "counts", str(file)).name() == before
    assert read_histories("own", str(file)).item.tolist() == seen
