"""The Relevance page's searchers: no torch in the process that serves, bags made elsewhere, overrides of one home."""

from __future__ import annotations

import subprocess
import sys

import pytest

from core.errors import PrecedenceError
from core.relevance.overrides import OverrideLog, override_of
from core.server import search

CODE = """
import sys
from core.server import search
for query, language in (("wireless headphones", "en"), ("无线耳机", "zh")):
    searcher = search.searcher(language)
    hits = searcher.search(query)
    assert len(hits.rows)
    searcher.explain(query, int(hits.rows[0])), searcher.lift(query, int(hits.rows[-1]))
search.overrides().keep("shop", [], "nobody", "")
assert "torch" not in sys.modules, "the server holds torch"
assert search.searcher("en") is search.searcher("en")
"""


def test_searching_and_explaining_need_no_torch(tmp_path) -> None:
    home = str(tmp_path)
    done = subprocess.run([sys.executable, "-c", CODE], env=_environment(home), capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-2000:]
    assert (tmp_path / "overrides.duckdb").exists()


def test_overrides_are_those_of_this_home(tmp_path, monkeypatch) -> None:
    monkeypatch.setenv("PRECEDENCE_HOME", str(tmp_path))
    search.close()
    made = override_of(scope="term", word="sofa", action="forbid")
    search.overrides().keep("shop", [made], "Ada", "a test")
    assert search.overrides().active("shop") == [made]
    search.close()
    again = OverrideLog(tmp_path / "overrides.duckdb")
    assert again.active("shop") == [made]
    again.close()


def test_a_model_that_is_not_there_is_refused(tmp_path, monkeypatch) -> None:
    monkeypatch.setenv("PRECEDENCE_HOME", str(tmp_path))
    with pytest.raises(PrecedenceError, match="no relevance model"):
        search.searcher("en", str(tmp_path / "nothing"))


def _environment(home: str) -> dict[str, str]:
    import os

    return {**os.environ, "PRECEDENCE_HOME": home}
