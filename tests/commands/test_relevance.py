"""The relevance commands as a person calls them, on a catalogue of their own and with a home of their own."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from core.__main__ import main
from tests.relevance.titles import TITLES

QUERY = "wireless keyboard"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An index of word overlap over ten products from a CSV file."""
    monkeypatch.setenv("PRECEDENCE_HOME", str(tmp_path / "home"))
    lines = [f'p{place},"{title}",{"sofas" if "sofa" in title else "other"}' for place, title in enumerate(TITLES)]
    (tmp_path / "products.csv").write_text("\n".join(["product_id,title,category", *lines]), encoding="utf-8")
    assert main(["relevance", "index", "--products", str(tmp_path / "products.csv"), "--model", "words",
                 "--out", str(tmp_path / "index"), "--json"]) == 0  # fmt: skip
    return tmp_path / "index"


def said(capsys: pytest.CaptureFixture[str], *arguments: object, status: int = 0) -> dict[str, Any]:
    capsys.readouterr()
    assert main(["relevance", *map(str, arguments), "--json"]) == status
    out: dict[str, Any] = json.loads(capsys.readouterr().out.splitlines()[-1])
    return out


def problem(capsys: pytest.CaptureFixture[str], *arguments: object) -> str:
    capsys.readouterr()
    assert main(["relevance", *map(str, arguments)]) == 2
    error = capsys.readouterr().err.strip()
    assert "\n" not in error
    return error


def test_search_and_explain_have_the_promised_names(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    found = said(capsys, "search", QUERY, "--index", folder)
    assert found["hits"][0]["title"] in (TITLES[0], TITLES[2])
    assert found["products"] == len(TITLES)
    told = said(capsys, "explain", QUERY, "--product", "p0", "--against", "p1", "--index", folder)
    assert set(told["contributions"][0]) == {
        *("word", "query_weight", "product_weight", "contribution", "kind", "source"),
    }
    assert sum(one["contribution"] for one in told["contributions"]) == pytest.approx(told["score"], abs=1e-9)
    assert 0 <= told["unmatched_query_mass"] <= 1
    apart = sum(one["amount"] for one in told["against"]["differences"])
    assert apart == pytest.approx(told["score"] - told["against"]["score"], abs=1e-9)
    assert main(["relevance", "explain", QUERY, "--index", str(folder)]) == 0
    assert "carries" in capsys.readouterr().out


def test_products_are_added_and_removed(folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "more.csv").write_text("product_id,title\nnew,wireless keyboard wireless keyboard\n", encoding="utf-8")
    changed = said(capsys, "index", "--out", folder, "--add", "--products", tmp_path / "more.csv", "--remove", "p0,p2")
    assert (changed["products"], changed["removed"]) == (len(TITLES) - 1, 2)
    keys = [hit["product"] for hit in said(capsys, "search", QUERY, "--index", folder)["hits"]]
    assert keys[0] == "new"
    assert not {"p0", "p2"} & set(keys)


def test_an_override_is_kept_measured_undone_and_carried_over(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    flags = ("--index", folder)
    before = said(capsys, "search", QUERY, *flags)["hits"]
    made = said(capsys, "override", "add", "--scope", "product", "--target", before[0]["product"], "--word", "keyboard",
                "--forbid", "--who", "Ada", "--why", "a test", *flags)  # fmt: skip
    assert said(capsys, "search", QUERY, *flags)["hits"] == before, "changes hold where they are asked for"
    after = said(capsys, "search", QUERY, "--overrides", "kept", *flags)["hits"]
    assert after != before
    moved = said(capsys, "override", "impact", "--queries", f"{QUERY};sofa", *flags)["queries"]
    assert [one["changed"] for one in moved] == [True, False]
    file = tmp_path / "overrides.json"
    assert said(capsys, "override", "export", file, *flags)["overrides"] == 1
    assert said(capsys, "search", QUERY, "--overrides", file, *flags)["hits"] == after
    said(capsys, "override", "undo", made["id"], "--who", "Bo", *flags)
    assert said(capsys, "search", QUERY, "--overrides", "kept", *flags)["hits"] == before
    said(capsys, "override", "import", file, *flags)
    assert said(capsys, "search", QUERY, "--overrides", "kept", *flags)["hits"] == after
    assert [one["what"] for one in said(capsys, "override", "log", *flags)["log"]] == ["imported", "undone", "kept"]
    listed = said(capsys, "override", "list", *flags)["overrides"]
    assert [one["undone"] for one in listed] == [True, False]


def test_mistakes_are_told_in_one_sentence(folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    flags = ("--index", folder)
    assert "no product" in problem(capsys, "explain", QUERY, "--product", "p99", *flags)
    assert "no index" in problem(capsys, "search", QUERY, "--index", tmp_path / "nowhere")
    assert "holds an index already" in problem(capsys, "index", "--out", folder, "--model", "words")
    assert "no relevance model" in problem(capsys, "index", "--out", tmp_path / "other", "--model", "magic")
    assert "exactly one of" in problem(capsys, "override", "add", "--word", "sofa", *flags)
    assert "no word or phrase" in problem(capsys, "override", "add", "--word", "...", "--forbid", *flags)
    assert "does not exist" in problem(capsys, "search", QUERY, "--overrides", tmp_path / "none.json", *flags)
    (tmp_path / "bare.csv").write_text("a,b\n1,2\n")
    assert "no column for the title" in problem(
        capsys, "index", "--products", tmp_path / "bare.csv", "--model", "words", "--out", tmp_path / "x"
    )
    vocabulary = folder / "model" / "vocabulary.json"
    vocabulary.write_text(vocabulary.read_text().replace('"texts":', '"texts":1'))
    assert "another model" in problem(capsys, "search", QUERY, *flags)


def test_a_search_without_a_hit_says_so(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for query, words in (("", "holds no word"), ("zzqx wvvk", "No title holds a word of 'zzqx wvvk'")):
        assert said(capsys, "search", query, "--index", folder)["hits"] == []
        assert main(["relevance", "search", query, "--index", str(folder)]) == 0
        assert words in capsys.readouterr().out
        assert words in problem(capsys, "explain", query, "--index", folder)


@pytest.mark.parametrize("query", ["", "a", "📱", "x" * 10_000, "<script>alert(1)</script>", "键盘 keyboard 🙂"])
def test_hostile_queries_are_answered(folder: Path, capsys: pytest.CaptureFixture[str], query: str) -> None:
    assert said(capsys, "search", query, "--index", folder)["query"] == query
    assert said(capsys, "explain", query, "--product", "p8", "--index", folder)["title"] == TITLES[8]
